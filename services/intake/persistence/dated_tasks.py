"""Open tasks whose day was counted in working days, and the timers of their requests that run out on the same day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import requests, tasks
from shared.db.types import Id, Instant

_DATED = (
    sa.select(
        tasks.c.id,
        tasks.c.kind,
        tasks.c.request_id,
        tasks.c.raised_at,
        tasks.c.due_on,
        requests.c.ended_at,
        requests.c.timer,
        requests.c.timer_at,
    )
    .join_from(tasks, requests, requests.c.id == tasks.c.request_id, isouter=True)
    .where(
        tasks.c.done_at.is_(None),
        tasks.c.due_on.is_not(None),
        tasks.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .order_by(tasks.c.id)
)
_PAGE = _DATED.where(tasks.c.id > sa.bindparam("after", type_=Id)).limit(sa.bindparam("most"))
_AGAIN = _DATED.where(tasks.c.id.in_(sa.bindparam("ids", expanding=True)))
# The requests first and in one order, as every change of a request holds its row before it touches a task of it.
_HOLD = (
    sa.select(requests.c.id)
    .where(requests.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(requests.c.id)
    .with_for_update()
)
_MOVE = (
    sa.update(tasks)
    .where(tasks.c.id == sa.bindparam("task", type_=Id), tasks.c.done_at.is_(None))
    .values(due_on=sa.bindparam("on", type_=sa.Date))
)
_TIMER = (
    sa.update(requests)
    .where(requests.c.id == sa.bindparam("request", type_=Id), requests.c.timer == sa.bindparam("name"))
    .values(timer_at=sa.bindparam("at", type_=Instant))
)
_CHECK = (
    sa.update(requests)
    .where(requests.c.id == sa.bindparam("request", type_=Id), requests.c.check_due_on.is_not(None))
    .values(check_due_on=sa.bindparam("on", type_=sa.Date))
)
FIRST = "00000000-0000-0000-0000-000000000000"
"""An id before every other."""


def page(connection: Connection, kinds: Collection[str], *, after: str, most: int) -> Sequence[RowMapping]:
    """Read at most so many open tasks of these kinds that have a day, with what runs out with them, after an id."""
    wanted = {"kinds": sorted(kinds), "after": after, "most": most}
    return connection.execute(_PAGE, wanted).mappings().all()


def hold(connection: Connection, kinds: Collection[str], rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """Hold the requests of some tasks until the transaction ends, and read again what is still open of them."""
    held = [row["request_id"] for row in rows if row["request_id"] is not None]
    connection.execute(_HOLD, {"ids": held}).all()
    wanted = {"kinds": sorted(kinds), "ids": [row["id"] for row in rows]}
    return connection.execute(_AGAIN, wanted).mappings().all()


def move(connection: Connection, task: str, on: date) -> None:
    """Give an open task another day."""
    connection.execute(_MOVE, {"task": task, "on": on})


def move_timer(connection: Connection, request: str, timer: str, at: datetime) -> None:
    """Let a request's timer run out at another moment, if it is this one that runs."""
    connection.execute(_TIMER, {"request": request, "name": timer, "at": at})


def move_check(connection: Connection, request: str, on: date) -> None:
    """Give the street another day for its check, if it is being waited for."""
    connection.execute(_CHECK, {"request": request, "on": on})
