"""Whose a referral is within its agency: claimed, assigned, handed to a colleague, or lent to one for a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.referrals.domain import wording
from services.referrals.domain.doing import Doing, Effect, filled
from services.referrals.domain.errors import BadFields, FieldFault, TooLate
from services.referrals.domain.referral import Referral
from shared.text import Text

LONGEST_LENT = timedelta(days=366)
"""A last day further ahead is a slip of the pen."""


def claim(doing: Doing) -> Effect:
    """Take on what nobody has taken on yet, or back what is one's own and lent."""
    assignee = doing.referral.assignee
    if assignee is not None and assignee != doing.by:
        raise TooLate("claim", doing.referral.status, wording.CLAIMED)
    if _has_it_alone(doing, doing.by):
        raise TooLate("claim", doing.referral.status, wording.CLAIMED_BY_YOU)
    return _to(doing, str(doing.by))


def assign(doing: Doing) -> Effect:
    """Give it to an officer."""
    return _to(doing, _another(doing))


def reassign(doing: Doing) -> Effect:
    """Give to another officer what somebody has taken on; a handover says for which ``reason`` (a code)."""
    staff = _another(doing)
    _require_holder(doing, "reassign")
    reason = doing.fields.get("reason")
    return _to(doing, staff, **({"reason": reason} if reason else {}))


def delegate(doing: Doing) -> Effect:
    """Lend it to a colleague until a day, after which it is back by itself; whose it is stays."""
    staff, until = _officer(doing), doing.fields.get("until")
    wrong = wrong_until(until, doing.timetable.day_of(doing.at))
    if wrong is not None or until is None:
        raise BadFields([FieldFault("until", wrong or wording.UNTIL_NEEDED)])
    _require_holder(doing, "delegate")
    if staff == doing.referral.assignee:
        raise BadFields([FieldFault("assignee", wording.ANOTHER_OFFICER)])
    if is_lent(doing.referral, staff, until):
        raise TooLate("delegate", doing.referral.status, wording.LENT_ALREADY)
    reason = doing.fields.get("reason")
    return Effect(
        doing.referral.life,
        codes={
            "assignee": staff,
            "until": until.isoformat(),
            "holder": doing.referral.assignee,
            **({"reason": reason} if reason else {}),
        },
        sets={"delegated_to": staff, "delegated_until": until},
    )


def is_lent(referral: Referral, staff: str, until: date) -> bool:
    """Tell whether it is lent to a colleague until this very day."""
    return (referral.delegated_to, referral.delegated_until) == (staff, until)


def wrong_until(until: object, today: date) -> Text | None:
    """Tell what is wrong with a last day of lending; None if nothing is."""
    if not isinstance(until, date) or until < today:
        return wording.UNTIL_NEEDED
    latest = today + LONGEST_LENT
    return filled(wording.UNTIL_TOO_FAR, latest=latest.isoformat()) if until > latest else None


def deputy(referral: Referral, today: date) -> str | None:
    """Give the colleague who stands in for whose it is today; None if nobody does, or not any more."""
    until = referral.delegated_until
    return referral.delegated_to if until is not None and today <= until else None


def is_at_hand(referral: Referral, staff: str, today: date) -> bool:
    """Tell whether it is an officer's own, or lent to them today."""
    return staff in {referral.assignee, deputy(referral, today)}


def _officer(doing: Doing) -> str:
    staff = doing.fields.get("assignee")
    if not staff:
        raise BadFields([FieldFault("assignee", wording.ASSIGNEE_NEEDED)])
    return str(staff)


def _another(doing: Doing) -> str:
    """Give the officer whose it is to be; whose it is already gets it only back, from a colleague it is lent to."""
    staff = _officer(doing)
    if _has_it_alone(doing, staff):
        raise BadFields([FieldFault("assignee", wording.ANOTHER_OFFICER)])
    return staff


def _has_it_alone(doing: Doing, staff: str | None) -> bool:
    leg = doing.referral
    return (
        leg.assignee is not None
        and leg.assignee == staff
        and deputy(leg, doing.timetable.day_of(doing.at)) is None
    )


def _require_holder(doing: Doing, action: str) -> None:
    if doing.referral.assignee is None:
        raise TooLate(action, doing.referral.status, wording.NOBODYS)


def _to(doing: Doing, staff: str, **codes: Any) -> Effect:  # noqa: ANN401 - codes
    sets = {"assignee": staff, "delegated_to": None, "delegated_until": None}
    before = doing.referral.assignee
    if before == staff:
        # It is taken back from the colleague to whom it was lent.
        before = deputy(doing.referral, doing.timetable.day_of(doing.at))
    # Whoever had it in hand is told that it went to somebody else.
    holder = {"holder": before} if before not in {None, staff} else {}
    return Effect(doing.referral.life, codes={"assignee": staff, **holder, **codes}, sets=sets)
