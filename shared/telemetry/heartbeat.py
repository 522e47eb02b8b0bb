"""Heartbeats: each part of a worker writes that it is alive and what troubles it; ``/ready`` reads only these rows."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.db.types import Instant
from shared.telemetry.tables import heartbeats as table
from shared.text import Text

EVERY_SECONDS = 5.0
"""A part writes at most this often while nothing changes."""
SILENT_AFTER = timedelta(seconds=30)
"""A part that has not written for this long counts as silent."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Rows of processes that are gone are deleted after this by whoever starts."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem as ``/ready`` tells it: a code, since when, and what an operator can do."""

    code: str
    remedy: Text
    since: datetime | None = None


REMEDIES: Mapping[str, Text] = {
    "broker-away": Text(
        "无法连接消息服务；请检查 RabbitMQ 是否运行及网络。已受理的内容不会丢失，恢复后自动补发。",
        "The broker cannot be reached: see that RabbitMQ runs. Nothing is lost; all is sent when it is back.",
    ),
    "database-away": Text(
        "无法连接数据库；请检查 PostgreSQL。", "The database cannot be reached: see that PostgreSQL runs."
    ),
    "event-not-taken": Text(
        "有消息无处投递或被拒收，会自动重试；请执行命令 topology apply，仍不行请查看消息服务的日志。",
        "The broker does not take some messages; they are tried again. Run the command topology apply; if that does "
        "not help, see the broker's log.",
    ),
    "dead-letters": Text(
        "有消息未能处理；请执行命令 dead-letters list。",
        "Some messages could not be handled: run the command dead-letters list.",
    ),
    "demo-key": Text(
        "演示用主密钥存放在数据目录中；正式使用前请改用外部密钥。",
        "The demo's master key lies beside its data; use a key from outside before real work.",
    ),
}
"""What to do about the problem codes that any part may report."""

_SEE_LOG = Text("请查看该进程的日志。", "See the log of that process.")


def silent(part: str) -> Trouble:
    """Give the trouble of a part that has not been heard of."""
    return Trouble(
        f"{part}-silent",
        Text(
            "{part} 没有心跳；请启动或重启该服务的 worker。",
            "{part} gives no sign of life: start or restart the service's worker.",
        ).format(part=part),
    )


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
    """The sign of life of one part in one process; call ``beat`` as often as convenient."""

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
        self._clock = clock or SystemClock()
        self._monotonic = monotonic
        self._process = f"{socket.gethostname()[:64]}:{os.getpid()}"
        self._started_at: datetime | None = None
        self._written_at = float("-inf")
        self._problem: str | None = None
        self._since: datetime | None = None

    def beat(self, problem: str | Trouble | None = None) -> None:
        """Write that the part lives, and what troubles it: a code of ``REMEDIES``, or a ``Trouble`` of its own.

        Writes at once when the problem changes, else at most every ``EVERY_SECONDS``, in a transaction of its own.
        """
        code = problem.code if isinstance(problem, Trouble) else problem
        if code == self._problem and self._monotonic() - self._written_at < EVERY_SECONDS:
            return
        now = self._clock.now()
        since = None if code is None else self._since if code == self._problem else now
        first = self._started_at is None
        row: dict[str, Any] = {
            "part": self._part,
            "process": self._process,
            "started_at": self._started_at or now,
            "beat_at": now,
            "problem": code,
            "since": since,
            "detail": problem.remedy.both() if isinstance(problem, Trouble) else None,
        }
        with self._database.unit_of_work() as uow:
            if first:
                uow.connection.execute(_FORGET, {"before": now - FORGOTTEN_AFTER})
            uow.connection.execute(_UPSERT[self._database.dialect], row)
        self._started_at, self._problem, self._since = row["started_at"], code, since
        self._written_at = self._monotonic()

    def stop(self) -> None:
        """Take the row away: the part ends because it was told to."""
        with self._database.unit_of_work() as uow:
            uow.connection.execute(_STOP, {"p": self._part, "q": self._process})
        self._started_at = None
        self._written_at = float("-inf")


def troubles(connection: Connection, parts: Sequence[str], now: datetime) -> list[Trouble]:
    """Read what troubles the parts that should be alive: their own problems, and silence."""
    rows = connection.execute(_READ).all()
    found: list[Trouble] = []
    for part in parts:
        mine = [row for row in rows if row.part == part]
        alive = [row for row in mine if row.beat_at > now - SILENT_AFTER]
        if not alive:
            last = max((row.beat_at for row in mine), default=None)
            trouble = silent(part)
            found.append(Trouble(trouble.code, trouble.remedy, last))
        found += [Trouble(row.problem, _remedy(row), row.since) for row in alive if row.problem]
    return found


def _remedy(row: sa.Row[Any]) -> Text:
    if row.detail:
        return Text(row.detail["zh"], row.detail["en"])
    return REMEDIES.get(row.problem, _SEE_LOG)
