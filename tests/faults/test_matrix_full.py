"""The rows of the matrix for the full run, as often as CI has time for; make faults does each far more often."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Bench
from tests.faults.matrix.rows import rows
from tests.faults.matrix.scenario import Scenario

ROWS = [row for row in rows(embedded=False) if row.ci]


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost_and_nothing_happens_twice(full_bench: Bench, row: Scenario) -> None:
    assert full_bench.run(row).findings == []
