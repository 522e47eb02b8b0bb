"""Writing down what referrals said: the status of legs, their timeline, and what follows for their requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.request import (
    CANCELLED,
    LEG_ENDED,
    LEG_ISSUED,
    LEG_REOPENED,
    LEGS_ENDED,
    LEGS_WITHDRAWN,
    PLANNED,
    status_after,
    statuses_before,
)
from services.intake.domain.timers import CHECK_OVERDUE, FOLLOW_UP, FORGET
from services.intake.persistence.tables import leg_events, legs, request_events, requests, tasks
from shared.db import Insert, Update, insert
from shared.db.types import DIALECTS, Id, Instant, among

# The requests' rows first, in one order, as a withdrawal takes them too: so two writers wait, and never for each other.
_LOCK = {
    dialect: sa.select(
        legs.c.id, legs.c.request_id, requests.c.unit, requests.c.street, requests.c.forgotten_at
    )
    .join(requests, requests.c.id == legs.c.request_id)
    .where(among(legs.c.id, "legs", dialect))
    .order_by(requests.c.id)
    .with_for_update(of=requests)
    for dialect in DIALECTS
}
_MOVED = (
    *("status", "version", "due_at", "due_on", "yellow_at", "yellow_on"),
    *("outcome", "answer", "ended_at", "updated_at"),
)
_MOVE = Update(legs, "id", _MOVED, newer="version")
_STAYS_ENDED = ("outcome", "answer", "ended_at")
_MOVE_ON = Update(legs, "id", tuple(name for name in _MOVED if name not in _STAYS_ENDED), newer="version")
_SETTLE_CANCEL = (
    sa.update(legs)
    .where(legs.c.id == sa.bindparam("leg"))
    .values(
        cancel_requested_at=None,
        cancel_refusal=sa.bindparam("refusal", type_=sa.String),
        updated_at=sa.bindparam("at", type_=Instant),
    )
)
_FREEZE = (
    sa.update(legs)
    .where(legs.c.id == sa.bindparam("leg"))
    .values(frozen_at=sa.bindparam("since", type_=Instant), updated_at=sa.bindparam("at", type_=Instant))
)
_TIMELINE = Insert(leg_events)
_NEWER = (
    sa.select(leg_events.c.id)
    .where(
        leg_events.c.request_id == sa.bindparam("request", type_=Id),
        leg_events.c.leg_id == sa.bindparam("leg", type_=Id),
        leg_events.c.fact == sa.bindparam("fact"),
        leg_events.c.sequence > sa.bindparam("sequence"),
    )
    .limit(1)
)

_still_open = sa.exists().where(legs.c.request_id == requests.c.id, legs.c.ended_at.is_(None))
_not_cancelled = sa.exists().where(legs.c.request_id == requests.c.id, legs.c.status != CANCELLED)
_approved_since = sa.exists().where(
    request_events.c.request_id == requests.c.id,
    request_events.c.fact == "approved",
    request_events.c.at >= leg_events.c.at,
)
_had_to_wait = leg_events.alias("planned")
_begun_unchecked = sa.exists().where(
    legs.c.request_id == requests.c.id,
    legs.c.status.not_in([PLANNED, CANCELLED]),
    legs.c.replaces.is_(None),
    leg_events.c.request_id == requests.c.id,
    leg_events.c.leg_id == legs.c.id,
    leg_events.c.fact == "issued",
    ~sa.exists().where(
        _had_to_wait.c.request_id == requests.c.id,
        _had_to_wait.c.leg_id == legs.c.id,
        _had_to_wait.c.fact == PLANNED,
    ),
    ~_approved_since,
)
"""Something of a request has begun before the street's check, where aid comes first: ended or not, it is checked."""
_to_be_checked = sa.and_(requests.c.checking, requests.c.check_due_on.is_not(None))
_withdrawn = sa.and_(requests.c.withdrawal_requested_at.is_not(None), ~_not_cancelled)
_counted = {"version": requests.c.version + 1, "updated_at": sa.bindparam("at", type_=Instant)}


def _follow(dialect: str) -> Mapping[str, sa.Update]:
    chosen = among(requests.c.id, "requests", dialect)
    return {
        LEG_ISSUED: sa.update(requests)
        .where(chosen, requests.c.status.in_(statuses_before(LEG_ISSUED)))
        .values(status=status_after(LEG_ISSUED), **_counted),
        LEG_REOPENED: sa.update(requests)
        .where(chosen, requests.c.status.in_(statuses_before(LEG_REOPENED)))
        .values(
            status=status_after(LEG_REOPENED),
            ended_at=None,
            # Nobody is called any more; the street's check may still be to be made.
            timer=sa.case((_to_be_checked, CHECK_OVERDUE)),
            timer_at=sa.case((_to_be_checked, sa.bindparam("at", type_=Instant))),
            **_counted,
        ),
        LEGS_ENDED: sa.update(requests)
        .where(chosen, requests.c.status.in_(statuses_before(LEGS_ENDED)), ~_still_open)
        .values(
            status=sa.case((_withdrawn, status_after(LEGS_WITHDRAWN)), else_=status_after(LEGS_ENDED)),
            ended_at=sa.bindparam("at", type_=Instant),
            checking=sa.and_(requests.c.checking, _begun_unchecked),
            # Nobody is called about what was withdrawn; the first look gives it the day until which it is kept.
            timer=sa.case((_withdrawn, FORGET), else_=FOLLOW_UP),
            timer_at=sa.bindparam("at", type_=Instant),
            **_counted,
        ),
    }


