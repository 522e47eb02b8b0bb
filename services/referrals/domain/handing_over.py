"""Returns and transfers: somebody else takes over, and until then the old holder stays answerable (首问负责)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.referrals.domain import reasons, wording
from services.referrals.domain.clocks import DECIDE, Timetable, pauses_of, rule_of
from services.referrals.domain.doing import Doing, Effect, coded, one_of
from services.referrals.domain.errors import BadFields, FieldFault, TooLate
from services.referrals.domain.life import Proposal
from shared.clock import total_until
from shared.text import Text

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral

REISSUE = "referral.reissue-requested.v1"
NEXT_TEXTS: Mapping[str, Text] = MappingProxyType(
    {"none": Text("不再转介", "Nothing more"), "reissue": Text("转由其他单位办理", "Another agency goes on")}
)
NEXT = tuple(NEXT_TEXTS)
"""What may come after a confirmed return."""
_RECEIVER = ("to_agency", "to_programme")


def propose_return(doing: Doing) -> Effect:
    """Put it to the coordinator that somebody else should help; within five working days of delivery."""
    leg = doing.referral
    reason = coded(doing.fields, "reason", reasons.RETURN_REASONS)
    limit = doing.timetable.limits.get("return_wrong_agency")
    if limit is not None and doing.at > doing.timetable.due(limit, leg.issued_at).due_at:
        raise TooLate("propose-return", leg.status, wording.RETURN_TOO_LATE)
    life = replace(
        leg.life.paused("return", doing.at), proposal=Proposal("return", reason=reason, by=doing.by)
    )
    return Effect(life, codes={"reason": reason})


def confirm_return(doing: Doing) -> Effect:
    """Let the agency off: at once, or as soon as a successor has been issued."""
    leg, after = doing.referral, doing.fields.get("next")
    if after not in NEXT:
        raise BadFields([FieldFault("next", one_of(wording.NEXT_NEEDED, NEXT_TEXTS))])
    proposal = leg.life.proposal
    reason = proposal.reason if proposal else "other"
    if after == "none":
        reason = _ends(doing)
        life = replace(leg.life.resumed(doing.at), returns=leg.life.returns + 1)
        return Effect(life, codes={"reason": reason, "next": after}, sets={"reason": reason})
    agency = doing.fields.get("to_agency")
    if not agency or agency == leg.agency:
        raise BadFields([FieldFault("to_agency", wording.OTHER_AGENCY)])
    if proposal is None or proposal.confirmed:
        raise BadFields([FieldFault("next", wording.UNDER_WAY)])
    going = replace(
        proposal, to_agency=agency, to_programme=doing.fields.get("to_programme"), confirmed=True, failed=None
    )
    return Effect(
        replace(leg.life, proposal=going),
        codes=_successor_wanted(doing, going, "return"),
        stays=True,
        fact=REISSUE,
    )


def _ends(doing: Doing) -> str:
    """Give the coordinator's own reason why nobody goes on with it; raises ``BadFields``."""
    faults = [FieldFault(name, wording.NO_SUCCESSOR) for name in _RECEIVER if doing.fields.get(name)]
    try:
        reason = coded(doing.fields, "reason", reasons.RETURN_REASONS)
    except BadFields as error:
        raise BadFields([*error.faults, *faults]) from error
    if faults:
        raise BadFields(faults)
    return reason


def complete_return(doing: Doing) -> Effect:
    """End a confirmed return, now that its successor has been issued."""
    leg, successor = doing.referral, doing.fields["successor"]
    reason = leg.life.proposal.reason if leg.life.proposal else "other"
    life = replace(leg.life.resumed(doing.at), successor=successor, returns=leg.life.returns + 1)
    return Effect(
        life,
        codes={"reason": reason, "next": "reissue", "successor": successor},
        sets={"reason": reason},
    )


def _successor_wanted(doing: Doing, proposal: Proposal, cause: str) -> dict[str, Any]:
    leg = doing.referral
    used = used_days(leg, doing.at, doing.timetable)
    return {
        "cause": cause,
        "to_agency": proposal.to_agency,
        "to_programme": proposal.to_programme,
        "days_used": used,
    }


def used_days(leg: Referral, at: datetime, timetable: Timetable) -> int:
    """Count the units of the decision clock that are gone, with those brought along; a successor goes on from there.

    The day of handing over is not counted: the successor has it in full.
    """
    found = rule_of(DECIDE, leg.rules, leg.starts, leg.life, timetable)
    if found is None:
        return leg.life.days_used
    rule, started_at = found
    if rule["unit"] == "hour":
        return leg.life.days_used + int((at - started_at) / timedelta(hours=1))
    reached = total_until(
        rule,  # type: ignore[arg-type]
        started_at,
        timetable.day_of(at),
        timetable.calendar,
        timetable.timezone,
        pauses_of(leg.life.resumed(at)),
    )
    return leg.life.days_used + reached - 1


def refuse_return(doing: Doing) -> Effect:
    """Leave the referral with its agency; its clocks go on."""
    reason = coded(doing.fields, "reason", reasons.KEEP_REASONS)
    return Effect(replace(doing.referral.life.resumed(doing.at), proposal=None), codes={"reason": reason})


def propose_transfer(doing: Doing) -> Effect:
    """Propose another agency; the holder stays answerable until the successor is issued."""
    leg = doing.referral
    reason = coded(doing.fields, "reason", reasons.TRANSFER_REASONS)
    agency = doing.fields.get("to_agency")
    if not agency or agency == leg.agency:
        raise BadFields([FieldFault("to_agency", wording.OTHER_AGENCY)])
    proposal = Proposal(
        "transfer",
        reason=reason,
        by=doing.by,
        to_agency=agency,
        to_programme=doing.fields.get("to_programme"),
        confirmed=True,
    )
    return Effect(
        replace(leg.life, proposal=proposal),
        codes={"reason": reason, "to_agency": agency},
        asks=_successor_wanted(doing, proposal, "transfer"),
    )


def complete_transfer(doing: Doing) -> Effect:
    """End a transfer, now that its successor has been issued."""
    successor = doing.fields["successor"]
    proposal = doing.referral.life.proposal
    codes = {"successor": successor, "to_agency": proposal.to_agency if proposal else None}
    return Effect(replace(doing.referral.life, successor=successor), codes=codes)


def refuse_transfer(doing: Doing) -> Effect:
    """Leave the referral with its agency, for the reason the help desk gave."""
    return Effect(replace(doing.referral.life, proposal=None), codes={"reason": doing.fields["reason"]})
