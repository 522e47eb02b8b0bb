"""Rigs for the matrix: one for as many scenarios as it stands, and a new one when it is spoilt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.local import Missing
from tests.conftest import absent
from tests.faults.matrix.embedded_rig import embedded_rig
from tests.faults.matrix.rig import full_rig
from tests.faults.matrix.runner import Entry, Runner
from tests.faults.matrix.scenario import Scenario

CI_SEED = "ci"


class Bench:
    """Runs scenarios the number of times CI has for them, on a rig that ``make`` gives."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]) -> None:
        self._make = make
        self._stack: ExitStack | None = None
        self._runner: Runner | None = None

    def run(self, scenario: Scenario) -> Entry:
        """Run one; a scenario that spoils the rig, or fails, leaves the next one a new rig."""
        try:
            entry = self._standing().run(scenario, times=scenario.ci, seed=CI_SEED)
        except Missing as error:
            self.close()
            absent(str(error))
        except BaseException:
            self.close()
            raise
        if entry.findings or scenario.own:
            self.close()
        return entry

    def _standing(self) -> Runner:
        if self._runner is None:
            self._stack = ExitStack()
            self._runner = Runner(self._stack.enter_context(self._make()))
        return self._runner

    def close(self) -> None:
        """End the rig, if there is one."""
        if self._stack is not None:
            self._stack.close()
        self._stack = self._runner = None


@pytest.fixture(scope="module")
def full_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Run scenarios on the full run."""
    bench = Bench(lambda: full_rig(tmp_path_factory.mktemp("history")))
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def embedded_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Run scenarios on the embedded run."""
    numbers = itertools.count(1)

    def make() -> AbstractContextManager[Any]:
        place: Path = tmp_path_factory.mktemp(f"embedded-{next(numbers)}")
        return embedded_rig(place / "history", place)

    bench = Bench(make)
    yield bench
    bench.close()
