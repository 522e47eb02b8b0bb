"""The rows of the matrix for the embedded run, as often as CI has time for; make faults does each far more often."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Bench
from tests.faults.matrix.rows import rows
from tests.faults.matrix.scenario import Scenario

ROWS = [row for row in rows(embedded=True) if row.ci]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost_and_nothing_happens_twice(embedded_bench: Bench, row: Scenario) -> None:
    assert embedded_bench.run(row).findings == []
