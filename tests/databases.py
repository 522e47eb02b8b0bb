"""Fresh databases for tests, with every table a service has, and more where a test says what it begins with."""

from __future__ import annotations

import itertools
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event

from deploy.local import Servers, names
from shared import audit, outbox
from shared.db import Database
from shared.db.migrate import migrate
from shared.db.reach import EVERYTHING

FLUSHES = (outbox.flush, audit.flush)


class Fresh(ABC):
    """Gives a test its databases, by service; they hold nothing but tables, or what others were kept with."""

    kind: str

    @abstractmethod
    def __call__(self, service: str, role: str = "web", *, like: str = "") -> Database:
        """Give a fresh database as a role sees it; with ``like`` what was kept under this name is in it."""

    @abstractmethod
    def keep(self, databases: Mapping[str, Database], name: str) -> None:
        """Keep what these databases hold, for others of this run to begin with."""


class OnSqlite(Fresh):
    """Databases in ``folder``, copied from those in ``originals``; asked again it begins anew."""

    kind = "sqlite"

    def __init__(self, folder: Path, originals: Path, opened: Opened) -> None:
        self._folder, self._originals, self._opened = folder, originals, opened

    def __call__(self, service: str, role: str = "web", *, like: str = "") -> Database:  # noqa: ARG002
        """Give a fresh database, the same in every role."""
        file = self._folder / f"aid_{service}.sqlite"
        return self._opened(sqlite(file, service, self._originals, like=like))

    def keep(self, databases: Mapping[str, Database], name: str) -> None:
        """Copy the files once everything is in them."""
        for service, database in databases.items():
            database.dispose()
            shutil.copyfile(self._folder / f"aid_{service}.sqlite", _original(self._originals, service, name))


class OnPostgres(Fresh):
    """Databases on a server; asked twice for one service it gives the same one, so that two roles may look at it."""

    kind = "postgresql"

    def __init__(self, servers: Servers, opened: Opened) -> None:
        self._servers, self._opened = servers, opened
        self._names: dict[str, str] = {}

    def __call__(self, service: str, role: str = "web", *, like: str = "") -> Database:
        """Give a fresh database as a role sees it."""
        if service not in self._names:
            self._names[service] = fresh(self._servers, service, next(_numbers), like=like)
        url = self._servers.postgres.url(service, role, database=self._names[service])
        return self._opened(postgresql(url))

    def keep(self, databases: Mapping[str, Database], name: str) -> None:
        """Copy the databases, which nobody may be connected to meanwhile."""
        for service, database in databases.items():
            database.dispose()
            copy = f"{names.database(service)}_{name}"
            self._servers.postgres.create_database(copy, service, template=self._names[service])

    def drop(self) -> None:
        """Drop them all."""
        for name in self._names.values():
            self._servers.postgres.drop_database(name)


def sqlite(file: Path, service: str, originals: Path, *, like: str = "") -> Database:
    """Make a SQLite database in ``file``: a copy of a migrated one, which the first call leaves in ``originals``.

    Like the servers of the tests it does not wait for the disk: no test takes its power away.
    """
    original = _original(originals, service, like)
    if not like and not original.exists():
        _migrate(f"sqlite:///{original}", service)
    shutil.copyfile(original, file)
    database = Database(f"sqlite:///{file}", flushes=FLUSHES)
    event.listen(database.engine, "connect", _wait_for_no_disk)
    return compiled_once(database)


def postgresql(url: str) -> Database:
    """Open a PostgreSQL database that `fresh` has made."""
    return compiled_once(Database(url, flushes=FLUSHES))


def fresh(servers: Servers, service: str, number: int, *, strict: bool = False, like: str = "") -> str:
    """Copy the service's own database, which no test uses but as the original, and give the copy's name.

    The first call migrates the original, so that its roles have exactly the rights they have in a full run; but
    a test often is worker and reader in the web's role: unless ``strict``, rows are limited only where a request is.
    ``like`` is the name of something kept, which takes the original's place.
    """
    postgres = servers.postgres
    original = names.database(service)
    _migrate(postgres.url(service, "owner"), service)
    if like:
        original = f"{original}_{like}"
    elif not strict:
        original = _without_a_limit(servers, service)
    name = f"{names.database(service)}_{number}"
    postgres.create_database(name, service, template=original)
    return name


def compiled_once(database: Database) -> Database:
    """Let a database use the statements that others before it have compiled: a third of what a test costs.

    Compiled statements are found by their dialect, of which every engine makes one of its own.
    """
    if database.dialect not in _DIALECTS:
        with database.engine.connect() as connection:  # a dialect's first connection tells it of its server
            _DIALECTS[database.dialect] = connection.dialect
    for engine in (database.engine, database._reader, database._writer):
        engine.dialect = _DIALECTS[database.dialect]
        engine.update_execution_options(compiled_cache=_COMPILED)
    return database


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


def _original(originals: Path, service: str, like: str) -> Path:
    return originals / (f"aid_{service}_{like}.sqlite" if like else f"aid_{service}.sqlite")


@cache
def _without_a_limit(servers: Servers, service: str) -> str:
    original = names.database(service)
    name = f"{original}_unlimited"
    servers.postgres.create_database(name, service, template=original)
    unlimited = sql.SQL("USING (coalesce(current_setting({}, true), '') = '')").format(EVERYTHING)
    web = sql.Identifier(names.database_role(service, "web"))
    with servers.postgres.connect(name) as connection:
        for (table,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity"
        ).fetchall():
            there = sql.Identifier(table)
            connection.execute(sql.SQL("CREATE POLICY test ON {} TO {} ").format(there, web) + unlimited)
    return name


@cache
def _migrate(url: str, service: str) -> None:
    database = Database(url)
    migrate(database, service, audit.INSERT_ONLY)
    database.dispose()


def _wait_for_no_disk(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


Opened = Callable[[Database], Database]

_numbers = itertools.count(1)
_COMPILED: dict[Any, Any] = {}
_DIALECTS: dict[str, sa.Dialect] = {}
