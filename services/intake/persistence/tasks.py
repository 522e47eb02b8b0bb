"""Tasks as they are kept: raised once while open, done once, listed by whose they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.domain.tasks import GRID, HUT, LEAD, SPECIALIST
from services.intake.persistence.tables import tasks
from shared.db import Insert, insert
from shared.db.reach import beyond
from shared.db.types import Id, Instant
from shared.identity import Post

LONGEST_KEY = 160
_RAISE = Insert(tasks, skip_existing=True)
_LOCK = sa.select(tasks).where(tasks.c.id == sa.bindparam("task", type_=Id)).with_for_update()
_DONE = {"open_key": None, "done_at": sa.bindparam("at", type_=Instant), "done_by": sa.bindparam("by")}
_FINISH = sa.update(tasks).where(tasks.c.id == sa.bindparam("task", type_=Id)).values(_DONE)
_SETTLE = (
    sa.update(tasks)
    .where(
        tasks.c.request_id == sa.bindparam("request", type_=Id),
        tasks.c.done_at.is_(None),
        tasks.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .values(_DONE)
)
_OF_LEG = sa.select(tasks.c.id, tasks.c.detail).where(
    tasks.c.leg_id == sa.bindparam("leg", type_=Id),
    tasks.c.request_id == sa.bindparam("request", type_=Id),
    tasks.c.done_at.is_(None),
    tasks.c.kind.in_(sa.bindparam("kinds", expanding=True)),
)
_RAISED = (
    sa.select(tasks.c.id)
    .where(
        tasks.c.request_id == sa.bindparam("request", type_=Id),
        tasks.c.kind == sa.bindparam("kind"),
        tasks.c.raised_at >= sa.bindparam("since", type_=Instant),
    )
    .limit(1)
)
_THE_DAY = ("papers_due_on", "on")
"""What the day of a task is called among what it tells beside it."""
_PLACE = {HUT: "unit", GRID: "unit", SPECIALIST: "street"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks a list shows: of some kinds or all, of one request or all, still to be done or done."""

    kinds: Collection[str] = ()
    request: str | None = None
    done: bool = False


def open_key(kind: str, request: str | None, leg: str | None, apart: str = "") -> str:
    """Name what may be open only once: one kind of task about one request and one leg, or one for each ``apart``."""
    key = f"{kind}:{request or ''}:{leg or ''}"
    return f"{key}:{apart}"[:LONGEST_KEY] if apart else key


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a task, unless the same one is open; on PostgreSQL two at once wait for each other and one wins."""
    insert(connection, (_RAISE, [row]))


def was_raised(connection: Connection, request: str, kind: str, since: datetime) -> bool:
    """Tell whether a task of this kind about a request was raised at a moment or later, done or not."""
    wanted = {"request": request, "kind": kind, "since": since}
    return connection.execute(_RAISED, wanted).first() is not None


def lock(connection: Connection, task: str) -> RowMapping | None:
    """Load a task and hold its row until the transaction ends; None when there is none."""
    return connection.execute(_LOCK, {"task": task}).mappings().one_or_none()


def finish(connection: Connection, task: str, at: datetime, by: str) -> None:
    """Note that a task is done; the same may be raised again."""
    connection.execute(_FINISH, {"task": task, "at": at, "by": by})


def settle(
    connection: Connection,
    request: str,
    kinds: Sequence[str],
    at: datetime,
    by: str,
    *,
    leg: str | None = None,
) -> None:
    """Note that the open tasks of these kinds about a request, or about one of its legs, are done."""
    statement = _SETTLE if leg is None else _SETTLE.where(tasks.c.leg_id == leg)
    # What a desk does may end what the street has in hand, and the other way round.
    with beyond(connection):
        connection.execute(statement, {"request": request, "kinds": list(kinds), "at": at, "by": by})


def settle_refused(
    connection: Connection, request: str, leg: str, refusal: str, at: datetime, by: str
) -> None:
    """Note that what was refused up to a moment, and kept apart by the name of the refusal, has been done since."""
    kind = "command-refused"
    its_own = tasks.c.open_key.startswith(open_key(kind, request, leg, f"{refusal}:"), autoescape=True)
    statement = _SETTLE.where(its_own, tasks.c.raised_at <= sa.bindparam("at", type_=Instant))
    connection.execute(statement, {"request": request, "kinds": [kind], "at": at, "by": by})


def put_off(connection: Connection, request: str, leg: str, kinds: Sequence[str], on: date) -> None:
    """Give the open tasks of these kinds about a leg another day, in all that they tell."""
    found = connection.execute(_OF_LEG, {"request": request, "leg": leg, "kinds": list(kinds)}).all()
    for row in found:
        told = {name: on.isoformat() for name in _THE_DAY if name in row.detail}
        detail = {**row.detail, **told}
        connection.execute(sa.update(tasks).where(tasks.c.id == row.id).values(due_on=on, detail=detail))


def page(
    connection: Connection,
    posts: Sequence[Post],
    wanted: Wanted,
    *,
    limit: int,
    after: str | None,
    desks: Collection[str] | None = None,
) -> list[RowMapping]:
    """Read at most ``limit`` tasks of these posts, oldest first, after the id ``after``.

    ``desks`` are the units at whose desk there is somebody, where that is known: what any other unit's desk has to do
    stands in the list of its street.
    """
    mine = sa.or_(*(_of_post(post, desks) for post in posts))
    statement = sa.select(tasks).where(mine).order_by(tasks.c.id).limit(limit)
    statement = statement.where(tasks.c.done_at.is_not(None) if wanted.done else tasks.c.done_at.is_(None))
    if wanted.kinds:
        statement = statement.where(tasks.c.kind.in_(wanted.kinds))
    if wanted.request is not None:
        statement = statement.where(tasks.c.request_id == wanted.request)
    if after is not None:
        statement = statement.where(tasks.c.id > sa.literal(after, Id))
    return list(connection.execute(statement).mappings())


def is_of(row: RowMapping, posts: Sequence[Post], desks: Collection[str] | None = None) -> bool:
    """Tell whether a task stands in the list of one of these posts; ``desks`` as of ``page``."""
    return any(_seen(row, post, desks) and row[_PLACE[post.role]] == post.unit for post in posts)


def _seen(row: RowMapping, post: Post, desks: Collection[str] | None) -> bool:
    if post.role == SPECIALIST and desks is not None and row["role"] == HUT and row["unit"] not in desks:
        return True
    reported = post.role == GRID and row["kind"] == LEAD and row["done_at"] is not None
    return row["role"] == post.role or reported


def _of_post(post: Post, desks: Collection[str] | None) -> sa.ColumnElement[bool]:
    theirs = tasks.c.role == post.role
    if post.role == GRID:
        # A lead is the desk's to do; whoever has reported it sees when that was done.
        theirs = sa.or_(theirs, sa.and_(tasks.c.kind == LEAD, tasks.c.done_at.is_not(None)))
    elif post.role == SPECIALIST and desks is not None:
        theirs = sa.or_(theirs, sa.and_(tasks.c.role == HUT, tasks.c.unit.not_in(sorted(desks))))
    return sa.and_(theirs, tasks.c[_PLACE[post.role]] == post.unit)
