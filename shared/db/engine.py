"""The engine of one service's database and the only two ways into it: ``read`` and ``unit_of_work``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.pool import NullPool

from shared.db.reach import begin_limited
from shared.db.unit_of_work import Flush, Once, UnitOfWork
from shared.telemetry.failpoints import failpoint

BUSY_SECONDS = 30
PEER_GONE_SECONDS = 10
"""After this long without an answer a database server counts as gone (kernel time-outs, in seconds)."""
HANGING_SECONDS = 20
"""A transaction in which nothing is asked for so long is ended by the server.

A process that hangs holds its locks, and whoever takes its work over would wait for them as long.
"""


class Database:
    """One service's database. Making one connects to nothing.

    ``url`` is an SQLAlchemy URL of PostgreSQL (``postgresql+psycopg://``) or SQLite (``sqlite:///FILE``).
    ``flushes`` write the events and the audit entries of a unit of work, in this order, before its commit.
    With ``direct`` every connection is opened afresh and closed after use: for whoever holds session locks. With
    ``seldom`` a connection is tried before it is used, for one round trip: where much time lies between two uses the
    server may have been started again meanwhile.
    """

    def __init__(
        self,
        url: str,
        *,
        application_name: str = "aid",
        pool_size: int = 5,
        flushes: Sequence[Flush] = (),
        direct: bool = False,
        seldom: bool = False,
    ) -> None:
        self.url = url
        self.dialect = sa.make_url(url).get_backend_name()
        self._flushes = tuple(flushes)
        arguments: dict[str, Any] = {
            "json_serializer": _dumps,
            "json_deserializer": orjson.loads,
            "hide_parameters": True,
            "pool_pre_ping": seldom,
        }
        if direct:
            arguments["poolclass"] = NullPool
        else:
            arguments |= {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": BUSY_SECONDS}
        if self.dialect == "sqlite":
            arguments["connect_args"] = {"check_same_thread": False, "timeout": BUSY_SECONDS}
        else:
            arguments["connect_args"] = _postgresql_arguments(application_name)
        self.engine: Engine = sa.create_engine(url, **arguments)
        event.listen(self.engine, "handle_error", _name_what_ended_the_session)
        if self.dialect == "sqlite":
            _prepare_sqlite(self.engine)
            self._reader: Engine = self.engine
            self._writer: Engine = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            begin_limited(self.engine)
            self._reader = self.engine.execution_options(postgresql_readonly=True)
            self._writer = self.engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one deferred, read-only transaction."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def unit_of_work(self, *, once: Once | None = None) -> Iterator[UnitOfWork]:
        """Open one writing transaction; it commits when the block ends and rolls back when it raises.

        ``once`` claims an idempotency key first and keeps ``uow.result`` last, in the same transaction.
        """
        with self._writer.connect() as connection:
            with connection.begin():
                if once is not None:
                    once.begin(connection)
                uow = UnitOfWork(connection)
                yield uow
                failpoint("unit-of-work.before-outbox")
                for flush in self._flushes:
                    flush(uow)
                _write(uow, once)
                failpoint("unit-of-work.before-commit")
            failpoint("unit-of-work.after-commit")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def driver_words(error: DBAPIError) -> str:
    """Give the driver's own first line, which says what is wrong; statement and values are nobody's business."""
    return str(error.orig or error).strip().splitlines()[0]


def _write(uow: UnitOfWork, once: Once | None) -> None:
    if once is None:
        uow.write()
        return
    once.finish(uow)
    try:
        uow.write()
    except IntegrityError as error:
        once.explain(error)
        raise


def _name_what_ended_the_session(context: ExceptionContext) -> None:
    # The driver counts a session that the server ended for hanging among its own inner faults; to everybody here it is
    # a connection that was lost.
    if context.is_disconnect and isinstance(context.sqlalchemy_exception, InternalError):
        raise OperationalError(
            context.statement,
            None,
            context.original_exception,
            hide_parameters=True,
            connection_invalidated=True,
        )


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()


def _postgresql_arguments(application_name: str) -> dict[str, Any]:
    return {
        "application_name": application_name,
        "connect_timeout": PEER_GONE_SECONDS,
        "keepalives_idle": PEER_GONE_SECONDS // 2,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": PEER_GONE_SECONDS * 1000,
        # What we look for by key is in memory: priced as for turning disks, a batch of keys would scan the table.
        # The server, too, must notice a client that is gone, for it holds that client's locks.
        "options": f"-c timezone=UTC -c tcp_user_timeout={PEER_GONE_SECONDS}s"
        f" -c tcp_keepalives_idle={PEER_GONE_SECONDS} -c random_page_cost=1.1"
        f" -c idle_in_transaction_session_timeout={HANGING_SECONDS}s",
    }


def _prepare_sqlite(engine: Engine) -> None:
    # The driver's own BEGIN is switched off, so that a unit of work can take the write lock at once: a
    # deferred transaction that turns into a writer fails with "database is locked", however long it may wait.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection has no common type
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
