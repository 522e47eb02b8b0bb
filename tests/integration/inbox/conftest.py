"""A database with the inbox and the table of counted effects."""

from __future__ import annotations

import pytest

from shared.db import Database
from tests.integration.inbox.deliveries import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def inbox_database(request: pytest.FixtureRequest) -> Database:
    """Give an empty database of the service ``referrals``, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        database: Database = request.getfixturevalue("sqlite_database")("referrals")
    else:
        database = request.getfixturevalue("postgres_database")("referrals", "owner")
    metadata.create_all(database.engine)
    return database
