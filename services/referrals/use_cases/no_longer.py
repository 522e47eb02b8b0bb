"""Which referrals' data may go to no agency's own system any more, however late or often an event is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from services.referrals.domain.status import LET_GO
from services.referrals.persistence import queries
from services.referrals.persistence import referrals as store

FROZEN = "frozen"


def no_longer(connection: Connection, referrals: Collection[str]) -> Mapping[str, str]:
    """Give those of these referrals whose agency may be sent nothing now, each with the reason.

    It has nothing to do with the person any more (the status tells), or consent has ended (``frozen``).
    """
    found = queries.in_status(connection, referrals, LET_GO)
    held = store.load(connection, list(referrals))
    frozen = {referral.id: FROZEN for referral in held.values() if referral.life.frozen is not None}
    return frozen | {referral: status.value for referral, status in found.items()}
