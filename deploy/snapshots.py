"""The three databases as of one and the same moment, to be copied at leisure while everybody goes on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import sqlalchemy as sa
from psycopg import sql

from deploy.pg_programs import BackupRefused, connect, conninfo, program, run
from shared.db import Database
from shared.outbox.tables import outbox
from shared.text import Text

WAIT_SECONDS = 30
TRIES, LOCK_MILLISECONDS, PAUSE_SECONDS = 100, 300, 0.1
"""How often and how long the three are asked to stand still together: longer than that nobody is held up."""

_BUSY = Text(
    "数据库一直繁忙，三个数据库未能同时停顿片刻。",
    "The databases are too busy: the three did not stand still together for a moment.",
)
_LATER = Text("请稍后再试。", "Try again later, when less is being done.")


class Dump(Protocol):
    """One database as of the moment."""

    @property
    def file(self) -> str:
        """The name of its copy."""

    def write(self, file: Path) -> None:
        """Copy it into a file."""

    def rows(self) -> dict[str, int]:
        """Count its rows by table."""


@dataclass(frozen=True, slots=True)
class _SqliteDump:
    connection: sqlite3.Connection
    file: str

    def write(self, file: Path) -> None:
        with closing(sqlite3.connect(file)) as copy:
            # The reader's transaction is open: pages are those of its moment, whatever is written meanwhile.
            self.connection.backup(copy)

    def rows(self) -> dict[str, int]:
        return rows_of_sqlite(self.connection)


def rows_of_sqlite(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the rows of every table of an SQLite database."""
    names = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
    )
    return {
        name: connection.execute(f'select count(*) from "{name}"').fetchone()[0]  # noqa: S608 - the database's own names
        for (name,) in names.fetchall()
    }


@contextmanager
def sqlite(databases: Mapping[str, Database]) -> Iterator[Mapping[str, Dump]]:
    """Open readers of all databases while nobody writes to any of them."""
    with ExitStack() as stack:
        files = {service: Path(sa.make_url(each.url).database or "") for service, each in databases.items()}
        writers = [stack.enter_context(closing(_open(file))) for file in files.values()]
        readers = {service: stack.enter_context(closing(_open(file))) for service, file in files.items()}
        for writer in writers:
            _hold(writer)
        for reader in readers.values():
            reader.execute("begin")
            reader.execute("select 1 from sqlite_master limit 1").fetchall()
        for writer in writers:
            writer.execute("rollback")
        yield {service: _SqliteDump(readers[service], files[service].name) for service in files}


def _hold(writer: sqlite3.Connection) -> None:
    try:
        writer.execute("begin immediate")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise BackupRefused(_BUSY, _LATER) from error


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class _PostgresqlDump:
    connection: psycopg.Connection
    snapshot: str
    url: sa.URL
    file: str

    def write(self, file: Path) -> None:
        run(
            [
                program("pg_dump"),
                "--format=custom",
                f"--snapshot={self.snapshot}",
                # Policies let the owner see every row; without this the program would not even ask.
                "--enable-row-security",
                f"--file={file}",
                f"--dbname={conninfo(self.url)}",
            ],
            self.url.password,
        )

    def rows(self) -> dict[str, int]:
        return rows_of_postgresql(self.connection)


def rows_of_postgresql(connection: psycopg.Connection) -> dict[str, int]:
    """Count the rows of every table of a PostgreSQL database."""
    names = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname"
    ).fetchall()
    found = {}
    for (name,) in names:
        counted = connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(name))
        ).fetchone()
        found[name] = counted[0] if counted else 0
    return found


@contextmanager
def postgresql(databases: Mapping[str, Database]) -> Iterator[Mapping[str, Dump]]:
    """Export a snapshot of every database while no event is recorded in any of them.

    Whatever changes something records an event with it; what somebody has received was recorded before. So it is enough
    that the outboxes stand still.
    """
    urls = {service: sa.make_url(database.url) for service, database in databases.items()}
    with ExitStack() as stack:
        readers = {service: stack.enter_context(connect(url)) for service, url in urls.items()}
        for reader in readers.values():
            # It waits for as long as the copies take, which ends no session of ours.
            reader.execute("set idle_in_transaction_session_timeout = 0")
        with _standing_still(urls):
            found: dict[str, Dump] = {}
            for service, reader in readers.items():
                reader.execute("begin isolation level repeatable read read only")
                exported = reader.execute("select pg_export_snapshot()").fetchone()
                url = urls[service]
                found[service] = _PostgresqlDump(
                    reader, str(exported and exported[0]), url, f"aid_{service}.dump"
                )
        yield found


@contextmanager
def _standing_still(urls: Mapping[str, sa.URL]) -> Iterator[None]:
    for attempt in range(TRIES):
        with ExitStack() as stack:
            try:
                for url in urls.values():
                    holder = stack.enter_context(connect(url))
                    holder.execute(sql.SQL("set lock_timeout = {}").format(LOCK_MILLISECONDS))
                    holder.execute("begin")
                    holder.execute(sql.SQL("lock table {} in share mode").format(sql.Identifier(outbox.name)))
            except psycopg.errors.LockNotAvailable as error:
                if attempt + 1 == TRIES:
                    raise BackupRefused(_BUSY, _LATER) from error
            else:
                yield
                return
        time.sleep(PAUSE_SECONDS)
