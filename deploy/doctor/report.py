"""What an examination found: troubles with the places they are at, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.telemetry.trouble import Trouble, merged
from shared.text import Text

HEALTHY, TROUBLED, UNSEEN = 0, 1, 2

EVERYWHERE = frozenset({"broker-away", "broker-blocks"})
"""What several parts notice of one and the same thing, each in its own way."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble and where it is: services, or ``broker``, ``machine``, ``pack``, ``front``."""

    places: tuple[str, ...]
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Unseen:
    """A place that could not be looked at, and why."""

    place: str
    why: Text


@dataclass(frozen=True)
class Report:
    """The findings, the ones that can be seen first in each place; ``looked`` names every place that was seen."""

    findings: list[Finding] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status: 0 healthy, 1 something is wrong, 2 nothing wrong was seen but not all could be looked at."""
        return TROUBLED if self.findings else UNSEEN if self.unseen else HEALTHY

    def as_json(self) -> dict[str, Any]:
        """Give it for machines."""
        return {
            "status": ("healthy", "troubled", "unseen")[self.status],
            "findings": [{"places": found.places, **found.trouble.as_json()} for found in self.findings],
            "unseen": [
                {"place": one.place, "why": one.why.en, "messages": one.why.both()} for one in self.unseen
            ],
            "looked": self.looked,
        }


def collected(found: Mapping[str, Iterable[Trouble]]) -> list[Finding]:
    """Join what was found in each place: the same thing in several places is one finding, since the earliest moment."""
    joined: dict[tuple[str, str, str], Finding] = {}
    for place, troubles in found.items():
        for trouble in merged(troubles):
            everywhere = trouble.code in EVERYWHERE
            key = (trouble.code, "", "") if everywhere else (trouble.code, trouble.about, trouble.what.en)
            known = joined.get(key)
            joined[key] = Finding((place,), trouble) if known is None else _with(known, place, trouble.since)
    return list(joined.values())


def _with(known: Finding, place: str, since: datetime | None) -> Finding:
    moments = [moment for moment in (known.trouble.since, since) if moment is not None]
    places = known.places if place in known.places else (*known.places, place)
    return Finding(places, replace(known.trouble, since=min(moments, default=None)))
