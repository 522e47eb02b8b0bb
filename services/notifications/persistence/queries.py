"""Reads for the API and the pages: one plain SELECT each, no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from services.notifications.persistence.tables import messages, read_marks

_MARKED = sa.and_(
    read_marks.c.message == messages.c.id,
    read_marks.c.inbox == messages.c.inbox,
    read_marks.c.staff == sa.bindparam("staff"),
)
_MINE = messages.c.inbox.in_(sa.bindparam("inboxes", expanding=True))
_LIST = (
    sa.select(messages, read_marks.c.read_at)
    .select_from(messages.outerjoin(read_marks, _MARKED))
    .where(_MINE)
    .order_by(messages.c.id.desc())
    .limit(sa.bindparam("limit"))
)
_OLDER = messages.c.id < sa.bindparam("after")
_UNREAD = read_marks.c.read_at.is_(None)
_LISTS = {
    (False, False): _LIST,
    (False, True): _LIST.where(_OLDER),
    (True, False): _LIST.where(_UNREAD),
    (True, True): _LIST.where(_UNREAD, _OLDER),
}
_ONE = (
    sa.select(messages, read_marks.c.read_at)
    .select_from(messages.outerjoin(read_marks, _MARKED))
    .where(messages.c.id == sa.bindparam("message"), _MINE)
)
_COUNT_UNREAD = (
    sa.select(sa.func.count()).select_from(messages.outerjoin(read_marks, _MARKED)).where(_MINE, _UNREAD)
)
_DELIVERIES = (
    sa.select(messages.c.id, messages.c.type, messages.c.inbox, messages.c.at)
    .order_by(messages.c.id.desc())
    .limit(sa.bindparam("limit"))
)
_OLDER_DELIVERIES = _DELIVERIES.where(_OLDER)
_TOTALS = (
    sa.select(messages.c.type, sa.func.count().label("count"))
    .group_by(messages.c.type)
    .order_by(messages.c.type)
)

Row = Mapping[str, Any]
"""One row by its columns' names."""


def list_messages(
    connection: sa.Connection,
    *,
    inboxes: Sequence[str],
    staff: str,
    unread: bool,
    after: str | None,
    limit: int,
) -> Sequence[Row]:
    """List messages of some inboxes, newest first, older than the id ``after``, with one person's marks."""
    values: dict[str, object] = {"inboxes": list(inboxes), "staff": staff, "limit": limit}
    if after is not None:
        values["after"] = after
    return _rows(connection.execute(_LISTS[unread, after is not None], values))


def one_message(connection: sa.Connection, *, inboxes: Sequence[str], staff: str, message: str) -> Row | None:
    """Find one message if it lies in one of these inboxes."""
    values = {"inboxes": list(inboxes), "staff": staff, "message": message}
    row = connection.execute(_ONE, values).mappings().one_or_none()
    return None if row is None else dict(row)


def count_unread(connection: sa.Connection, *, inboxes: Sequence[str], staff: str) -> int:
    """Count what one person has not read in these inboxes."""
    return int(connection.execute(_COUNT_UNREAD, {"inboxes": list(inboxes), "staff": staff}).scalar_one())


def list_deliveries(connection: sa.Connection, *, after: str | None, limit: int) -> Sequence[Row]:
    """List what was put where and when, newest first: no number, no programme, no words."""
    if after is None:
        return _rows(connection.execute(_DELIVERIES, {"limit": limit}))
    return _rows(connection.execute(_OLDER_DELIVERIES, {"limit": limit, "after": after}))


def totals(connection: sa.Connection) -> dict[str, int]:
    """Count all messages by the type of event that made them."""
    return {row["type"]: row["count"] for row in connection.execute(_TOTALS).mappings()}


def _rows(found: sa.CursorResult[Any]) -> list[Row]:
    return [dict(row) for row in found.mappings()]
