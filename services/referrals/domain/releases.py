"""What exports and the wall may show: every number a sum of parts of five people or more, now and in all times to come.

Cells under five people are withheld, and with them whatever would tell them by subtraction. That cannot be decided by
looking at one answer: totals of today less those of last month tell a month, and a total less its streets tells the
street that is missing. So what has been shown is remembered, and only moves on by parts of at least five people:

* a *release* of one agency's programme takes everything withheld of the months that have ended, if it is five people;
* by months, each release falls into parts of five or more, a small month with the one that follows it;
* by places, what was released waits until a unit or a street has eight, and until who still waits is nobody or five.

Every number shown is a sum of such parts, and parts of one kind never overlap: what is below five is in no difference.
Eight for a place, because who is missing tells something as well: were it five, three places that are missing from a
sum of twelve would have to be four each. As it is, any of those that are missing may have five or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.referrals.domain.figures import NOTHING, Count

FEWEST = 5
"""People in the smallest part that is shown."""
FEWEST_OF_A_PLACE = 8
"""People in the smallest part that is shown as a unit's or a street's own."""

TOTAL, MONTH, STREET, UNIT = "total", "month", "street", "unit"
RELEASED = ""
"""The month of what was released and has no place yet: months no longer matter to it."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is not shown yet, or not by place: its unit, street and month, and how much it is."""

    street: str
    unit: str
    month: str
    count: Count


K = TypeVar("K")
Shown = tuple[str, str]
"""Where something is shown: the kind (total, month, street, unit) and its key."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is shown from now on, beside what was already, and what remains withheld."""

    shown: Mapping[Shown, Count] = field(default_factory=dict)
    withheld: Sequence[Withheld] = ()


def release(withheld: Sequence[Withheld], present: str) -> Release:
    """Show what may be shown of one measure of one agency's programme; ``present`` is the month that still runs."""
    due = [cell for cell in withheld if RELEASED < cell.month < present]
    if _total(due).people < FEWEST:
        return Release(withheld=withheld)
    shown: dict[Shown, Count] = {(TOTAL, ""): _total(due)}
    for month, count in _by_month(due):
        shown[MONTH, month] = count
    pool = [cell for cell in withheld if cell.month == RELEASED]
    pool += [replace(cell, month=RELEASED) for cell in due]
    placed, waiting = _by_place(_merged(pool))
    for unit, cells in placed:
        street = cells[0].street
        shown[STREET, street] = shown.get((STREET, street), NOTHING) + _total(cells)
        if unit is not None:
            shown[UNIT, unit] = shown.get((UNIT, unit), NOTHING) + _total(cells)
    later = [cell for cell in withheld if cell.month >= present]
    return Release(shown, [*waiting, *later])


def _by_month(due: Iterable[Withheld]) -> list[tuple[str, Count]]:
    """Part by months in their order: what is too small goes with what follows, the last with what came before."""
    parts: list[tuple[str, Count]] = []
    rest = NOTHING
    for month, cells in sorted(_grouped(due, lambda cell: cell.month).items()):
        rest += _total(cells)
        if rest.people >= FEWEST:
            parts.append((month, rest))
            rest = NOTHING
    while rest != NOTHING and parts:
        month, last = parts.pop()
        rest += last
        if rest.people >= FEWEST:
            parts.append((month, rest))
            rest = NOTHING
    return parts


def _by_place(
    pool: Sequence[Withheld],
) -> tuple[list[tuple[str | None, list[Withheld]]], list[Withheld]]:
    """Part by units, then by streets; those who get no place are nobody, or enough not to be told by the others."""
    placed: list[tuple[str | None, list[Withheld]]] = []
    waiting: list[Withheld] = []
    for _, of_street in sorted(_grouped(pool, lambda cell: cell.street).items()):
        large = sorted(
            (cell for cell in of_street if cell.count.people >= FEWEST_OF_A_PLACE),
            key=lambda cell: cell.count.people,
        )
        rest = [cell for cell in of_street if cell not in large]
        if large and rest and _total(rest).people < FEWEST:
            rest.append(large.pop(0))
        placed += [(cell.unit, [cell]) for cell in large]
        if _total(rest).people >= FEWEST_OF_A_PLACE:
            placed.append((None, rest))
        else:
            waiting += rest
    placed.sort(key=lambda part: _total(part[1]).people, reverse=True)
    while waiting and _total(waiting).people < FEWEST and placed:
        waiting += placed.pop()[1]
    return placed, waiting


def _merged(cells: Iterable[Withheld]) -> list[Withheld]:
    found = [
        Withheld(street, unit, RELEASED, _total(same))
        for (street, unit), same in _grouped(cells, lambda cell: (cell.street, cell.unit)).items()
    ]
    return [cell for cell in found if cell.count != NOTHING]


def _grouped(cells: Iterable[Withheld], key: Callable[[Withheld], K]) -> dict[K, list[Withheld]]:
    groups: dict[K, list[Withheld]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return groups


def _total(cells: Iterable[Withheld]) -> Count:
    total = NOTHING
    for cell in cells:
        total += cell.count
    return total
