"""What time alone does to a referral next: remind, escalate, accept on silence, lapse, forget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.referrals.domain.clocks import ACCEPT, ANSWER_WITHDRAWAL, STEP, Timetable, clock, rule_of
from services.referrals.domain.life import Told
from services.referrals.domain.status import ENDED, Status

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral

ACCEPT_ON_SILENCE = "accept-on-silence"
ESCALATE = "escalate"
REMIND_PAPERS = "remind-papers"
LAPSE = "lapse"
REVIEW = "review"
STEP_DUE = "step-due"
FORGET = "forget"
RECKON = "reckon"
KINDS = (ACCEPT_ON_SILENCE, ESCALATE, REMIND_PAPERS, LAPSE, REVIEW, STEP_DUE, FORGET, RECKON)
"""Everything a timer may do.

``FORGET`` removes packets and index tokens of what ended years ago; ``RECKON`` only works out what is next, for
referrals of a release without timers.
"""

PAPER_REMINDERS = (-5, -2, 0)
"""Working days before the person's day on which the desk is told to remind them."""
FAIR_WARNING = 1
"""Nothing lapses before so many working days have passed since the last reminder was in fact told."""
HOUR = "hour"
OPENING = time(8, 30)
"""When offices open: notices are told in the morning, in the district's own time."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What is next, and when (aware, UTC)."""

    at: datetime
    what: str


def next_timer(referral: Referral, timetable: Timetable) -> Coming | None:
    """Give what time will do next to a referral as it stands; None if nothing."""
    return min(_coming(referral, timetable), key=lambda each: each.at, default=None)


def _coming(referral: Referral, timetable: Timetable) -> Iterator[Coming]:
    if referral.status in ENDED and referral.ended_at is not None:
        yield Coming(_years_after(referral.ended_at, timetable.keep_years), FORGET)
    if referral.due_on is not None:
        level = next_level(referral, timetable)
        if level is not None:
            yield Coming(_level_at(referral, referral.due_on, level, timetable), ESCALATE)
    of_the_status = _IN_STATUS.get(referral.status)
    if of_the_status is not None:
        yield from of_the_status(referral, timetable)


def _level_at(referral: Referral, due_on: date, level: int, timetable: Timetable) -> datetime:
    if level <= 0 and _is_in_hours(referral, timetable):
        # The table counts working days; in an hour clock they would all have gone by on the day it starts.
        exact = referral.due_at if level == 0 else referral.yellow_at
        if exact is not None:
            return exact
    at = _morning(timetable, due_on, level)
    if level >= 0 or referral.yellow_on is None:
        return at
    # A short time is not short at its beginning: nobody is warned before the light turns yellow.
    return max(at, _local(timetable, referral.yellow_on, OPENING))


def _is_in_hours(referral: Referral, timetable: Timetable) -> bool:
    found = rule_of(referral.clock or "", referral.rules, referral.starts, referral.life, timetable)
    return found is not None and found[0]["unit"] == HOUR


def _silence(referral: Referral, timetable: Timetable) -> Iterator[Coming]:
    # What an agency accepted and then proposes to hand on is accepted once.
    silence = (
        None
        if referral.accepted
        else clock(ACCEPT, referral.rules, referral.starts, timetable, referral.life)
    )
    if silence is not None and timetable.silence_accepts:
        yield Coming(silence.due_at, ACCEPT_ON_SILENCE)


def _review(referral: Referral, timetable: Timetable) -> Iterator[Coming]:
    on = referral.life.review_on
    if on is not None and review_told(on) not in referral.life.told:
        yield Coming(_morning(timetable, on, 0), REVIEW)


def _step(referral: Referral, timetable: Timetable) -> Iterator[Coming]:
    step = clock(STEP, referral.rules, referral.starts, timetable, referral.life)
    if step is not None and step_told(step.due_on, len(referral.life.steps)) not in referral.life.told:
        # A step of some hours is not told in the morning, which may be over before it begins.
        yield Coming(max(_morning(timetable, step.due_on, 0), step.yellow_at), STEP_DUE)


def next_level(referral: Referral, timetable: Timetable) -> int | None:
    """Give the next level of escalation, in working days after the due day, that was not yet told; None if all were.

    A due day that has moved (a pause, an extension, a notice) begins anew.
    """
    told = next(
        (
            each.level
            for each in referral.life.told
            if (each.what, each.on) == (referral.clock, referral.due_on)
        ),
        None,
    )
    levels = sorted(int(row["at"]) for row in timetable.escalation)
    if referral.clock == ANSWER_WITHDRAWAL:
        # Nothing comes near that was due from its first moment.
        levels = [level for level in levels if level >= 0]
    return next((level for level in levels if told is None or level > told), None)


def level_told(referral: Referral, level: int) -> Told:
    """Write down that a level was told, for this clock and this due day."""
    if referral.clock is None or referral.due_on is None:
        message = f"no clock of {referral.id} runs"
        raise ValueError(message)
    return Told(referral.clock, referral.due_on, level)


def review_told(on: date) -> Told:
    """Write down that a review day was told."""
    return Told("review", on)


def step_told(on: date, reached: int) -> Told:
    """Write down that the day of the next step was told; ``reached`` counts the steps before it."""
    return Told("step", on, reached)


def _papers(referral: Referral, timetable: Timetable) -> Iterator[Coming]:
    due_on, told = referral.life.papers_due_on, referral.life.papers_reminders
    if due_on is None:
        return
    if told < len(PAPER_REMINDERS):
        yield Coming(_morning(timetable, due_on, PAPER_REMINDERS[told]), REMIND_PAPERS)
        return
    last = due_on
    if referral.life.papers_reminded_on is not None:
        last = max(last, timetable.calendar.add_working_days(referral.life.papers_reminded_on, FAIR_WARNING))
    yield Coming(_local(timetable, last, time(23, 59, 59)), LAPSE)


_IN_STATUS: Mapping[Status, Callable[[Referral, Timetable], Iterator[Coming]]] = MappingProxyType(
    {
        Status.ISSUED: _silence,
        Status.RECEIVED: _silence,
        Status.TRANSFER_PROPOSED: _silence,
        Status.AWAITING_DOCUMENTS: _papers,
        Status.SUSPENDED: _review,
        Status.ACCEPTED: _step,
        Status.IN_PROGRESS: _step,
    }
)


def _morning(timetable: Timetable, on: date, working_days: int) -> datetime:
    return _local(timetable, timetable.calendar.add_working_days(on, working_days), OPENING)


def _local(timetable: Timetable, on: date, at: time) -> datetime:
    return datetime.combine(on, at, ZoneInfo(timetable.timezone)).astimezone(UTC)


def _years_after(at: datetime, years: int) -> datetime:
    return at + timedelta(days=366 * years)
