"""Rigs for the matrix: one for as many scenarios as it stands, and a new one when it is spoilt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.local import Missing
from tests.conftest import absent
from tests.faults.matrix.embedded_rig import embedded_rig
from tests.faults.matrix.rig import full_rig
from tests.faults.matrix.rows import rows
from tests.faults.matrix.runner import Entry, Runner
from tests.faults.matrix.scenario import Scenario

CI_SEED = "ci"
CI_PAUSE = 0.4
"""In CI two rigs and two other workers share the cores: about ten operations a second are enough to meet a fault."""


class Bench:
    """Runs scenarios the number of times CI has for them, on a rig that ``make`` gives."""

    def __init__(self, make: Callable[[], AbstractContextManager[Any]]) -> None:
        self._make = make
        self._stack: ExitStack | None = None
        self._runner: Runner | None = None

    def run(self, scenario: Scenario) -> Entry:
        """Run one; a scenario that finds something, or fails, leaves the next one a new rig."""
        try:
            entry = self._standing().run(scenario, times=scenario.ci, seed=CI_SEED)
        except Missing as error:
            self.close()
            absent(str(error))
        except BaseException:
            self.close()
            raise
        if entry.findings:
            self.close()
        return entry

    def _standing(self) -> Runner:
        if self._runner is None:
            self._stack = ExitStack()
            self._runner = Runner(self._stack.enter_context(self._make()), CI_PAUSE)
        return self._runner

    def close(self) -> None:
        """End the rig, if there is one."""
        if self._stack is not None:
            self._stack.close()
        self._stack = self._runner = None


class Aside:
    """Does the slow rows one after the other on a bench of their own, beside the tests; ``entry`` waits for one."""

    def __init__(self, bench: Bench, scenarios: Sequence[Scenario]) -> None:
        self._bench = bench
        self._queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slow rows")
        self._entries = {
            scenario.name: self._queue.submit(bench.run, scenario) for scenario in scenarios if scenario.ci
        }

    def entry(self, scenario: Scenario) -> Entry:
        """Wait until a scenario is done; raises what it raised."""
        return self._entries[scenario.name].result()

    def close(self) -> None:
        """Begin no more of them, and end the rig after the one under way."""
        self._queue.shutdown(cancel_futures=True)
        self._bench.close()


@pytest.fixture(scope="module")
def aside(tmp_path_factory: pytest.TempPathFactory, full_bench: Bench) -> Iterator[Aside]:
    """Do the slow rows of the full run beside the others."""
    numbers = itertools.count(1)
    bench = Bench(lambda: full_rig(tmp_path_factory.mktemp(f"history-aside-{next(numbers)}")))
    beside = Aside(bench, [row for row in rows(embedded=False) if row.slow])
    yield beside
    beside.close()


@pytest.fixture(scope="module")
def full_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Run scenarios on the full run."""
    numbers = itertools.count(1)
    bench = Bench(lambda: full_rig(tmp_path_factory.mktemp(f"history-{next(numbers)}")))
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
