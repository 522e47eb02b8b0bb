"""Runs scenarios under load, waits until all is at rest, has the history checked, and says what came of it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.local import Servers
from shared.db import Database
from tests.faults.history import Finding, check, collect
from tests.faults.load import PAUSE, Load
from tests.faults.matrix.scenario import Scenario

SETTLE_SECONDS = 300
TOLD = 20
"""So many broken promises are named; the rest is counted."""


class Broken(Protocol):
    """What the runner needs of a rig, full or embedded."""

    kills: int
    folder: Path

    def load(self, seed: str, pause: float) -> Load:
        """Make the clients, each with about ``pause`` seconds between two operations."""

    def back(self, within: float) -> float:
        """Wait until it is back by itself; gives the seconds."""

    def settled(self, within: float) -> None:
        """Wait until all is at rest."""

    def unexpected_deaths(self) -> list[str]:
        """Name the programs that ended by themselves."""


@dataclass
class Entry:
    """What one scenario came to: a row of the report."""

    name: str
    says: str
    times: int
    kills: int = 0
    operations: int = 0
    rate: float = 0.0
    resent: int = 0
    seconds: float = 0.0
    back: list[float] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def with_more(self, more: Entry) -> Entry:
        """Give the sum of two runs of one scenario."""
        worked = self.rate and self.operations / self.rate
        worked += more.rate and more.operations / more.rate
        operations = self.operations + more.operations
        return Entry(
            self.name,
            self.says,
            self.times + more.times,
            self.kills + more.kills,
            operations,
            operations / worked if worked else 0.0,
            self.resent + more.resent,
            self.seconds + more.seconds,
            self.back + more.back,
            self.findings + more.findings,
        )


class Runner:
    """Runs scenarios on one rig, one after the other; the history grows, and a finding counts for whom it met first.

    ``pause`` says how busy the clients are.
    """

    def __init__(self, rig: Broken, pause: float = PAUSE) -> None:
        self._rig = rig
        self._pause = pause
        self._known: set[tuple[str, str, str]] = set()

    def run(self, scenario: Scenario, *, times: int, seed: str) -> Entry:
        """Do a scenario so many times under load and check the whole history afterwards.

        What it takes to be back is measured from the moment the scenario leaves the installation to itself. An
        installation that does not come back is a finding, too; nothing more is done to it then.
        """
        rig = self._rig
        entry = Entry(scenario.name, scenario.says, times)
        begun, before = time.monotonic(), rig.kills
        load = rig.load(f"{seed}-{scenario.name}", self._pause)
        try:
            with load as tally:
                self._warm(load)
                for number in range(times):
                    scenario.run(rig, random.Random(f"{seed}-{scenario.name}-{number}"))
                    if (number + 1) % scenario.burst == 0 or number + 1 == times:
                        entry.back.append(rig.back(scenario.within))
            entry.operations, entry.rate, entry.resent = tally.operations, load.rate, tally.unknown
            entry.findings += tally.odd
            rig.settled(SETTLE_SECONDS)
        except AssertionError as error:
            entry.findings.append(f"not back: {error}")
        entry.findings += [f"{name} ended by itself" for name in rig.unexpected_deaths()]
        entry.kills = rig.kills - before
        found = self._check()
        entry.findings += [f"{one.rule}: {one.what}\n{one.story}".strip() for one in found[:TOLD]]
        if len(found) > TOLD:
            entry.findings.append(f"and {len(found) - TOLD} more")
        entry.seconds = time.monotonic() - begun
        return entry

    def _warm(self, load: Load) -> None:
        """A fault is worth something only while people are at work."""
        while load.tally.operations < 5:
            time.sleep(0.05)

    def _check(self) -> list[Finding]:
        databases: dict[str, Database] = self._rig.databases  # type: ignore[attr-defined]
        servers: Servers | None = getattr(self._rig, "servers", None)
        collect(self._rig.folder, databases, servers)
        found = [
            finding
            for finding in check(self._rig.folder)
            if (finding.rule, finding.subject, finding.what) not in self._known
        ]
        self._known |= {(finding.rule, finding.subject, finding.what) for finding in found}
        return found
