"""The public notice before a grant: while one hangs nothing is granted, for whoever objects must be heard first."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from services.referrals.domain import wording
from services.referrals.domain.doing import Doing, filled
from services.referrals.domain.errors import TooLate
from services.referrals.domain.outcomes import GRANTING
from services.referrals.domain.status import Status
from shared.clock import publicity_ends_at
from shared.clock.steps import PUBLICITY

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral


def check_notice(doing: Doing, outcome: str) -> None:
    """Object to a grant while a notice that was put up still hangs.

    Raises ``TooLate`` naming its last day. What is not granted need not wait.
    """
    rule: Any = doing.referral.rules.get("publicity")
    put_up = _put_up(doing.referral)
    if outcome not in GRANTING or not rule or put_up is None:
        return
    ends_at = publicity_ends_at(rule, put_up, doing.timetable.calendar, doing.timetable.timezone)
    if doing.at <= ends_at:
        last: date = doing.timetable.day_of(ends_at)
        told = filled(wording.NOTICE_HANGS, last=last.isoformat())
        raise TooLate("close", doing.referral.status, told, until=last)


def is_granted_unpublished(referral: Referral) -> bool:
    """Tell whether something was granted whose public notice nobody has recorded: it may have hung all the same."""
    granted = referral.status is Status.CLOSED and referral.outcome in GRANTING
    return granted and bool(referral.rules.get("publicity")) and _put_up(referral) is None


def _put_up(referral: Referral) -> datetime | None:
    return next((step.at for step in reversed(referral.life.steps) if step.step == PUBLICITY), None)
