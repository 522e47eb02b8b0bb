"""What a service's own outbox and inbox say of trouble: events that do not leave, letters that wait."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit import UNSEALED_LONG, unsealed_since
from shared.inbox.tables import dead_letters
from shared.outbox.lanes import LANES
from shared.outbox.tables import outbox
from shared.telemetry.trouble import Trouble

LATE_AFTER = timedelta(seconds=30)
"""An event leaves within a second of its commit; one that has waited for this long is told to operators."""
WAITING_LONG = timedelta(minutes=15)
"""A letter waits for its predecessor, which reconcile brings within ten minutes if it was lost."""
LOOKED_AT = 1000
"""So many dead letters at most are asked what they hold up: the question stays cheap however many there are."""

_LATE_CODES = {"events": "outbox-late", "agencies": "outbox-late-agencies"}

_OLDEST = {
    lane.name: sa.select(outbox.c.recorded_at).where(lane.waiting).order_by(outbox.c.id).limit(1)
    for lane in LANES
}
_COUNT = {lane.name: sa.select(sa.func.count()).where(lane.waiting) for lane in LANES}

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_DEAD = sa.select(sa.func.count(), sa.func.min(dead_letters.c.kept_at)).where(dead_letters.c.state == "dead")
_first = (
    sa.select(dead_letters).where(dead_letters.c.state == "dead").order_by(dead_letters.c.id).limit(LOOKED_AT)
).subquery("first")
_behind = dead_letters.alias("behind")


def _before(letter: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - the table, or a part of it under another name
    """Say that ``_behind`` comes later in the chain of ``letter``."""
    return sa.and_(
        _behind.c.consumer == letter.c.consumer,
        _behind.c.source == letter.c.source,
        _behind.c.subject == letter.c.subject,
        _behind.c.sequence > letter.c.sequence,
    )


_BLOCKING = (
    sa.select(_first.c.id, _first.c.event_id, _first.c.kept_at, sa.func.count().label("held"))
    .join(_behind, sa.and_(_before(_first), _behind.c.state == "waiting"))
    .group_by(_first.c.id, _first.c.event_id, _first.c.kept_at)
    .order_by(sa.desc("held"), _first.c.id)
    .limit(3)
)
_LONG = sa.select(sa.func.count(), sa.func.min(_behind.c.kept_at)).where(
    _behind.c.state == "waiting",
    _behind.c.kept_at < sa.bindparam("before", type_=_behind.c.kept_at.type),
    ~sa.exists().where(_before(dead_letters), dead_letters.c.state.in_(("dead", "replay"))),
)


def troubles(connection: Connection, service: str, now: datetime) -> list[Trouble]:
    """Read what the books of ``service`` tell; a few short reads of indexes, however much lies there."""
    return [
        *_late(connection, now),
        *_dead(connection, service),
        *_waiting(connection, now),
        *_unsealed(connection, now),
    ]


def _late(connection: Connection, now: datetime) -> list[Trouble]:
    found = []
    for lane, code in _LATE_CODES.items():
        oldest = connection.scalar(_OLDEST[lane])
        if oldest is not None and now - oldest > LATE_AFTER:
            count, seconds = connection.scalar(_COUNT[lane]), round((now - oldest).total_seconds())
            found.append(Trouble.of(code, since=oldest, count=count, seconds=seconds))
    return found


def _dead(connection: Connection, service: str) -> list[Trouble]:
    count, since = connection.execute(_DEAD).one()
    if not count:
        return []
    found = [Trouble.of("dead-letters", since=since, count=count)]
    for row in connection.execute(_BLOCKING):
        # What came malformed may call itself anything; only what is an id is repeated.
        event = row.event_id if _UUID.fullmatch(row.event_id or "") else "?"
        letter = f"{service}/{row.id}"
        found.append(
            Trouble.of("dead-letter-blocks", since=row.kept_at, about=letter, event=event, count=row.held)
        )
    return found


def _waiting(connection: Connection, now: datetime) -> list[Trouble]:
    count, since = connection.execute(_LONG, {"before": now - WAITING_LONG}).one()
    minutes = round(WAITING_LONG.total_seconds() / 60)
    return [Trouble.of("letters-wait-long", since=since, count=count, minutes=minutes)] if count else []


def _unsealed(connection: Connection, now: datetime) -> list[Trouble]:
    since = unsealed_since(connection)
    if since is None or now - since < UNSEALED_LONG:
        return []
    return [Trouble.of("audit-unsealed", since=since, minutes=round((now - since).total_seconds() / 60))]
