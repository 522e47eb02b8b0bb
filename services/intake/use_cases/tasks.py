"""Tasks of desk, street and grid: raised by whatever happens, listed to whose they are, done once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping

from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.tasks import GRID, HUT, KINDS, ROLES, SPECIALIST, TaskDone, require_by_hand
from services.intake.persistence import tasks as store
from services.intake.persistence.tasks import Wanted
from services.intake.use_cases.context import Context
from services.intake.use_cases.leg_light import today
from services.intake.use_cases.missing import missing
from services.intake.use_cases.seats import seats
from shared import ids
from shared.audit import AuditEntry
from shared.db import Once, UnitOfWork
from shared.identity import Grant, Principal, allow

SYSTEM = "system"
"""Who has done what nobody did by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTasks:
    """Which of one's own tasks to list, and from where on (the id of the last one seen)."""

    kinds: Collection[str] = ()
    request: str | None = None
    done: bool = False
    limit: int = 20
    after: str | None = None


def raise_task(  # noqa: PLR0913 - one keyword for each thing a task is about
    uow: UnitOfWork,
    *,
    kind: str,
    unit: str,
    street: str | None,
    at: datetime,
    request: str | None = None,
    leg: str | None = None,
    role: str = HUT,
    due_on: date | None = None,
    detail: Mapping[str, Any] | None = None,
    words: tuple[str, bytes | None] | None = None,
    apart: str = "",
) -> None:
    """Put a task into the list of the unit's desk or grid, or of the street's specialist.

    While one of the same kind about the same request and leg is open, nothing happens: call it as often as you like.
    What it is about besides may keep it ``apart`` from others of its kind (codes): each of these is open once.
    ``detail`` holds codes and ids alone (JSON), told to whoever sees the list. ``words`` is the id for which a text
    was encrypted (it becomes the task's) and its ciphertext. A draft's id stands for ``request``: it will be its id.

    Raises:
        LookupError: for a kind or role that is not in the tables of the domain.
    """
    if kind not in KINDS or role not in ROLES:
        raise LookupError(kind, role)
    task, sealed = words or (ids.at(at), None)
    store.add(
        uow.connection,
        {
            "id": task,
            "kind": kind,
            "open_key": store.open_key(kind, request, leg, apart),
            "role": role,
            "unit": unit,
            "street": street,
            "request_id": request,
            "leg_id": leg,
            "due_on": due_on,
            "detail": dict(detail or {}),
            "words": sealed,
            "raised_at": at,
        },
    )


def settle_tasks(
    uow: UnitOfWork, request: str, *kinds: str, at: datetime, by: str = SYSTEM, leg: str | None = None
) -> None:
    """End the open tasks of these kinds about a request or one of its legs: what they asked for has been done."""
    store.settle(uow.connection, request, kinds, at, by, leg=leg)


def list_tasks(context: Context, principal: Principal, query: ListTasks) -> list[dict[str, Any]]:
    """Give up to ``limit + 1`` tasks of one's own posts, oldest first; the surplus row tells that there are more.

    A grid worker gets name and errand of the own grid's, and nothing of a request. What the desk of a unit has to do
    at which nobody is left comes to the specialist of its street.
    Raises ``Forbidden`` when no post has a list of tasks.
    """
    grant = allow(principal, "tasks.read")
    day = today(context.clock.now(), context.directory.current())
    wanted = Wanted(kinds=query.kinds, request=query.request, done=query.done)
    with context.database.unit_of_work() as uow:
        desks = _desks(uow.connection, grant)
        rows = store.page(
            uow.connection, grant.posts, wanted, limit=query.limit + 1, after=query.after, desks=desks
        )
        uow.audit(
            AuditEntry(
                at=context.clock.now(),
                actor=principal.staff,
                post=str(grant.post),
                action="tasks.listed",
                object_type="tasks",
                object_id=str(len(rows)),
            )
        )
    return [_shown(context, row, day, grant) for row in rows]


def finish_task(
    context: Context, principal: Principal, task: str, *, once: Once | None = None
) -> dict[str, Any]:
    """Tick off one of one's own tasks; gives the task.

    Raises:
        Forbidden: no post has a list of tasks.
        NotThere: there is no such task in one's own lists.
        NotByHand: it ends with a deed of its own, such as approving a request.
        TaskDone: it has been done already.
    """
    grant = allow(principal, "tasks.finish")
    now = context.clock.now()
    with context.database.unit_of_work(once=once) as uow:
        row = store.lock(uow.connection, _id(task))
        if row is None:
            raise missing(uow.connection, "task", _id(task))
        if not store.is_of(row, grant.posts, _desks(uow.connection, grant)):
            raise OutOfReach("task", row["id"])
        if row["done_at"] is not None:
            raise TaskDone(row["done_at"].isoformat())
        require_by_hand(row["kind"])
        store.finish(uow.connection, row["id"], now, principal.staff)
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action="task.done",
                object_type="task",
                object_id=row["id"],
                detail={"kind": row["kind"]},
            )
        )
        day = today(now, context.directory.current())
        uow.result = _shown(context, {**row, "done_at": now, "done_by": principal.staff}, day, grant)
    answer: dict[str, Any] = uow.result
    return answer


def seal_words(context: Context, task: str, words: Mapping[str, str]) -> bytes | None:
    """Encrypt what a task says in words for the row ``task``."""
    return context.keyring.fields.encrypt("tasks", "words", task, orjson.dumps(dict(words)))


def _shown(context: Context, row: Mapping[str, Any] | RowMapping, day: date, grant: Grant) -> dict[str, Any]:
    common = {name: row[name] for name in ("id", "kind", "due_on", "raised_at", "done_at")}
    common |= _words(context, row)
    overdue = row["due_on"] is not None and row["done_at"] is None and day > row["due_on"]
    common |= {"title": KINDS[row["kind"]].text.both(), "overdue": overdue}
    readers = {row["role"], SPECIALIST} if row["role"] == HUT else {row["role"]}
    if not readers & {post.role for post in grant.posts if post.role != GRID}:
        return common
    names = ("role", "unit", "street", "detail", "done_by")
    return common | {name: row[name] for name in names} | {"request": row["request_id"], "leg": row["leg_id"]}


def _desks(connection: Connection, grant: Grant) -> frozenset[str] | None:
    if all(post.role != SPECIALIST for post in grant.posts):
        return None
    there = seats(connection)
    return there.desks if there is not None else None


def _words(context: Context, row: Mapping[str, Any] | RowMapping) -> dict[str, str]:
    plain = context.keyring.fields.decrypt("tasks", "words", row["id"], row["words"])
    words: dict[str, str] = {} if plain is None else orjson.loads(plain)
    return words


def _id(task: str) -> str:
    try:
        return str(uuid.UUID(task))
    except ValueError as error:
        raise NotThere from error


def place(after: Sequence[Any] | None) -> str | None:
    """Take a cursor's key as the place in this list: the id of the last task seen."""
    return None if after is None else str(after[0])
