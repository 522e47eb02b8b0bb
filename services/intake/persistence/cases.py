"""A request held for a change: its row locked, its person, legs and consents read, and what is written about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import (
    consents,
    former_consents,
    leg_commands,
    leg_events,
    legs,
    people,
    reissues,
    requests,
    tasks,
)
from shared.db import Insert, insert
from shared.db.reach import beyond
from shared.db.rows import Row
from shared.db.types import Id, Instant

_HOLD = sa.select(requests).where(requests.c.id == sa.bindparam("request", type_=Id)).with_for_update()
_PERSON = sa.select(people).where(people.c.id == sa.bindparam("person", type_=Id))
_LEGS = (
    sa.select(legs).where(legs.c.request_id == sa.bindparam("request", type_=Id)).order_by(legs.c.position)
)
_CONSENTS = (
    sa.select(consents)
    .where(consents.c.request_id == sa.bindparam("request", type_=Id))
    .order_by(consents.c.recorded_at, consents.c.id)
)
_TAKEN_ON, _OUT_OF_LINE = ("accepted", "step-recorded"), ("line-left",)
_OF_WHICH_WAS_TOLD = {
    facts: sa.select(leg_events.c.leg_id)
    .distinct()
    .where(
        leg_events.c.request_id == sa.bindparam("request", type_=Id),
        leg_events.c.fact.in_(facts),
    )
    for facts in (_TAKEN_ON, _OUT_OF_LINE)
}
_REQUEST_OF = sa.select(legs.c.request_id).where(legs.c.id == sa.bindparam("leg", type_=Id))
_PENDING = sa.select(leg_commands.c.leg_id, leg_commands.c.verb).where(
    leg_commands.c.request_id == sa.bindparam("request", type_=Id), leg_commands.c.settled_at.is_(None)
)
_SETTLE_COMMAND = (
    sa.update(leg_commands)
    .where(leg_commands.c.id == sa.bindparam("command", type_=Id))
    .values(settled_at=sa.bindparam("at", type_=Instant), refusal=sa.bindparam("reason", type_=sa.String))
)
_REISSUE = (
    sa.select(reissues)
    .where(reissues.c.leg_id == sa.bindparam("leg", type_=Id), reissues.c.settled_at.is_(None))
    .order_by(reissues.c.asked_at.desc(), reissues.c.id.desc())
    .limit(1)
)
_FORMER_ONES = sa.select(former_consents).where(
    former_consents.c.request_id == sa.bindparam("request", type_=Id),
    former_consents.c.withdrawn_at.is_(None),
    former_consents.c.expires_on >= sa.bindparam("today", type_=sa.Date),
)
_COMMANDS, _REISSUES = Insert(leg_commands), Insert(reissues)
_NEW_LEGS, _NEW_CONSENTS, _FORMER = Insert(legs), Insert(consents), Insert(former_consents)
_LINES = Insert(leg_events)
_KEPT = tuple(str(column.name) for column in former_consents.columns if column.name != "replaced_at")


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of one request, as they are stored."""

    request: RowMapping
    person: RowMapping
    legs: Sequence[RowMapping]
    consents: Sequence[RowMapping]
    running_out: Sequence[RowMapping] = ()


def hold(connection: Connection, request: str, today: date) -> Held | None:
    """Load a request with all that belongs to it and hold its row until the transaction ends; None if there is none.

    ``running_out`` are consents whose renewal has been given and does not begin before a day after ``today``.
    """
    row = connection.execute(_HOLD, {"request": request}).mappings().one_or_none()
    if row is None:
        return None
    given = connection.execute(_CONSENTS, {"request": request}).mappings().all()
    return Held(
        request=row,
        person=connection.execute(_PERSON, {"person": row["person_id"]}).mappings().one(),
        legs=connection.execute(_LEGS, {"request": request}).mappings().all(),
        consents=given,
        running_out=_running_out(connection, given, today),
    )


def _running_out(connection: Connection, given: Sequence[RowMapping], today: date) -> Sequence[RowMapping]:
    renewed = {
        (row["agency"], row["programme"])
        for row in given
        if row["starts_on"] is not None and row["starts_on"] > today and row["withdrawn_at"] is None
    }
    if not renewed:
        return ()
    rows = connection.execute(_FORMER_ONES, {"request": given[0]["request_id"], "today": today}).mappings()
    return [row for row in rows if (row["agency"], row["programme"]) in renewed]


