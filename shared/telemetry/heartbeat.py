"""Heartbeats: each part of a worker writes that it is alive and what troubles it; ``/ready`` reads only these rows."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.clock import Clock
from shared.db import Database
from shared.db.types import Instant
from shared.telemetry.clocks import differing, measured
from shared.telemetry.tables import heartbeats as table
from shared.telemetry.trouble import Trouble, merged

EVERY_SECONDS = 5.0
"""A part writes at most this often while nothing changes."""
AGAIN_SECONDS = 1.0
"""After a beat that could not be written it is tried again no sooner."""
SILENT_AFTER = timedelta(seconds=30)
"""A part that has not written for this long counts as silent."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Rows of processes that are gone are deleted after this by whoever starts."""

log = structlog.get_logger(__name__)


def _upsert(insert: type[postgresql.Insert | sqlite.Insert]) -> sa.Insert:
    statement = insert(table)
    changing = ("started_at", "beat_at", "problem", "since", "detail")
    return statement.on_conflict_do_update(
        index_elements=[table.c.part, table.c.process],
        set_={name: statement.excluded[name] for name in changing},
    )


_UPSERT = {"postgresql": _upsert(postgresql.Insert), "sqlite": _upsert(sqlite.Insert)}
_FORGET = sa.delete(table).where(table.c.beat_at < sa.bindparam("before", type_=Instant))
_STOP = sa.delete(table).where(table.c.part == sa.bindparam("p"), table.c.process == sa.bindparam("q"))
_READ = sa.select(table)


class Heartbeat:
    """The sign of life of one part in one process; call ``beat`` as often as convenient.

    Written in the database's own time, so that a machine whose clock is wrong seems neither alive nor silent for
    it; the difference is itself reported. A ``clock`` that is given is taken instead.
    """

    def __init__(
        self,
        database: Database,
        part: str,
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._part = part
        self._clock = clock
        self._monotonic = monotonic
        self._host = socket.gethostname()[:64]
        self._process = f"{self._host}:{os.getpid()}"
        self._started_at: datetime | None = None
        self._written_at = float("-inf")
        self._not_before = float("-inf")
        self._keys: list[tuple[str, str]] = []
        self._since: dict[tuple[str, str], datetime] = {}

    def beat(self, problem: str | Trouble | Sequence[Trouble] | None = None) -> None:
        """Write that the part lives, and what troubles it: a code of ``SAYINGS``, or troubles of its own.

        Writes at once when other troubles than before are told, else at most every ``EVERY_SECONDS``, in a
        transaction of its own. A trouble without ``since`` began when it was first told. A database that is away is
        no error here: nothing is written, and it is tried again.
        """
        told = merged(_troubles(problem))
        keys = [trouble.key for trouble in told]
        if keys == self._keys and self._monotonic() - self._written_at < EVERY_SECONDS:
            return
        if self._monotonic() < self._not_before:
            return
        try:
            started_at, since = self._write(told)
        except (DBAPIError, PoolTimeoutError) as error:
            # The silence is what tells of it. To end the part over it would take the cure for the illness: it waits for
            # its database by itself, and may have something else to do meanwhile.
            log.warning("heartbeat.not-written", part=self._part, error=type(error).__name__)
            self._not_before = self._monotonic() + AGAIN_SECONDS
            return
        self._started_at, self._keys, self._since = started_at, keys, since
        self._written_at = self._monotonic()

    def _write(self, told: list[Trouble]) -> tuple[datetime, dict[tuple[str, str], datetime]]:
        with self._database.unit_of_work() as uow:
            now, difference = measured(uow.connection, self._clock)
            if self._clock is None:
                told += differing(self._host, difference)
            since = {trouble.key: trouble.since or self._since.get(trouble.key, now) for trouble in told}
            told = [replace(trouble, since=since[trouble.key]) for trouble in told]
            if self._started_at is None:
                uow.connection.execute(_FORGET, {"before": now - FORGOTTEN_AFTER})
            started_at = self._started_at or now
            uow.connection.execute(_UPSERT[self._database.dialect], self._row(started_at, now, told))
        return started_at, since

    def _row(self, started_at: datetime, now: datetime, told: Sequence[Trouble]) -> dict[str, Any]:
        return {
            "part": self._part,
            "process": self._process,
            "started_at": started_at,
            "beat_at": now,
            "problem": told[0].code[:64] if told else None,
            "since": told[0].since if told else None,
            "detail": [trouble.as_json() for trouble in told] or None,
        }

    def stop(self) -> None:
        """Take the row away: the part ends because it was told to."""
        with self._database.unit_of_work() as uow:
            uow.connection.execute(_STOP, {"p": self._part, "q": self._process})
        self._started_at = None
        self._written_at = float("-inf")


def _troubles(problem: str | Trouble | Sequence[Trouble] | None) -> Sequence[Trouble]:
    if problem is None:
        return ()
    if isinstance(problem, str):
        return (Trouble.of(problem),)
    return (problem,) if isinstance(problem, Trouble) else problem


def troubles(connection: Connection, service: str, parts: Sequence[str], now: datetime) -> list[Trouble]:
    """Read what troubles the parts of a service that should be alive: what they tell themselves, and silence.

    ``now`` is in the time the heartbeats are written in: that of ``shared.telemetry.clocks.measured``.
    """
    rows = connection.execute(_READ).all()
    found: list[Trouble] = []
    for part in parts:
        mine = [row for row in rows if row.part == part]
        alive = [row for row in mine if row.beat_at > now - SILENT_AFTER]
        if not alive:
            last = max((row.beat_at for row in mine), default=None)
            silent = Trouble.of("silent", since=last, service=service, part=part)
            found.append(replace(silent, code=f"{part}-silent"))
        found += [trouble for row in alive for trouble in _told(row)]
    return merged(found)


def _told(row: sa.Row[Any]) -> list[Trouble]:
    if row.problem is None:
        return []
    if isinstance(row.detail, list):
        return [Trouble.from_json(entry) for entry in row.detail]
    return [Trouble.of(row.problem, since=row.since)]  # written by the release before this one