_FOLLOW = {dialect: _follow(dialect) for dialect in DIALECTS}
_OF_THE_CHECK = ("check", "check-overdue", "sent-back")
_NOTHING_TO_CHECK = {
    dialect: sa.update(tasks)
    .where(
        among(tasks.c.request_id, "requests", dialect),
        tasks.c.done_at.is_(None),
        tasks.c.kind.in_(_OF_THE_CHECK),
        sa.exists().where(requests.c.id == tasks.c.request_id, ~requests.c.checking),
    )
    .values(open_key=None, done_at=sa.bindparam("at", type_=Instant), done_by="system")
    for dialect in DIALECTS
}
"""What the street or the desk need not do any more once no leg waits for the check, as when all were withdrawn."""
_waits = sa.exists().where(legs.c.request_id == requests.c.id, legs.c.status == PLANNED)
_CHECKED = {
    dialect: sa.update(requests)
    .where(among(requests.c.id, "requests", dialect), requests.c.checking, ~_waits, ~_begun_unchecked)
    .values(checking=False, check_due_on=None, timer=None, timer_at=None, **_counted)
    for dialect in DIALECTS
}


_UNLINK = (
    sa.update(legs)
    .where(
        legs.c.request_id == sa.bindparam("request", type_=Id),
        legs.c.successor == sa.bindparam("dropped", type_=Id),
    )
    .values(successor=None)
)


class Place(NamedTuple):
    """The request of a leg, and whose it is; of an emptied one nothing in words is written down any more."""

    request: str
    unit: str
    street: str | None
    emptied: bool = False


def lock_requests_of(connection: Connection, leg_ids: Collection[str]) -> dict[str, Place]:
    """Hold the requests of these legs until the transaction ends; gives leg id → its place, for those there are."""
    return {
        row.id: Place(row.request_id, row.unit, row.street, row.forgotten_at is not None)
        for row in connection.execute(_LOCK[connection.dialect.name], {"legs": list(leg_ids)})
    }


def move(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give each leg its new status, unless it has already gone beyond that version; a leg comes once at most.

    What is told of one that has ended before (no ``ended_at``) changes neither its end nor its outcome.
    """
    ended = [row for row in rows if row["status"] in LEG_ENDED and row["ended_at"] is None]
    if ended:
        _MOVE_ON(connection, [{name: row[name] for name in row if name not in _STAYS_ENDED} for row in ended])
    moved = [row for row in rows if row not in ended]
    if moved:
        _MOVE(connection, moved)


def unlink(connection: Connection, request: str, dropped: str) -> None:
    """Note that a leg stands in no other's place: it was dropped before it was issued."""
    connection.execute(_UNLINK, {"request": request, "dropped": dropped})


def settle_cancel(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note how a cancellation that was asked for has come out: ``refusal`` is its reason, or None."""
    connection.execute(_SETTLE_CANCEL, rows)


def freeze(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note on each leg since when its packet is frozen: ``{leg, since, at}`` each; since None it is not any more."""
    connection.execute(_FREEZE, rows)


def add_to_timeline(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write lines of the legs' timeline."""
    insert(connection, (_TIMELINE, rows))


def is_overtaken(connection: Connection, request: str, leg: str, fact: str, sequence: int) -> bool:
    """Tell whether the timeline of a leg has a newer line of the same fact: what is told late is no longer the last."""
    wanted = {"request": request, "leg": leg, "fact": fact, "sequence": sequence}
    return connection.execute(_NEWER, wanted).first() is not None


def follow(connection: Connection, fact: str, request_ids: Collection[str], at: datetime) -> None:
    """Move the requests on for which ``fact`` now holds.

    Their first leg was issued, their last one ended, or an ended one was reopened.
    """
    concerned = {"requests": sorted(request_ids), "at": at}
    connection.execute(_FOLLOW[connection.dialect.name][fact], concerned)
    if fact == LEGS_ENDED:
        connection.execute(_CHECKED[connection.dialect.name], concerned)
        connection.execute(_NOTHING_TO_CHECK[connection.dialect.name], concerned)
