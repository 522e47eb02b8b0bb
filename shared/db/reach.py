"""How far the transactions of one request may see on PostgreSQL: what its row-level policies go by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.pool import PoolProxiedConnection

EVERYTHING = "aid.everything"
"""The setting that lifts every limit of rows; ``on`` or ``off``."""
PLACES = {name: f"aid.{name}" for name in ("agencies", "units", "streets", "counters", "inboxes", "lists")}
"""What a reach is made of, and the settings of a transaction that hold it: codes with commas between them."""

_CODE = re.compile(r"[^\s,'\\]{1,200}")
_present: ContextVar[bytes | None] = ContextVar("reach", default=None)
_lifted: ContextVar[Connection | None] = ContextVar("lifted", default=None)


def reach(*, everything: bool, **places: Iterable[str]) -> bytes:
    """Write a reach as the statements that limit a transaction to it; the names of ``places`` are those of ``PLACES``.

    Raises ``ValueError`` for a code that could be read as something else than one code.
    """
    said = [f"SET LOCAL {EVERYTHING}='{'on' if everything else 'off'}'"]
    for name, codes in places.items():
        given = sorted(codes)
        if wrong := [code for code in given if not _CODE.fullmatch(code)]:
            message = f"not a code: {wrong[0]!r}"
            raise ValueError(message)
        if given:
            said.append(f"SET LOCAL {PLACES[name]}='{','.join(given)}'")
    return ";".join(said).encode()


def limit(limits: bytes) -> Token[bytes | None]:
    """Limit every transaction that this thread begins from now on, until ``release``."""
    return _present.set(limits)


def release(token: Token[bytes | None]) -> None:
    """Take the limit away that ``limit`` has set."""
    _present.reset(token)


@contextmanager
def beyond(connection: Connection | None = None) -> Iterator[None]:
    """See past the limit: for a moment, in the middle of a transaction. Say beside each use what for.

    It costs two round trips where there is a limit, and within another such moment none. Without a connection it is for
    all of each transaction that is begun inside the block, and costs none: for the road, and for what reads nothing.
    """
    limits = _present.get()
    if limits in {None, _ALL} or (connection is not None and not _to_be_lifted(connection)):
        yield
        return
    if connection is None:
        token = _present.set(_ALL)
        try:
            yield
        finally:
            _present.reset(token)
        return
    connection.execute(_LIFT)
    lifted = _lifted.set(connection)
    try:
        yield
    finally:
        _lifted.reset(lifted)
    # What raises in the block ends the transaction, and with it the setting.
    connection.exec_driver_sql(limits.decode())


def _to_be_lifted(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and _lifted.get() is not connection


def begin_limited(engine: Engine) -> None:
    """Have an engine of PostgreSQL send the present reach together with BEGIN, so that it costs no round trip.

    Where there is none, the driver begins as ever: with the first statement.
    """

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        driver = cast("psycopg.Connection[Any]", dbapi_connection.driver_connection)
        limits = _present.get()
        if driver.autocommit is not (limits is not None):
            driver.autocommit = limits is not None
        if limits is not None:
            begun = b"BEGIN READ ONLY;" if driver.read_only else b"BEGIN;"
            # Several statements at once travel only unprepared.
            driver.execute(begun + limits, prepare=False)

    engine.dialect.do_begin = begin  # type: ignore[method-assign]


_ALL = reach(everything=True)
_LIFT = sa.text(f"SELECT set_config('{EVERYTHING}', 'on', true)")
