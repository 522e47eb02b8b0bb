"""A tick of the clocks looks at what is due and at nothing else, however many referrals are open."""

from __future__ import annotations

import pytest

from services.referrals.use_cases.tick import BATCH, tick
from tests.benchmarks.growth_plans import plan, reads
from tests.benchmarks.ticks import come_due, filled, statement
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road

pytestmark = pytest.mark.postgres

OPEN, DUE = 5000, 10


def test_what_is_due_is_found_by_its_index_alone(postgres_database: MakeDatabase) -> None:
    road = Road(an_installation(lambda service: postgres_database(service, "owner")))
    filled(road, OPEN)
    with road.parts.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE referrals")
    come_due(road, DUE)
    (read,) = reads(plan(road.parts.database, statement(road)))
    assert (read.table, read.scan) == ("referrals", "Index Scan")
    assert read.rows <= BATCH
    assert tick(road.parts) == DUE
    assert tick(road.parts) == 0
