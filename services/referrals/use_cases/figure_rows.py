"""How sums become what people read: one row per programme, with what is withheld left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.referrals.domain.clocks import CLOCK_TEXTS
from services.referrals.domain.figures import (
    ENDED_OTHERWISE,
    FEN,
    GRANTED,
    LATE,
    NOT_GRANTED,
    NOTHING,
    RATED,
    RECEIVED,
    RETURNED,
    Count,
    Figure,
    quantile,
)
from services.referrals.persistence.figure_reads import Sums
from shared.directory import District
from shared.text import Text

MEDIAN, P90 = 0.5, 0.9
GRADES = (1, 2, 3, 4, 5)
_DECISIONS = {GRANTED, NOT_GRANTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one programme, or of all; None is what is withheld.

    ``received``, ``decided``, ``granted``, ``late``, ``returned`` and ``ended_otherwise`` count referrals, the two
    ``people`` count everybody once per programme: over several programmes they are no number of people. ``amount`` is
    in yuan. ``grades``: how often each grade was given.
    """

    received: int | None
    people: int | None
    decided: int | None
    granted: int | None
    granted_people: int | None
    amount: Decimal | None
    late: int | None
    returned: int | None
    ended_otherwise: int | None
    ratings: int | None
    average: float | None
    grades: Mapping[int, int] | None

    @property
    def in_time(self) -> float | None:
        """The share of decisions that were in time, 0 to 1."""
        if not self.decided or self.late is None or self.late > self.decided:
            return None
        return round(1 - self.late / self.decided, 4)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many working days an agency took for one step: at so many referrals, half and nine in ten of them."""

    agency: str
    step: str
    name: Text
    referrals: int | None
    median: int
    p90: int


def row(counts: Iterable[tuple[Figure, Count]], *, withheld: bool) -> Row:
    """Make a row of some sums; with ``withheld`` what is missing in them is left open instead of 0."""
    by: dict[str, Count] = {}
    decisions: dict[tuple[str, str], set[str]] = {}
    grades = dict.fromkeys(GRADES, 0)
    for figure, count in counts:
        if figure.measure in _DECISIONS:
            decisions.setdefault((figure.agency, figure.programme), set()).add(figure.measure)
        by[figure.measure] = by.get(figure.measure, NOTHING) + count
        if figure.measure == RATED and figure.value in grades:
            grades[figure.value] += count.number

    def of(*measures: str) -> Count | None:
        found = [by[measure] for measure in measures if measure in by]
        return sum(found, NOTHING) if found or not withheld else None

    received, granted, rated = of(RECEIVED), of(GRANTED), of(RATED)
    decided, late = of(GRANTED, NOT_GRANTED), of(LATE)
    if withheld and any(known != _DECISIONS for known in decisions.values()):
        decided = None  # one of its two parts is not told, and what is left is no number of decisions
    returned, otherwise = of(RETURNED), of(ENDED_OTHERWISE)
    return Row(
        received=None if received is None else received.number,
        people=None if received is None else received.people,
        decided=None if decided is None else decided.number,
        granted=None if granted is None else granted.number,
        granted_people=None if granted is None else granted.people,
        amount=None if granted is None else Decimal(granted.amount) / FEN,
        late=None if late is None else late.number,
        returned=None if returned is None else returned.number,
        ended_otherwise=None if otherwise is None else otherwise.number,
        ratings=None if rated is None else rated.number,
        average=round(rated.amount / rated.number, 2) if rated is not None and rated.number > 0 else None,
        grades=None if withheld else grades,
    )


def by_programme(sums: Sums, group: str = "") -> dict[str, list[tuple[Figure, Count]]]:
    """Put the sums of a group together by programme."""
    found: dict[str, list[tuple[Figure, Count]]] = {}
    for (key, figure), count in sums.items():
        if key == group:
            found.setdefault(figure.programme, []).append((figure, count))
    return found


def taken(sums: Sums, district: District) -> list[Taken]:
    """Give the days each agency took for each step, of sums of days."""
    histograms: dict[tuple[str, str], dict[int, int]] = {}
    for (_, figure), count in sums.items():
        histogram = histograms.setdefault((figure.agency, figure.step), {})
        histogram[figure.value] = histogram.get(figure.value, 0) + count.number
    names = step_names(district)
    made: list[Taken] = []
    for (agency, step), histogram in sorted(
        histograms.items(), key=lambda item: (item[0][0], _order(item[0][1]))
    ):
        median, p90 = quantile(histogram, MEDIAN), quantile(histogram, P90)
        if median is not None and p90 is not None:
            name = names.get((agency, step)) or CLOCK_TEXTS.get(step) or Text(step, step)
            made.append(Taken(agency, step, name, sum(histogram.values()), median, p90))
    return made


def step_names(district: District) -> Mapping[tuple[str, str], Text]:
    """Give the names of the steps of each agency's programmes, by (agency, step)."""
    return {
        (programme.agency, step.id): step.name
        for programme in district.programmes.values()
        for step in programme.steps
    }


_CLOCKS: Sequence[str] = tuple(CLOCK_TEXTS)


def _order(step: str) -> tuple[int, str]:
    return (_CLOCKS.index(step), "") if step in _CLOCKS else (len(_CLOCKS), step)
