"""What the figures count of a referral: all of it a function of its state, so that a change is told by a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.referrals.domain.clocks import ACCEPT, ACKNOWLEDGE, DECIDE, Timetable, clock, pauses_of
from services.referrals.domain.outcomes import GRANTING
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from shared.clock import Pause

RECEIVED, GRANTED, NOT_GRANTED, LATE = "received", "granted", "not-granted", "late"
ENDED_OTHERWISE, RETURNED, RATED = "ended-otherwise", "returned", "rated"
DAYS = "days"
COUNTED = (RECEIVED, GRANTED, NOT_GRANTED, LATE, ENDED_OTHERWISE, RETURNED, RATED)
"""What is counted in referrals and in people; ``DAYS`` are a histogram only."""

DECIDING = GRANTING | {"refused", "waitlisted"}
"""Outcomes with which the agency has decided; with any other one the referral has ended without a decision."""

FEN = 100
"""Amounts are counted in fen, so that sums are exact."""

_EXACT, _WIDTH, _LONGEST = 60, 10, 500


class Figure(NamedTuple):
    """One thing that is counted: where it belongs, what it is, and its value where it has one.

    ``month`` is ``YYYY-MM`` in the district's own time, of the moment the thing happened. ``value`` is the grade of
    ``rated``, and the working days of ``days``, whose ``step`` is the clock's or the programme's own; 0 and empty
    elsewhere.
    """

    agency: str
    programme: str
    street: str
    unit: str
    month: str
    measure: str
    step: str = ""
    value: int = 0


class Count(NamedTuple):
    """How often a figure counts: referrals, people counted for the first time, and an amount.

    The amount is in fen of ``granted`` and in grades of ``rated``. All are negative where something is taken back.
    """

    number: int
    people: int = 0
    amount: int = 0

    def __add__(self, other: object) -> Count:
        """Count both."""
        if not isinstance(other, Count):
            return NotImplemented
        return Count(self.number + other.number, self.people + other.people, self.amount + other.amount)

    def __neg__(self) -> Count:
        """Take it back."""
        return Count(-self.number, -self.people, -self.amount)


NOTHING = Count(0)


def contribution(referral: Referral, timetable: Timetable) -> dict[Figure, Count]:
    """Give everything the figures count of a referral as it is, but for people, whom no single referral can tell.

    Of one that waits for its check, or was cancelled while it did, that is nothing: it never reached its agency.
    """
    if Status.PLANNED in {referral.status, referral.previous_status if _cancelled(referral) else None}:
        return {}
    counted: dict[Figure, Count] = {}
    for at, measure, step, value, count in _parts(referral, timetable):
        figure = Figure(
            referral.agency,
            referral.programme,
            referral.street,
            referral.unit,
            month_of(timetable.day_of(at)),
            measure,
            step,
            value,
        )
        counted[figure] = counted.get(figure, NOTHING) + count
    return counted


def difference(before: Referral | None, after: Referral, timetable: Timetable) -> dict[Figure, Count]:
    """Give what a change adds to the figures and takes from them; ``before`` is None for a referral that is new.

    The differences of a referral's changes add up to its contribution, whatever happens to it.
    """
    # What is taken from one place stands before what is added to another: who has moved is counted there anew.
    changed: dict[Figure, Count] = {}
    if before is not None:
        changed = {figure: -count for figure, count in contribution(before, timetable).items()}
    for figure, count in contribution(after, timetable).items():
        changed[figure] = changed.get(figure, NOTHING) + count
    return {figure: count for figure, count in changed.items() if count != NOTHING}


def working_days(timetable: Timetable, begun: datetime, ended: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Count the working days used between two moments: neither the first day nor what lies in a pause.

    A pause takes out the days after the one it begins on, up to and including the one it ends on.
    """
    calendar, last = timetable.calendar, timetable.day_of(ended)
    reached = timetable.day_of(begun)
    used = calendar.working_days_between(reached, last)
    for pause in sorted(pauses, key=lambda pause: pause.start):
        since = max(timetable.day_of(pause.start), reached)
        until = min(timetable.day_of(pause.end), last)
        if until > since:
            used -= calendar.working_days_between(since, until)
            reached = until
    return used


def bracket(days: int) -> int:
    """Give the value under which so many working days are counted: exact up to 60, then the end of a tenth, or 500."""
    if days <= _EXACT:
        return max(days, 0)
    return min(-(-days // _WIDTH) * _WIDTH, _LONGEST)


def quantile(histogram: Mapping[int, int], share: float) -> int | None:
    """Give the smallest value that at least ``share`` of what was counted does not exceed; None of nothing."""
    total = sum(histogram.values())
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen > 0 and seen >= share * total:
            return value
    return None


def month_of(day: date) -> str:
    """Give the month a day lies in, as ``YYYY-MM``."""
    return f"{day:%Y-%m}"


def _parts(referral: Referral, timetable: Timetable) -> Iterator[tuple[datetime, str, str, int, Count]]:
    issued_at, ended_at = referral.issued_at, referral.ended_at
    pauses = pauses_of(referral.life)
    yield issued_at, RECEIVED, "", 0, Count(1)
    for name, since, reached_at in _milestones(referral):
        days = bracket(working_days(timetable, since, reached_at, pauses))
        yield reached_at, DAYS, name, days, Count(1)
    if ended_at is None:
        return
    if referral.status is Status.RETURNED:
        yield ended_at, RETURNED, "", 0, Count(1)
        return
    grade = referral.life.rating
    if grade is not None:
        yield ended_at, RATED, "", grade, Count(1, amount=grade)
    if not _decided(referral):
        yield ended_at, ENDED_OTHERWISE, "", 0, Count(1)
        return
    granted = referral.outcome in GRANTING
    yield ended_at, GRANTED if granted else NOT_GRANTED, "", 0, Count(1, amount=_fen(referral))
    due = clock(DECIDE, referral.rules, referral.starts, timetable, referral.life)
    if due is not None and ended_at > due.due_at:
        yield ended_at, LATE, "", 0, Count(1)


def _milestones(referral: Referral) -> Iterator[tuple[str, datetime, datetime]]:
    """Give each milestone's name, since when its days are counted, and when it was reached.

    Those of the three clocks are counted from delivery, a programme's own step from what came before it.
    """
    if referral.received_at is not None:
        yield ACKNOWLEDGE, referral.issued_at, referral.received_at
    if referral.accepted_at is not None:
        yield ACCEPT, referral.issued_at, referral.accepted_at
    since = referral.accepted_at or referral.issued_at
    for step in referral.life.steps:
        yield step.step, since, step.at
        since = step.at
    if referral.ended_at is not None and _decided(referral):
        yield DECIDE, referral.issued_at, referral.ended_at


def _decided(referral: Referral) -> bool:
    return referral.status is Status.CLOSED and referral.outcome in DECIDING


def _cancelled(referral: Referral) -> bool:
    return referral.status is Status.CANCELLED


def _fen(referral: Referral) -> int:
    amount = (referral.outcome_fields or {}).get("amount") or 0
    return int((Decimal(str(amount)) * FEN).to_integral_value())
