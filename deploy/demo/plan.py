"""What became of whom: the demo's cases of one district, read from its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PLANS = Path(__file__).parent / "plans"
ACTIONS = ("acknowledge", "accept", "start", "close")
"""What a desk does, in the order in which the demo does it."""


class NoPlan(LookupError):
    """There are no made-up cases for this district."""

    def __init__(self, district: str) -> None:
        super().__init__(f"no plan for {district}")
        self.district = district
        self.known = sorted(file.stem for file in PLANS.glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg: its programme, what its desk did how many working days after filing, and how it ended."""

    programme: str
    did: Mapping[str, int]
    closed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One person's request, filed so many working days ago."""

    filed: int
    legs: Sequence[Leg]
    answers: Mapping[str, Any]
    urgency: str


def read_plan(district: str) -> list[Case]:
    """Give a district's cases, the longest ago first.

    Raises ``NoPlan`` for a district without one, ``ValueError`` for a plan that cannot be carried out.
    """
    file = PLANS / f"{district}.yaml"
    if not file.exists():
        raise NoPlan(district)
    groups = YAML(typ="safe").load(file)
    cases = [case for group in groups for case in _cases(group)]
    return sorted(cases, key=lambda case: -case.filed)


def _cases(group: Mapping[str, Any]) -> list[Case]:
    people = group.get("people", 1)
    first, last = group["filed"] if isinstance(group["filed"], list) else (group["filed"], group["filed"])
    legs = [_leg(leg, last) for leg in group["legs"]]
    answers, urgency = group.get("answers", {}), group.get("urgency", "normal")
    step = (first - last) / max(people - 1, 1)
    return [Case(round(first - number * step), legs, answers, urgency) for number in range(people)]


def _leg(leg: Mapping[str, Any], filed: int) -> Leg:
    did = leg.get("did", {})
    if list(did) != list(ACTIONS[: len(did)]) or list(did.values()) != sorted(did.values()):
        message = f"{leg['programme']}: a desk does {', '.join(ACTIONS)}, in this order"
        raise ValueError(message)
    if any(days > filed for days in did.values()):
        message = f"{leg['programme']}: filed {filed} working days ago, but done later than today"
        raise ValueError(message)
    if ("close" in did) != ("closed" in leg):
        message = f"{leg['programme']}: what is closed has an outcome, and nothing else has"
        raise ValueError(message)
    return Leg(leg["programme"], did, leg.get("closed", {}))
