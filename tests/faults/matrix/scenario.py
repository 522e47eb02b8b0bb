"""A scenario: one thing that may go wrong, by name, with how often it is done in CI and in the long run."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[[Any, random.Random], None]
"""Does the fault once, to a ``Rig`` or an ``EmbeddedRig``, and undoes what somebody outside would have to undo.

It returns as soon as the installation is left to itself; the runner measures how long it takes to be back.
"""


@dataclass(frozen=True)
class Scenario:
    """One row of the matrix.

    ``ci`` and ``long`` are how often it is done in CI and by ``make faults``; a row with ``ci=0`` runs only there.
    ``within`` is how many seconds the installation may take to be back by itself; it is looked at after every ``burst``
    faults, so that most of a burst hit an installation not yet back. A ``slow`` row is mostly waiting, and in CI
    it is done on a rig of its own beside the others.
    """

    name: str
    run: Run
    ci: int
    long: int
    embedded: bool
    within: float
    burst: int
    slow: bool

    @property
    def says(self) -> str:
        """What is done, in one sentence."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str,
    *,
    ci: int,
    long: int,
    embedded: bool = False,
    within: float = 60,
    burst: int = 1,
    slow: bool = False,
) -> Callable[[Run], Run]:
    """Put a function into the matrix under ``name``; its docstring says what it does."""

    def register(run: Run) -> Run:
        if name in SCENARIOS:
            message = f"two scenarios are called {name}"
            raise ValueError(message)
        if not run.__doc__:
            message = f"the scenario {name} does not say what it does"
            raise ValueError(message)
        SCENARIOS[name] = Scenario(name, run, ci, long, embedded, within, burst, slow)
        return run

    return register
