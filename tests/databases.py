"""Fresh databases for tests, with every table a service has."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

import shared
from deploy.local import Servers
from shared import audit, outbox
from shared.db import Database
from shared.db.metadata import platform

FLUSHES = (outbox.flush, audit.flush)


def tables_of(service: str) -> list[sa.MetaData]:
    """Give the platform's metadata, complete, and the service's own."""
    for file in sorted(Path(shared.__path__[0]).glob("*/tables.py")):
        importlib.import_module(f"shared.{file.parent.name}.tables")
    own = importlib.import_module(f"services.{service}.persistence.tables").metadata
    return [platform, own]


def sqlite(file: Path, service: str) -> Database:
    """Make a SQLite database in ``file`` with all tables of ``service``."""
    database = Database(f"sqlite:///{file}", flushes=FLUSHES)
    _create(database, service)
    return database


def postgresql(url: str) -> Database:
    """Open a PostgreSQL database that `fresh` has made."""
    return Database(url, flushes=FLUSHES)


def fresh(servers: Servers, service: str, number: int) -> str:
    """Copy the service's empty database under a new name and give the name; the first call makes the original."""
    postgres = servers.postgres
    original = f"aid_{service}_empty"
    with postgres.connect("postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (original,)).fetchone()
    if not known:
        postgres.create_database(original, service)
        owner = postgresql(postgres.url(service, "owner", database=original))
        _create(owner, service)
        owner.dispose()
    name = f"aid_{service}_{number}"
    postgres.create_database(name, service, template=original)
    return name


@contextmanager
def kept_open() -> Iterator[Callable[[Database], Database]]:
    """Give a function that takes databases into care; all are closed at the end."""
    open_ones: list[Database] = []

    def keep(database: Database) -> Database:
        open_ones.append(database)
        return database

    yield keep
    for database in open_ones:
        database.dispose()


def is_local(url: str) -> bool:
    """Tell whether an address is of this machine or of no machine at all (``data:``, ``about:``, ``blob:``)."""
    return urlsplit(url).hostname in {None, "127.0.0.1", "localhost", "::1"}


def _create(database: Database, service: str) -> None:
    for metadata in tables_of(service):
        metadata.create_all(database.engine)
    if database.dialect == "postgresql":
        with database.engine.begin() as connection:
            for role in ("web", "worker"):
                name = f"aid_{service}_{role}"
                for grant in (
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO",
                    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO",
                ):
                    connection.execute(sa.text(f"{grant} {name}"))
