"""The order in which a case is told: by moment, and no effect before its cause, by whichever clock each was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shared.ordering import causes_first

_HANDING_OVER = frozenset({"confirm-return", "propose-transfer"})
"""Actions from which another leg follows."""
_SUCCESSOR = "successor"
_FACTS = ""
"""Stands for the leg where a line is about the case as a whole."""
_Name = tuple[str, int]


class Told(Protocol):
    """What can be put in order."""

    @property
    def at(self) -> datetime:
        """When it happened, by the clock of whoever did it."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def codes(self) -> Mapping[str, Any]:
        """What is told of it."""


T = TypeVar("T", bound=Told)


def in_order(
    of_legs: Mapping[str, Sequence[T]],
    facts: Sequence[T],
    came_with: Mapping[str, int],
    replaced: Mapping[str, str],
) -> list[T]:
    """Put the lines of all legs and the facts of their case in one order.

    What follows from something at the same moment is told after it, also where its own clock was a little behind:
    each leg step by step; after the fact it ``came_with``; what has ``replaced`` another leg after that one was
    handed over, and before that one is let go. All else goes by moment, facts first, then step by step, leg by leg.
    """
    places = {leg: place for place, leg in enumerate(of_legs)}
    told = {(leg, number): line for leg, lines in of_legs.items() for number, line in enumerate(lines)}
    told |= {(_FACTS, place): fact for place, fact in enumerate(facts)}
    causes = _causes(of_legs, came_with, replaced)

    def moment(name: _Name) -> tuple[datetime, int, int]:
        leg, number = name
        return (told[name].at, -1, number) if leg == _FACTS else (told[name].at, number, places[leg])

    return [told[name] for name in causes_first(sorted(told, key=moment), lambda name: causes.get(name, ()))]


def _causes(
    of_legs: Mapping[str, Sequence[Told]], came_with: Mapping[str, int], replaced: Mapping[str, str]
) -> dict[_Name, list[_Name]]:
    causes: dict[_Name, list[_Name]] = {
        (leg, number): [(leg, number - 1)]
        for leg, lines in of_legs.items()
        for number in range(1, len(lines))
    }
    for leg, fact in came_with.items():
        causes[leg, 0] = [(_FACTS, fact)]
    for leg, before in replaced.items():
        lines = of_legs.get(before, ())
        let_go = next((n for n, line in enumerate(lines) if line.codes.get(_SUCCESSOR) == leg), len(lines))
        handed = [n for n in range(let_go) if lines[n].action in _HANDING_OVER]
        if handed and leg in came_with:
            causes.setdefault((_FACTS, came_with[leg]), []).append((before, handed[-1]))
        if let_go < len(lines):
            causes[before, let_go].append((leg, 0))
    return causes
