"""What persons are told: each row is taken by one machine, and what came of it is written in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.notifications.domain.persons import DROPPED, FAILED, SENDING, SENT, UNKNOWN, WAITING
from services.notifications.persistence.tables import contacts, sendings
from shared.db import Insert, insert
from shared.db.types import Instant

_NEW = Insert(sendings, skip_existing=True)
_NOW = sa.bindparam("now", type_=Instant)
_DUE = (
    sa.select(sendings, contacts.c.packet, contacts.c.channels, contacts.c.rev)
    .join(contacts, contacts.c.id == sendings.c.contact)
    .where(
        sendings.c.state == WAITING,
        sendings.c.due_at <= _NOW,
        contacts.c.packet.is_not(None),
        contacts.c.ended_at.is_(None),
    )
    .order_by(sendings.c.urgent.desc(), sendings.c.due_at)
    .limit(1)
    # The person's row, too: two machines never weigh two messages to the same person at once.
    .with_for_update(skip_locked=True)
)
_TOLD_SINCE = sa.select(
    sa.exists().where(
        sendings.c.request == sa.bindparam("request", type_=sendings.c.request.type),
        sendings.c.state.in_((SENDING, SENT, UNKNOWN)),
        sendings.c.attempted_at >= sa.bindparam("since", type_=Instant),
    )
)
_ANYTHING = sa.select(
    sa.exists().where(sendings.c.state == WAITING, sendings.c.due_at <= _NOW)
    | sa.exists().where(sendings.c.state == SENDING)
    | sa.exists().where(
        contacts.c.packet.is_not(None), contacts.c.expires_on < sa.bindparam("today", type_=sa.Date)
    )
)
_ALONE = ~sa.exists().where(
    contacts.c.id == sendings.c.contact, contacts.c.packet.is_not(None), contacts.c.ended_at.is_(None)
)
_LIST = (
    sa.select(
        *(
            sendings.c[name]
            for name in (
                "id",
                "type",
                "channel",
                "at",
                "state",
                "reason",
                "attempts",
                "attempted_at",
                "finished_at",
            )
        )
    )
    .order_by(sendings.c.id.desc())
    .limit(sa.bindparam("limit"))
)
_TOTALS = (
    sa.select(sendings.c.state, sa.func.count().label("count"))
    .group_by(sendings.c.state)
    .order_by(sendings.c.state)
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what is to be sent; an event that is there already changes nothing."""
    insert(connection, (_NEW, [dict(row) for row in rows]))


def anything(connection: Connection, now: datetime, today: date) -> bool:
    """Tell whether there is anything to do; reads small partial indexes."""
    return bool(connection.execute(_ANYTHING, {"now": now, "today": today}).scalar())


def take(connection: Connection, now: datetime) -> RowMapping | None:
    """Hold the message that is due first, the urgent before all others; None if there is none that is free."""
    return connection.execute(_DUE, {"now": now}).mappings().one_or_none()


def told_since(connection: Connection, request: str, since: datetime) -> bool:
    """Tell whether a person was sent anything since a moment, or perhaps was."""
    return bool(connection.execute(_TOLD_SINCE, {"request": request, "since": since}).scalar())


def change(connection: Connection, sending: str, **values: Any) -> None:  # noqa: ANN401 - as the columns are
    """Change a row that is held."""
    connection.execute(sa.update(sendings).where(sendings.c.id == sending).values(**values))


def settle(connection: Connection, sending: str, attempt: int, **values: Any) -> bool:  # noqa: ANN401 - as the columns are
    """Write down what came of an attempt, unless somebody has given it up meanwhile; tells whether it was written."""
    mine = (sendings.c.id == sending, sendings.c.state == SENDING, sendings.c.attempts == attempt)
    return connection.execute(sa.update(sendings).where(*mine).values(**values)).rowcount > 0


def lose(connection: Connection, before: datetime, now: datetime, reason: str) -> int:
    """Note of every attempt that was begun before a moment, and never came back, that nobody knows what came of it."""
    gone = sa.update(sendings).where(
        sendings.c.state == SENDING, sendings.c.attempted_at < sa.literal(before, Instant)
    )
    return connection.execute(gone.values(state=UNKNOWN, reason=reason, finished_at=now)).rowcount


def drop(connection: Connection, now: datetime, *, alone: str, late: str) -> int:
    """Give up what waits for somebody who is not to be told any more, and what is too old to be told."""
    waiting = sa.update(sendings).where(
        sendings.c.state == WAITING, sendings.c.due_at <= sa.literal(now, Instant)
    )
    gone = connection.execute(
        waiting.where(_ALONE).values(state=DROPPED, reason=alone, finished_at=now)
    ).rowcount
    over = waiting.where(sendings.c.give_up_at <= sa.literal(now, Instant))
    old = over.values(
        state=FAILED, reason=sa.func.coalesce(sendings.c.reason, sa.literal(late, sa.Text)), finished_at=now
    )
    return gone + connection.execute(old).rowcount


def withhold(connection: Connection, now: datetime, reason: str) -> int:
    """Send nothing of all that is due."""
    due = sa.update(sendings).where(
        sendings.c.state == WAITING, sendings.c.due_at <= sa.literal(now, Instant)
    )
    return connection.execute(due.values(state=DROPPED, reason=reason, finished_at=now)).rowcount


def join(connection: Connection, sending: RowMapping, now: datetime, reason: str) -> None:
    """Let one message of a kind stand for all others of the same words that wait for the same person."""
    connection.execute(
        sa.update(sendings)
        .where(
            sendings.c.request == sending["request"],
            sendings.c.words == sending["words"],
            sendings.c.state == WAITING,
            sendings.c.urgent.is_(False),
        )
        .values(state=DROPPED, reason=reason, finished_at=now)
    )


def forget(connection: Connection, contact: str) -> None:
    """Delete every row about a person."""
    connection.execute(sa.delete(sendings).where(sendings.c.contact == contact))


def retire(connection: Connection, before: datetime, most: int) -> int:
    """Delete rows of facts before a moment; gives how many."""
    old = sa.select(sendings.c.id).where(sendings.c.at < sa.literal(before, Instant)).limit(most)
    ids_ = list(connection.execute(old).scalars())
    if ids_:
        connection.execute(sa.delete(sendings).where(sendings.c.id.in_(ids_)))
    return len(ids_)


def page(connection: Connection, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """List what persons were sent, newest first: codes and times alone."""
    found = (
        _LIST
        if after is None
        else _LIST.where(sendings.c.id < sa.bindparam("after", type_=sendings.c.id.type))
    )
    values: dict[str, object] = {"limit": limit} | ({} if after is None else {"after": after})
    return [dict(row) for row in connection.execute(found, values).mappings()]


def totals(connection: Connection) -> dict[str, int]:
    """Count all rows by their state."""
    return {row["state"]: row["count"] for row in connection.execute(_TOTALS).mappings()}
