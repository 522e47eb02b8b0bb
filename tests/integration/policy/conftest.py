"""The district of the matrix, once on SQLite for all that only looks at the code's own policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from shared.db import Database
from tests import databases
from tests.builders import a_district_with_counter, an_installation
from tests.integration.policy.world import AGENCIES, HERE, THERE, World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two help desks that have filed for the same three agencies."""
    folder = tmp_path_factory.mktemp("policy")
    with databases.kept_open() as keep:

        def make(service: str) -> Database:
            database = keep(databases.sqlite(folder / f"{service}.sqlite", service, folder))
            # Nothing here has to outlive a power cut, and thousands of refusals are each a line of the audit log.
            sa.event.listen(
                database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF")
            )
            return database

        made = World(an_installation(make, district=a_district_with_counter(), staff=True))
        for place in (HERE, THERE):
            made.settle(place, *AGENCIES)
        yield made
