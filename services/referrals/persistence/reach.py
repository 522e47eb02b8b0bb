"""What a web process sees of referrals on PostgreSQL, whatever it asks for: the second line behind ``filters.py``."""

from __future__ import annotations

from shared.db.policies import Limited, among, everything

_ISSUED = "(status <> 'planned' AND (status <> 'cancelled' OR previous_status IS DISTINCT FROM 'planned'))"
_COUNTER = among("agency || '/' || desk_street", "counters")
_ITS_AGENCYS = f"({among('agency', 'agencies')} OR {_COUNTER}) AND {_ISSUED}"
_FOLLOWED = f"{everything()} OR {among('unit', 'units')} OR {among('street', 'streets')}"
# A scalar sub-select asks for one referral by its key; EXISTS might be turned into a list of all that there are.
_OF_REFERRAL = "(SELECT {what} FROM referrals WHERE referrals.id = referral_id)"

POLICIES = (
    Limited("referrals", f"({_FOLLOWED}) OR ({_ITS_AGENCYS})"),
    # Sealed to the agency, and nobody else's: whoever follows all referrals has no packet of any.
    *(Limited(table, _OF_REFERRAL.format(what=_ITS_AGENCYS)) for table in ("packets", "messages")),
    # Whoever sees the referral: the policy of that table applies to the sub-select.
    *(Limited(table, _OF_REFERRAL.format(what="true")) for table in ("history", "slips")),
)
