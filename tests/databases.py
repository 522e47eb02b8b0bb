"""Fresh databases for tests, with every table a service has."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from psycopg import sql

from deploy.local import Servers, names
from shared import audit, outbox
from shared.db import Database
from shared.db.migrate import migrate
from shared.db.reach import EVERYTHING

FLUSHES = (outbox.flush, audit.flush)


def sqlite(file: Path, service: str, originals: Path) -> Database:
    """Make a SQLite database in ``file``: a copy of a migrated one, which the first call leaves in ``originals``."""
    original = originals / f"aid_{service}.sqlite"
    if not original.exists():
        _migrate(f"sqlite:///{original}", service)
    shutil.copyfile(original, file)
    return Database(f"sqlite:///{file}", flushes=FLUSHES)


def postgresql(url: str) -> Database:
    """Open a PostgreSQL database that `fresh` has made."""
    return Database(url, flushes=FLUSHES)


def fresh(servers: Servers, service: str, number: int, *, strict: bool = False) -> str:
    """Copy the service's own database, which no test uses but as the original, and give the copy's name.

    The first call migrates the original, so that its roles have exactly the rights they have in a full run; but
    a test often is worker and reader in the web's role: unless ``strict``, rows are limited only where a request is.
    """
    postgres = servers.postgres
    original = names.database(service)
    _migrate(postgres.url(service, "owner"), service)
    name = f"{original}_{number}"
    postgres.create_database(name, service, template=original)
    if not strict:
        _see_all_without_a_limit(servers, service, name)
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


def _see_all_without_a_limit(servers: Servers, service: str, name: str) -> None:
    unlimited = sql.SQL("USING (coalesce(current_setting({}, true), '') = '')").format(EVERYTHING)
    web = sql.Identifier(names.database_role(service, "web"))
    with servers.postgres.connect(name) as connection:
        for (table,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity"
        ).fetchall():
            there = sql.Identifier(table)
            connection.execute(sql.SQL("CREATE POLICY test ON {} TO {} ").format(there, web) + unlimited)


@cache
def _migrate(url: str, service: str) -> None:
    database = Database(url)
    migrate(database, service, audit.INSERT_ONLY)
    database.dispose()
