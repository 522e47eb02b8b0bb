"""Every row of the matrix: importing this module puts all scenarios in their place."""

from __future__ import annotations

from tests.faults.matrix import broker, database, embedded, events, failpoints, network, processes
from tests.faults.matrix.scenario import SCENARIOS, Scenario

MODULES = (failpoints, broker, network, database, processes, events, embedded)
"""Each module registers its scenarios when it is imported."""


def rows(*, embedded: bool) -> list[Scenario]:
    """Give the scenarios of the embedded run, or of the full run, in the order in which they are registered."""
    return [row for row in SCENARIOS.values() if row.embedded == embedded]
