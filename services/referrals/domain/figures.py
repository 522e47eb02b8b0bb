"""What the figures count of a referral: all of it a function of its state, so that a change is told by a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.referrals.domain.clocks import ACCEPT, ACKNOWLEDGE, DECIDE, Timetable, clock
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status

RECEIVED, DECIDED, GRANTED = "received", "decided", "granted"
ENDED_OTHERWISE, RETURNED, RATED = "ended-otherwise", "returned", "rated"
DAYS = "days"

LATE, IN_TIME = 0, 1
"""The values of ``decided``."""

GRANTING = frozenset({"approved", "enrolled", "service-delivered"})
"""Outcomes with which a person got what was asked for."""
DECIDING = GRANTING | {"refused", "waitlisted"}
"""Outcomes with which the agency has decided; with any other one the referral has ended without a decision."""

PEOPLE = frozenset({RECEIVED, GRANTED})
"""What is also counted in people."""

FEN = 100
"""Amounts are counted in fen, so that sums are exact."""

_EXACT, _WIDTH, _LONGEST = 60, 10, 500


class Figure(NamedTuple):
    """One thing that is counted: where it belongs, what it is, and its value where it has one.

    ``month`` is ``YYYY-MM`` in the district's own time, of the moment the thing happened. ``value`` is the grade of
    ``rated``, ``LATE`` or ``IN_TIME`` of ``decided``, and the working days of ``days``, whose ``step`` is the clock's
    or the programme's own; 0 and empty elsewhere.
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
    """How often a figure counts, and with how many fen; both negative where something is taken back."""

    number: int
    amount: int = 0

    def __add__(self, other: object) -> Count:
        """Count both."""
        if not isinstance(other, Count):
            return NotImplemented
        return Count(self.number + other.number, self.amount + other.amount)

    def __neg__(self) -> Count:
        """Take it back."""
        return Count(-self.number, -self.amount)


def contribution(referral: Referral, timetable: Timetable) -> dict[Figure, Count]:
    """Give everything the figures count of a referral as it is.

    The parts of a planned one are none: it has not reached an agency.
    """
    if referral.status is Status.PLANNED:
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
        counted[figure] = counted.get(figure, Count(0)) + count
    return counted


def difference(before: Referral | None, after: Referral, timetable: Timetable) -> dict[Figure, Count]:
    """Give what a change adds to the figures and takes from them; ``before`` is None for a referral that is new.

    The differences of a referral's changes add up to its contribution, whatever happens to it.
    """
    changed = contribution(after, timetable)
    if before is not None:
        for figure, count in contribution(before, timetable).items():
            changed[figure] = changed.get(figure, Count(0)) + -count
    return {figure: count for figure, count in changed.items() if count != Count(0)}


def working_days(timetable: Timetable, begun: datetime, ended: datetime) -> int:
    """Count the working days an agency used between two moments; the day it begins on is not counted."""
    return timetable.calendar.working_days_between(timetable.day_of(begun), timetable.day_of(ended))


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
    yield issued_at, RECEIVED, "", 0, Count(1)
    for name, reached_at in ((ACKNOWLEDGE, referral.received_at), (ACCEPT, referral.accepted_at)):
        if reached_at is not None:
            days = working_days(timetable, issued_at, reached_at)
            yield reached_at, DAYS, name, bracket(days), Count(1)
    if ended_at is None:
        return
    if referral.status is Status.RETURNED:
        yield ended_at, RETURNED, "", 0, Count(1)
    elif referral.outcome not in DECIDING:
        yield ended_at, ENDED_OTHERWISE, "", 0, Count(1)
    else:
        due = clock(DECIDE, referral.rules, referral.starts, timetable)
        yield ended_at, DECIDED, "", IN_TIME if due is None or ended_at <= due.due_at else LATE, Count(1)
        days = working_days(timetable, issued_at, ended_at)
        yield ended_at, DAYS, DECIDE, bracket(days), Count(1)
        if referral.outcome in GRANTING:
            yield ended_at, GRANTED, "", 0, Count(1, _fen(referral))


def _fen(referral: Referral) -> int:
    amount = (referral.outcome_fields or {}).get("amount") or 0
    return int((Decimal(str(amount)) * FEN).to_integral_value())
