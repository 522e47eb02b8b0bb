"""What moves a late referral on: urging, notices that only grow, and the reason an agency owes for being late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.referrals.domain import reasons, wording
from services.referrals.domain.clocks import WHOSE, first_of_its_own
from services.referrals.domain.doing import Doing, Effect, coded, filled, one_of
from services.referrals.domain.errors import BadFields, FieldFault, TooLate
from services.referrals.domain.life import Told
from shared.text import Text

if TYPE_CHECKING:
    from services.referrals.domain.clocks import Timetable
    from services.referrals.domain.referral import Referral

LEVEL_TEXTS: Mapping[str, Text] = MappingProxyType(
    {"blue": Text("蓝色", "blue"), "yellow": Text("黄色", "yellow"), "red": Text("红色", "red")}
)
LEVELS = tuple(LEVEL_TEXTS)
"""Supervision notices, in the order in which they grow."""
BY_HAND = "person"
"""The cause of a notice that somebody gives, and not time or a third return."""
CIRCULAR = "circular"
"""What a level of the escalation table does besides its notice."""
OVERDUE_REASON = "overdue_reason"
"""The field in which a late decision says why it is late."""


def urge(doing: Doing) -> Effect:
    """Remind the agency (催办), once a working day at most."""
    if _is_same_working_day(doing.referral.life.urged_on, doing):
        raise TooLate("urge", doing.referral.status, wording.URGED_TODAY)
    return Effect(replace(doing.referral.life, urged_on=doing.timetable.day_of(doing.at)))


def supervise(doing: Doing) -> Effect:
    """Give a notice (督办单) of a level that somebody chose or that time has brought, with copies as the district says.

    For what is due now a notice never gets milder: people choose none below the one that was given, and time, whose
    table goes on from the mildest, leaves the graver one standing. What people may give, ``_check_by_hand`` says.
    """
    level, given = doing.fields.get("level"), doing.referral.supervised
    cause = doing.fields.get("cause", BY_HAND)
    if level not in LEVELS:
        raise BadFields([FieldFault("level", one_of(wording.LEVEL_NEEDED, LEVEL_TEXTS))])
    told: Told | None = doing.fields.get("told")
    life = doing.referral.life if told is None else doing.referral.life.after_telling(told)
    if cause == BY_HAND:
        _check_by_hand(doing, level)
        life = replace(life, noticed_on=doing.timetable.day_of(doing.at))
    standing = max(level, given or level, key=LEVELS.index)
    codes: dict[str, Any] = {"level": level, "cause": cause}
    copies = copies_of(level, doing.timetable.escalation)
    if copies:
        codes["copy_to"] = copies
    if is_circular(level, doing.timetable.escalation):
        codes["circular"] = True
    return Effect(life, codes=codes, sets={"supervised": standing})


def _check_by_hand(doing: Doing, level: str) -> None:
    """Object to what the coordinator may not give: notices go up level by level, one on a working day.

    A blue one may come before the due day, to prevent the rest; the others are about what is late at the agency.
    Raises ``TooLate`` or ``BadFields``.
    """
    leg, given = doing.referral, doing.referral.supervised
    highest = 0 if given is None else min(LEVELS.index(given) + 1, len(LEVELS) - 1)
    if given is not None and LEVELS.index(level) < LEVELS.index(given):
        raise BadFields([FieldFault("level", filled(wording.LEVEL_GIVEN, given=LEVEL_TEXTS[given]))])
    if _is_same_working_day(leg.life.noticed_on, doing):
        raise TooLate("supervise", leg.status, wording.NOTICED_TODAY)
    if LEVELS.index(level) > highest:
        known = LEVEL_TEXTS[LEVELS[highest]]
        raise BadFields([FieldFault("level", filled(wording.LEVEL_BY_LEVEL, highest=known))])
    if level != LEVELS[0] and not _is_late_at_the_agency(leg, doing.at):
        raise BadFields([FieldFault("level", wording.LEVEL_WHEN_LATE)])


def _is_late_at_the_agency(leg: Referral, at: datetime) -> bool:
    return leg.clock not in WHOSE and leg.due_at is not None and at > leg.due_at


def _is_same_working_day(last: date | None, doing: Doing) -> bool:
    # From a Saturday to the Monday after it no working day has passed beyond Monday itself.
    today = doing.timetable.day_of(doing.at)
    return last is not None and doing.timetable.calendar.working_days_between(last, today) < 1


def copies_of(level: str, escalation: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the posts that get a copy of a notice of this level, by the district's escalation table."""
    return list(
        dict.fromkeys(
            post for row in escalation if f"{level}-notice" in row["do"] for post in row.get("copy_to", ())
        )
    )


def is_circular(level: str, escalation: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a notice of this level is circulated (通报) to whoever gets a copy, by the escalation table."""
    return any({f"{level}-notice", CIRCULAR} <= set(row["do"]) for row in escalation)


def explain_delay(doing: Doing) -> Effect:
    """Say why it is late (超期原因), once it is."""
    if not is_overdue(doing.referral, doing.at, doing.timetable):
        raise TooLate("explain-delay", doing.referral.status, wording.NO_DELAY)
    reason = coded(doing.fields, "reason", reasons.OVERDUE_REASONS)
    if reason == doing.referral.life.overdue_reason:
        raise TooLate("explain-delay", doing.referral.status, wording.DELAY_EXPLAINED)
    return Effect(replace(doing.referral.life, overdue_reason=reason), codes={"reason": reason})


def late_because(doing: Doing) -> str | None:
    """Give the reason for which a decision comes late; None for one that is in time.

    It is said with the decision, or was said before. Raises ``BadFields`` where it was not.
    """
    known = doing.referral.life.overdue_reason
    given = doing.fields.get(OVERDUE_REASON)
    if not is_overdue(doing.referral, doing.at, doing.timetable):
        if given:
            raise BadFields([FieldFault(OVERDUE_REASON, wording.NOT_OVERDUE)])
        return None
    if given:
        return coded(doing.fields, OVERDUE_REASON, reasons.OVERDUE_REASONS)
    if known is None:
        raise BadFields(
            [FieldFault(OVERDUE_REASON, one_of(wording.OVERDUE_REASON_NEEDED, reasons.OVERDUE_REASONS))]
        )
    return known


def is_overdue(referral: Referral, at: datetime, timetable: Timetable) -> bool:
    """Tell whether the clock of its status that is due first has run out.

    An answer that is owed to a withdrawn consent makes no decision late.
    """
    first = first_of_its_own(referral.status, referral.rules, referral.starts, timetable, referral.life)
    return first is not None and at > first.due_at
