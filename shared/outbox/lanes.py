"""The two lanes of the outbox as data, and the statements that read and mark them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.db.types import DIALECTS, NOW, among, from_now
from shared.events import PARTITIONS
from shared.messaging import AGENCIES, EVENTS
from shared.outbox.tables import outbox

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
IDS_AT_ONCE = 500


def chunks(names: Collection[str]) -> Iterable[list[str]]:
    """Give ids in lists short enough for one statement."""
    ordered = sorted(names)
    return (ordered[start : start + IDS_AT_ONCE] for start in range(0, len(ordered), IDS_AT_ONCE))


def wait_after(attempts: int) -> timedelta:
    """How long an event that was not taken rests before it is tried again: 1 s, doubling, at most 5 min."""
    return min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)


@dataclass(frozen=True)
class Row:
    """One event that a lane still has to publish."""

    id: int
    message_id: str
    type: str
    subject: str
    routing_key: str
    body: bytes
    attempts: int


class Lane:
    """One way out of the outbox: its exchange, and which columns say how far a row has got on it.

    ``waiting`` is what holds of a row that has not left on it; ``attempts`` counts how often it was not taken.
    """

    def __init__(self, name: str, exchange: str, prefix: str) -> None:
        column: Callable[[str], sa.Column[Any]] = lambda name: outbox.c[f"{prefix}{name}"]  # noqa: E731 - a short cut
        self.name = name
        self.exchange = exchange
        self.outside = bool(prefix)
        self._published, self.attempts = column("published_at"), column("attempts")
        self._next, self._error = column("next_attempt_at"), column("last_error")
        self.waiting: sa.ColumnElement[bool] = self._published.is_(None)
        message_id = outbox.c.event_id
        if prefix:
            message_id = outbox.c.agencies_id
            self.waiting = sa.and_(outbox.c.agencies_body.is_not(None), self.waiting)
        resting = sa.select(outbox.c.subject).where(self.waiting, self._next > NOW)
        unpublished = (
            sa.select(
                outbox.c.id,
                message_id,
                outbox.c.type,
                outbox.c.subject,
                outbox.c.routing_key,
                column("body"),
                self.attempts,
            )
            .where(self.waiting, outbox.c.subject.not_in(resting))
            .order_by(outbox.c.id)
            .limit(sa.bindparam("limit"))
        )
        self._claim_all = unpublished
        self._claim = unpublished.where(outbox.c.partition.in_(sa.bindparam("partitions", expanding=True)))
        self._mark = {
            dialect: sa.update(outbox)
            .where(among(outbox.c.id, "ids", dialect), self._published.is_(None))
            .values({self._published: sa.bindparam("now"), self._error: None})
            for dialect in DIALECTS
        }
        self._rewrite = (
            sa.update(outbox)
            .where(outbox.c.id == sa.bindparam("row"))
            .values({column("body"): sa.bindparam("bytes")})
        )
        self._postpone = (
            sa.update(outbox)
            .where(outbox.c.id == sa.bindparam("row"))
            .values(
                {
                    self.attempts: self.attempts + 1,
                    # In the database's time: the relay that takes over may have another clock.
                    self._next: from_now(sa.bindparam("rest", type_=sa.Float)),
                    self._error: sa.bindparam("reason"),
                }
            )
        )

    def claim(self, connection: Connection, partitions: list[int], limit: int) -> list[Row]:
        """Read what is unpublished, in the order written, without the aggregates that rest after a refusal.

        Never by ``id >`` some last one seen: rows become visible as they commit, not in the order of ids.
        """
        values: dict[str, object] = {"limit": limit}
        if len(partitions) == PARTITIONS:
            return [Row(*row) for row in connection.execute(self._claim_all, values)]
        return [Row(*row) for row in connection.execute(self._claim, {**values, "partitions": partitions})]

    def mark(self, connection: Connection, rows: list[int], now: datetime) -> None:
        """Note that these rows were taken by the broker."""
        connection.execute(self._mark[connection.dialect.name], {"ids": rows, "now": now})

    def rewrite(self, connection: Connection, rows: list[Row]) -> None:
        """Keep these rows' bodies in the place of what they were."""
        connection.execute(self._rewrite, [{"row": row.id, "bytes": row.body} for row in rows])

    def postpone(self, connection: Connection, refused: list[tuple[Row, str]]) -> None:
        """Note why rows were not taken and let their aggregates rest."""
        connection.execute(
            self._postpone,
            [
                {"row": row.id, "rest": wait_after(row.attempts).total_seconds(), "reason": reason}
                for row, reason in refused
            ],
        )


LANES = (Lane("events", EVENTS, ""), Lane("agencies", AGENCIES, "agencies_"))