def hold_both(connection: Connection, one: str, other: str) -> None:
    """Hold the rows of two requests until the transaction ends, in the order of their ids."""
    connection.execute(
        sa.select(requests.c.id)
        .where(requests.c.id.in_([one, other]))
        .order_by(requests.c.id)
        .with_for_update()
    )


def request_of(connection: Connection, leg: str) -> str | None:
    """Find the request a leg belongs to; None for a leg that was never made here."""
    return connection.execute(_REQUEST_OF, {"leg": leg}).scalar_one_or_none()


def taken_on(connection: Connection, request: str) -> frozenset[str]:
    """Give the legs of a request that an agency has accepted at some time."""
    return frozenset(connection.execute(_OF_WHICH_WAS_TOLD[_TAKEN_ON], {"request": request}).scalars())


def out_of_line(connection: Connection, request: str) -> frozenset[str]:
    """Give the legs of a request whose turn for a place was given up at some time."""
    return frozenset(connection.execute(_OF_WHICH_WAS_TOLD[_OUT_OF_LINE], {"request": request}).scalars())


def pending(connection: Connection, request: str) -> frozenset[tuple[str, str]]:
    """Give (leg, verb) of every command of a request that was not answered yet."""
    return frozenset((row.leg_id, row.verb) for row in connection.execute(_PENDING, {"request": request}))


def open_reissue(connection: Connection, leg: str) -> RowMapping | None:
    """Find the successor that was asked for in a leg's place and not made yet."""
    return connection.execute(_REISSUE, {"leg": leg}).mappings().one_or_none()


def add_legs(connection: Connection, rows: Sequence[Row]) -> None:
    """Write legs that join a request."""
    insert(connection, (_NEW_LEGS, rows))


def add_consents(
    connection: Connection, held: Sequence[RowMapping], rows: Sequence[Row], at: datetime
) -> None:
    """Write new consents; one for the same agency and programme makes that which is ``held`` a former one."""
    places = {(row["agency"], row["programme"]) for row in rows}
    former = [row for row in held if (row["agency"], row["programme"]) in places]
    if former:
        kept = [{name: row[name] for name in _KEPT} | {"replaced_at": at} for row in former]
        connection.execute(sa.delete(consents).where(consents.c.id.in_([row["id"] for row in former])))
        insert(connection, (_FORMER, kept))
    insert(connection, (_NEW_CONSENTS, rows))


def change(connection: Connection, table: sa.Table, row: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Set some columns of one row of ``requests``, ``people``, ``legs``, ``consents`` or ``reissues``."""
    connection.execute(sa.update(table).where(table.c.id == row).values(**values))


def add_command(connection: Connection, row: Row) -> None:
    """Write down what was asked of a leg."""
    insert(connection, (_COMMANDS, [row]))


def settle_commands(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note how commands were answered: ``{command, at, reason}`` each, the reason None where it was carried out."""
    connection.execute(_SETTLE_COMMAND, rows)


def add_reissue(connection: Connection, row: Row) -> None:
    """Write down that a successor was asked for."""
    insert(connection, (_REISSUES, [row]))


def drop_reissues(connection: Connection, leg_ids: Sequence[str], at: datetime) -> None:
    """Note that nobody wants successors in the place of these legs any more."""
    connection.execute(
        sa.update(reissues)
        .where(reissues.c.leg_id.in_(list(leg_ids)), reissues.c.settled_at.is_(None))
        .values(settled_at=at, refusal="no-longer-asked")
    )


def write_down(connection: Connection, lines: Sequence[Row]) -> None:
    """Write lines of the history of legs."""
    insert(connection, (_LINES, lines))


def hand_over_tasks(connection: Connection, request: str, *, unit: str, street: str | None) -> None:
    """Put the open tasks about a request into the lists of another unit and its street."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.request_id == request, tasks.c.done_at.is_(None))
        .values(unit=unit, street=street)
    )


def number_of(connection: Connection, request: str) -> str:
    """Give the number of a request there is, wherever it is: one that others were merged into may have been moved."""
    with beyond(connection):
        return str(
            connection.execute(sa.select(requests.c.number).where(requests.c.id == request)).scalar_one()
        )


def papers_asked_for(connection: Connection, leg: str) -> tuple[str, ...]:
    """Give the papers that the agency asked for last, as it named them."""
    statement = (
        sa.select(leg_events.c.detail)
        .where(leg_events.c.leg_id == leg, leg_events.c.fact == "documents-requested")
        .order_by(leg_events.c.at.desc(), leg_events.c.sequence.desc())
        .limit(1)
    )
    detail = connection.execute(statement).scalar_one_or_none() or {}
    return tuple(detail.get("papers", ()))
