"""The statements of the inbox: receipts, attempts and letters of one consumer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from shared.db import Insert, insert
from shared.db.types import DIALECTS, NOW, among, from_now
from shared.inbox.arrival import STRANGER, Arrival, Chain
from shared.inbox.tables import SETTLED_STATES, attempts, dead_letters, receipts
from shared.messaging import Delivery

RETRY_AFTER = timedelta(seconds=5)


def _history(dialect: str) -> sa.CompoundSelect[Any]:
    return sa.union_all(
        sa.select(
            receipts.c.source,
            receipts.c.subject,
            receipts.c.sequence,
            sa.cast(receipts.c.event_id, sa.Text).label("event_id"),
            sa.literal(0).label("letter"),
            sa.literal("receipt").label("state"),
        ).where(
            receipts.c.consumer == sa.bindparam("consumer"), among(receipts.c.subject, "subjects", dialect)
        ),
        sa.select(
            dead_letters.c.source,
            dead_letters.c.subject,
            dead_letters.c.sequence,
            dead_letters.c.event_id,
            dead_letters.c.id,
            dead_letters.c.state,
        ).where(
            dead_letters.c.consumer == sa.bindparam("consumer"),
            among(dead_letters.c.subject, "subjects", dialect),
            dead_letters.c.state.not_in(SETTLED_STATES),
            # Whatever a stranger sends must not pass for an event that is already kept.
            dead_letters.c.reason != STRANGER,
        ),
    )


_HISTORY = {dialect: _history(dialect) for dialect in DIALECTS}
_RECEIPT = Insert(receipts)
# In the database's time: the process that takes over may have another clock. No time where nothing is bound.
_RETRY_AT = from_now(sa.bindparam("retry_in", type_=sa.Float))
# An operator may have dismissed a letter while it was being tried: then that stands.
_NOT_DISMISSED = dead_letters.c.state != "dismissed"


@dataclass
class History:
    """What a consumer already knows about one chain."""

    last: int = 0
    seen: set[str] = field(default_factory=set)
    kept: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """event id → (sequence, letter id, state) of what is kept and open; letter id 0 if kept just now."""

    def waiting(self) -> int | None:
        """Give the id of the waiting letter whose turn is next."""
        return next(
            (
                letter
                for sequence, letter, state in self.kept.values()
                if letter and state == "waiting" and sequence == self.last + 1
            ),
            None,
        )

    def blocked_by(self) -> str | None:
        """Give the id of the dead event that holds this chain up."""
        return next(
            (
                event
                for event, (sequence, _, state) in self.kept.items()
                if state == "dead" and sequence == self.last + 1
            ),
            None,
        )


@dataclass(frozen=True)
class Verdict:
    """That a delivery could not be handled: ``dead`` for an operator, or ``waiting``; with the reason."""

    arrival: Arrival
    state: str
    reason: str
    retry: bool = False

    @property
    def retry_in(self) -> float | None:
        """Try again after so many seconds; ``None`` where something else must happen first."""
        return RETRY_AFTER.total_seconds() if self.retry else None


class Store:
    """Reads and writes the inbox tables for one consumer, always inside the caller's transaction."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer

    def histories(self, connection: Connection, subjects: Iterable[str]) -> dict[Chain, History]:
        """Give the history of every chain of these subjects that has one."""
        found: dict[Chain, History] = {}
        values = {"consumer": self.consumer, "subjects": sorted(set(subjects))}
        for source, subject, sequence, event_id, letter, state in connection.execute(
            _HISTORY[connection.dialect.name], values
        ):
            history = found.setdefault((source, subject), History())
            if state == "receipt":
                history.last = max(history.last, sequence)
                history.seen.add(_canonical(event_id))
            elif sequence is not None and event_id is not None:
                history.kept[event_id] = (sequence, letter, state)
        return found

    def receipt(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        """Note that these events were handled; a second receipt for one of them fails the transaction."""
        now = datetime.now(UTC)
        rows = [
            {
                "consumer": self.consumer,
                "event_id": arrival.event.id,
                "source": arrival.event.source,
                "subject": arrival.event.subject,
                "sequence": arrival.event.sequence,
                "received_at": now,
            }
            for arrival in arrivals
            if arrival.event is not None
        ]
        insert(connection, (_RECEIPT, rows))

    def keep(self, connection: Connection, verdicts: Sequence[Verdict]) -> None:
        """Keep deliveries as letters, or note why kept ones could still not be handled.

        Bytes that were kept before stay as they are.
        """
        now = datetime.now(UTC)
        fresh = [self._letter(verdict, now) for verdict in verdicts if verdict.arrival.letter is None]
        if fresh:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            new = dialect.insert(dead_letters).values(retry_at=_RETRY_AT)
            connection.execute(new.on_conflict_do_nothing(), fresh)
        for verdict in verdicts:
            if verdict.arrival.letter is not None:
                connection.execute(
                    sa.update(dead_letters)
                    .where(dead_letters.c.id == verdict.arrival.letter, _NOT_DISMISSED)
                    .values(state=verdict.state, reason=verdict.reason, retry_at=_RETRY_AT),
                    {"retry_in": verdict.retry_in},
                )

    def _letter(self, verdict: Verdict, now: datetime) -> dict[str, Any]:
        arrival = verdict.arrival
        delivery = arrival.delivery
        known = arrival.names
        return {
            "consumer": self.consumer,
            "state": verdict.state,
            "reason": verdict.reason,
            "body_sha256": arrival.body_sha256,
            "body": delivery.body,
            "routing_key": delivery.routing_key,
            "queue": delivery.queue,
            "user_id": delivery.user_id,
            **{name: known.get(name) for name in ("event_id", "type", "source", "subject", "sequence")},
            "detail": dict(arrival.detail or {}),
            "kept_at": now,
            "retry_in": verdict.retry_in,
        }

    def count_attempt(self, connection: Connection, event_id: str) -> int:
        """Count one more attempt at an event; gives how many there have been."""
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(attempts).values(
            consumer=self.consumer, event_id=event_id, attempts=1, last_at=datetime.now(UTC)
        )
        counted = insert.on_conflict_do_update(
            index_elements=["event_id", "consumer"],
            set_={"attempts": attempts.c.attempts + 1, "last_at": insert.excluded.last_at},
        ).returning(attempts.c.attempts)
        return int(connection.execute(counted).scalar_one())

    def forget_attempts(self, connection: Connection, event_id: str) -> None:
        """An event that was settled needs no count any more."""
        connection.execute(
            sa.delete(attempts).where(attempts.c.consumer == self.consumer, attempts.c.event_id == event_id)
        )

    def delivery(self, connection: Connection, letter: int) -> Delivery:
        """Give a kept letter as the delivery it was."""
        row = connection.execute(sa.select(dead_letters).where(dead_letters.c.id == letter)).one()
        return as_delivery(row)

    def settle(self, connection: Connection, letters: Sequence[int]) -> None:
        """Note that kept letters have been handled after all."""
        connection.execute(
            sa.update(dead_letters)
            .where(dead_letters.c.id.in_(letters), _NOT_DISMISSED)
            .values(state="replayed", settled_at=datetime.now(UTC), retry_at=None)
        )

    def due(self, connection: Connection, limit: int) -> list[int]:
        """Give the letters whose turn it is: replay asked for, time to retry, or the predecessor has come."""
        later = receipts.alias()
        ready = sa.exists().where(
            later.c.consumer == dead_letters.c.consumer,
            later.c.source == dead_letters.c.source,
            later.c.subject == dead_letters.c.subject,
            later.c.sequence == dead_letters.c.sequence - 1,
        )
        statement = (
            sa.select(dead_letters.c.id)
            .where(
                dead_letters.c.consumer == self.consumer,
                sa.or_(
                    dead_letters.c.state == "replay",
                    sa.and_(
                        dead_letters.c.state == "waiting",
                        sa.or_(
                            dead_letters.c.retry_at <= NOW,
                            sa.and_(dead_letters.c.retry_at.is_(None), ready),
                        ),
                    ),
                ),
            )
            .order_by(dead_letters.c.id)
            .limit(limit)
        )
        return list(connection.execute(statement).scalars())


def as_delivery(row: Any) -> Delivery:  # noqa: ANN401 - a row of the letters table
    """Make the delivery again that a letter was kept from."""
    return Delivery(
        body=row.body,
        routing_key=row.routing_key,
        user_id=row.user_id,
        redelivered=False,
        content_type=None,
        tag=0,
        queue=row.queue,
    )


def _canonical(event_id: str) -> str:
    if len(event_id) == 32:  # noqa: PLR2004 - SQLite keeps a UUID without its hyphens
        return f"{event_id[:8]}-{event_id[8:12]}-{event_id[12:16]}-{event_id[16:20]}-{event_id[20:]}"
    return event_id
