"""The rows of the matrix for the full run, as often as CI has time for; make faults does each far more often."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Aside, Bench
from tests.faults.matrix.rows import rows
from tests.faults.matrix.scenario import Scenario

ROWS = [row for row in rows(embedded=False) if row.ci]

pytestmark = [
    pytest.mark.full,
    pytest.mark.postgres,
    pytest.mark.rabbitmq,
    pytest.mark.timeout(900),
    # Begins the slow rows before the first of the others.
    pytest.mark.usefixtures("aside"),
]


@pytest.mark.parametrize("row", [row for row in ROWS if not row.slow], ids=lambda row: row.name)
def test_nothing_is_lost_and_nothing_happens_twice(full_bench: Bench, row: Scenario) -> None:
    assert full_bench.run(row).findings == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.slow], ids=lambda row: row.name)
def test_nothing_is_lost_and_all_comes_back_in_its_time(aside: Aside, row: Scenario) -> None:
    assert aside.entry(row).findings == []
