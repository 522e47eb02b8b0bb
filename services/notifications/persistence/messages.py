"""Messages kept: one row per event and inbox, however often the event comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.notifications.domain.messages import Message
from services.notifications.persistence.tables import messages, read_marks
from shared import ids
from shared.db import Insert, insert

# The inbox receipt already keeps a repeated event out; the constraint is the second belt.
_MESSAGES = Insert(messages, skip_existing=True)
_MARK = {
    "postgresql": postgresql.insert(read_marks).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(read_marks).on_conflict_do_nothing(),
}
_READ_AT = sa.select(read_marks.c.read_at).where(
    read_marks.c.staff == sa.bindparam("staff"),
    read_marks.c.inbox == sa.bindparam("inbox"),
    read_marks.c.message == sa.bindparam("message"),
)
_UNREAD = sa.select(
    sa.bindparam("staff", type_=read_marks.c.staff.type),
    messages.c.inbox,
    messages.c.id,
    sa.bindparam("now", type_=read_marks.c.read_at.type),
).where(messages.c.inbox.in_(sa.bindparam("inboxes", expanding=True)), messages.c.id <= sa.bindparam("until"))
_COLUMNS = ["staff", "inbox", "message", "read_at"]
_MARK_ALL = {
    "postgresql": postgresql.insert(read_marks).from_select(_COLUMNS, _UNREAD).on_conflict_do_nothing(),
    # SQLite needs the WHERE to tell ON CONFLICT from a join's ON; there is one.
    "sqlite": sqlite.insert(read_marks).from_select(_COLUMNS, _UNREAD).on_conflict_do_nothing(),
}


def add(connection: sa.Connection, new: Sequence[Message]) -> None:
    """Insert messages in one round trip; one whose event already reached that inbox changes nothing."""
    rows = [
        {
            "inbox": message.inbox,
            "id": ids.at(message.at),
            "event_id": message.event_id,
            "type": message.type,
            "subject": message.subject,
            "number": message.number,
            "agency": message.agency,
            "at": message.at,
            "request": message.request,
            "params": dict(message.params),
        }
        for message in new
    ]
    insert(connection, (_MESSAGES, rows))


def hand_over(connection: sa.Connection, *, subject: str, old: str, new: str) -> None:
    """Put the messages about a leg from one inbox into another, where nobody has read them yet."""
    theirs = sa.select(messages.c.id).where(messages.c.subject == subject, messages.c.inbox == old)
    connection.execute(
        sa.delete(read_marks).where(read_marks.c.inbox == old, read_marks.c.message.in_(theirs))
    )
    connection.execute(
        sa.update(messages).where(messages.c.subject == subject, messages.c.inbox == old).values(inbox=new)
    )


def forget(connection: sa.Connection, subjects: Sequence[str]) -> int:
    """Delete every message about these legs, with its read marks; gives how many messages went."""
    theirs = messages.c.subject.in_(list(subjects))
    marked = sa.select(messages.c.id).where(theirs)
    connection.execute(sa.delete(read_marks).where(read_marks.c.message.in_(marked)))
    return connection.execute(sa.delete(messages).where(theirs)).rowcount


def retire(connection: sa.Connection, before: datetime, most: int) -> int:
    """Delete messages told before a moment, with their read marks, at most ``most``; gives how many went."""
    old = sa.select(messages.c.id).where(messages.c.at < sa.literal(before, messages.c.at.type)).limit(most)
    ids_ = list(connection.execute(old).scalars())
    if ids_:
        connection.execute(sa.delete(read_marks).where(read_marks.c.message.in_(ids_)))
        connection.execute(sa.delete(messages).where(messages.c.id.in_(ids_)))
    return len(ids_)


def mark_read(connection: sa.Connection, *, staff: str, inbox: str, message: str, now: datetime) -> datetime:
    """Set one person's read mark and give when it was first set: a second reading keeps the first time."""
    key = {"staff": staff, "inbox": inbox, "message": message}
    connection.execute(_MARK[connection.dialect.name], {**key, "read_at": now})
    first: datetime = connection.execute(_READ_AT, key).scalar_one()
    return first


def mark_all_read(
    connection: sa.Connection, *, staff: str, inboxes: Sequence[str], until: str, now: datetime
) -> None:
    """Set one person's read marks on everything in these inboxes up to the message ``until``."""
    connection.execute(
        _MARK_ALL[connection.dialect.name],
        {"staff": staff, "inboxes": list(inboxes), "until": until, "now": now},
    )
