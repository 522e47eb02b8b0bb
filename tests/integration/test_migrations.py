"""The migrations of each service make exactly the tables that its code describes, on both kinds of database."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import shared
from deploy.local import Servers
from shared.audit import INSERT_ONLY
from shared.db import Database
from shared.db.migrate import migrate, pending, targets

SERVICES = ("intake", "referrals", "notifications")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without a single table, opened by its owner."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/empty.sqlite")
    else:
        servers: Servers = request.getfixturevalue("postgres")
        servers.postgres.create_database("aid_empty", "intake")
        database = Database(servers.postgres.url("intake", "owner", database="aid_empty"))
    yield database
    database.dispose()
    if request.param != "sqlite":
        servers.postgres.drop_database("aid_empty")


def described(service: str) -> list[sa.MetaData]:
    """Give the tables of the code: every package's of the platform, and the service's own."""
    for module in pkgutil.walk_packages(shared.__path__, "shared."):
        if not module.ispkg:
            importlib.import_module(module.name)
    return list(targets(importlib.import_module(f"services.{service}.persistence.tables").metadata))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_what_the_code_describes(empty: Database, service: str) -> None:
    assert pending(empty, service)
    assert migrate(empty, service, INSERT_ONLY)
    assert not pending(empty, service)
    assert not migrate(empty, service, INSERT_ONLY)
    with empty.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), described(service))  # type: ignore[arg-type]  # a list is taken; the stub lags
    assert [row for row in differences if "alembic_version" not in str(row)] == []
