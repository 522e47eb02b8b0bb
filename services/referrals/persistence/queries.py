"""Reads for the API and the pages: queues, searches, histories and cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from services.referrals.domain.clocks import ANSWER_WITHDRAWAL
from services.referrals.domain.ranks import NO_CLOCK
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import ENDED, PAUSED, Status
from services.referrals.persistence.filters import (
    OPEN_LIGHTS,
    Filter,
    Reach,
    been_issued,
    conditions,
    exactly,
    filed_at,
    has_ended,
    is_open,
    lit,
    reached,
)
from services.referrals.persistence.referrals import COLUMNS, Line, from_row
from services.referrals.persistence.tables import TOKEN_COLUMNS, packets, referrals
from services.referrals.persistence.timeline import lines_of

_r = referrals.c


def listing(
    connection: Connection, wanted: Filter, *, limit: int, after: tuple[int, str] | None
) -> list[Referral]:
    """List referrals by ``(rank, id)``: due first, then paused, then ended with the newest first."""
    if not wanted.ended_only:
        return _listed(connection, conditions(_r, wanted), limit, after)
    # What is owed an answer of stands among the open ones, which nobody is to walk through to find the ended.
    chosen = conditions(_r, wanted)
    owing = _listed(connection, [*chosen, _owing(), is_open(_r)], limit, after)
    left = limit - len(owing)
    return owing + (_listed(connection, [*chosen, has_ended(_r)], left, after) if left else [])


def _listed(
    connection: Connection, chosen: Sequence[ColumnElement[bool]], limit: int, after: tuple[int, str] | None
) -> list[Referral]:
    statement = sa.select(*COLUMNS).where(*chosen).order_by(_r.rank, _r.id).limit(limit)
    if after is not None:
        statement = statement.where(_beyond(_r, after))
    return [from_row(row) for row in connection.execute(statement).mappings()]


def _owing() -> ColumnElement[bool]:
    # Written out: an index of some of the rows serves only who names that same clock.
    owing: ColumnElement[bool] = _r.clock == sa.literal_column(f"'{ANSWER_WITHDRAWAL}'", sa.Text)
    return owing


def counts(
    connection: Connection, reach: Reach, agency: str | None, *, most: int
) -> tuple[dict[Status, int], int]:
    """Count open referrals by status, and ended ones (under ``closed``) up to ``most``.

    The second number is of ended ones whose agency still owes an answer, which are among neither.
    """
    wanted = [*reached(_r, reach), *([_r.agency == agency] if agency else [])]
    open_ones = (
        sa.select(_r.status, sa.func.count().label("number_of"))
        .where(*wanted, is_open(_r))
        .group_by(_r.status)
    )
    ended = sa.select(sa.literal(1)).where(*wanted, has_ended(_r)).limit(most).subquery()
    found = {Status(row.status): int(row.number_of) for row in connection.execute(open_ones)}
    owing = sum(found.pop(status, 0) for status in ENDED)
    found[Status.CLOSED] = int(connection.execute(sa.select(sa.func.count()).select_from(ended)).scalar_one())
    return found, owing


def candidates(
    connection: Connection,
    *,
    number: str | None,
    agencies: frozenset[str],
    tokens: Sequence[tuple[str, str, str]],
    limit: int,
) -> list[Referral]:
    """Find referrals issued to some agencies by exact number, or by (agency, kind, token) of the agency's index."""
    ways = [sa.and_(_r.agency == agency, TOKEN_COLUMNS[kind] == token) for agency, kind, token in tokens]
    if number is not None:
        ways.append(sa.and_(_r.number == number, _r.agency.in_(sorted(agencies))))
    wanted = (sa.or_(*ways), been_issued(_r))
    statement = sa.select(*COLUMNS).where(*wanted).order_by(_r.rank, _r.id).limit(limit)
    return [from_row(row) for row in connection.execute(statement).mappings()]


def newest_packets(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Load the newest sealed packet of each of these referrals."""
    return _newest(connection, packets.c.packet, ids)


def newest_badges(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Load the newest sealed badge of each of these referrals."""
    return _newest(connection, packets.c.badge, ids)


def history_of(connection: Connection, referral_id: str) -> list[Line]:
    """Load what was done with a referral after it was issued, oldest first."""
    return lines_of(connection, [referral_id])[referral_id]


def legs_of(connection: Connection, request_ids: Sequence[str]) -> dict[str, list[Referral]]:
    """Load all legs of some requests, each in the order in which they were made."""
    statement = (
        sa.select(*COLUMNS).where(_r.request_id.in_(list(request_ids))).order_by(_r.issued_at, _r.position)
    )
    legs: dict[str, list[Referral]] = {request: [] for request in request_ids}
    if not legs:
        return legs
    for row in connection.execute(statement).mappings():
        legs[row["request_id"]].append(from_row(row))
    return legs


def cases(
    connection: Connection, wanted: Filter, *, limit: int, after: tuple[int, str] | None
) -> list[tuple[str, int, str]]:
    """List cases by their leg that is due first: (request id, that leg's rank, that leg's id).

    A case's light is the worst of its legs; ``wanted.agency`` asks for a leg at that agency, whatever else it has.
    Walking leading legs in index order keeps the first page cheap, however many cases there are, and a light never
    leads from the open ones among the many that have ended, or the other way.
    """
    conditions = [*reached(_r, wanted.reach), *filed_at(_r, wanted)]
    if wanted.agency is not None:
        conditions.append(_has_leg(lambda leg: [leg.agency == wanted.agency]))
    if wanted.light is not None:
        conditions += _LED[wanted.light](wanted.now)
    conditions.append(
        ~_has_leg(lambda leg: [_before(leg, _r), *([is_open(leg)] if wanted.light in OPEN_LIGHTS else [])])
    )
    if after is not None:
        conditions.append(_beyond(_r, after))
    statement = (
        sa.select(_r.request_id, _r.rank, _r.id).where(*conditions).order_by(_r.rank, _r.id).limit(limit)
    )
    return [(row.request_id, row.rank, row.id) for row in connection.execute(statement)]


def count_cases(connection: Connection, wanted: Filter) -> dict[str, int]:
    """Count the cases that have an open leg by the worst light among them now."""
    colours = ("grey", "green", "yellow", "red")
    # The rules of ``lit`` for open legs, of which only running clocks have moments: most are told by these alone.
    severity = sa.case(
        (_r.due_at < wanted.now, 3),
        (_r.yellow_at <= wanted.now, 2),
        (_r.due_at.is_not(None), 1),
        (_r.status.in_(list(PAUSED)), 0),
        else_=1,
    )
    among = [is_open(_r), *reached(_r, wanted.reach), *filed_at(_r, wanted)]
    cases_of = sa.select(sa.func.max(severity).label("worst")).where(*among).group_by(_r.request_id)
    if wanted.agency is not None:
        # Its ended legs are counted only where no open one is the agency's; EXISTS might gather those of all cases.
        leg = referrals.alias().c
        open_there = sa.func.max(sa.case((_r.agency == wanted.agency, 1), else_=0)) == 1
        its_own = (leg.request_id == _r.request_id, leg.agency == wanted.agency, has_ended(leg))
        ended_there = sa.select(sa.func.count()).where(*its_own).scalar_subquery() > 0
        cases_of = cases_of.having(sa.or_(open_there, ended_there))
    each = cases_of.subquery()
    tally = sa.select(each.c.worst, sa.func.count().label("number_of")).group_by(each.c.worst)
    found = {colours[row.worst]: int(row.number_of) for row in connection.execute(tally)}
    return {colour: found.get(colour, 0) for colour in colours}


def _red(now: datetime) -> list[ColumnElement[bool]]:
    # Who is due first is late first.
    return [is_open(_r), lit(_r, "red", now)]


def _not_red(now: datetime) -> list[ColumnElement[bool]]:
    return [is_open(_r), lit(_r, "red", now).is_not(sa.true())]


def _yellow(now: datetime) -> list[ColumnElement[bool]]:
    return [*_not_red(now), _has_open_leg("yellow", now)]


def _green(now: datetime) -> list[ColumnElement[bool]]:
    return [*_not_red(now), ~_has_open_leg("yellow", now), _has_open_leg("green", now)]


def _grey(now: datetime) -> list[ColumnElement[bool]]:
    return [_r.rank >= exactly(NO_CLOCK), is_open(_r), ~_has_open_leg("green", now)]


def _blue(_now: datetime) -> list[ColumnElement[bool]]:
    return [has_ended(_r)]


_LED: Mapping[str, Callable[[datetime], list[ColumnElement[bool]]]] = {
    "red": _red,
    "yellow": _yellow,
    "green": _green,
    "grey": _grey,
    "blue": _blue,
}
"""Light of a case → what its leg due first is like: ranks go from late to due, to paused, to ended."""


def _has_open_leg(light: str, now: datetime) -> ColumnElement[bool]:
    return _has_leg(lambda leg: [is_open(leg), lit(leg, light, now)])


def _newest(connection: Connection, column: sa.Column[str], ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    statement = (
        sa.select(packets.c.referral_id, column.label("sealed"))
        .where(packets.c.referral_id.in_(list(ids)))
        .order_by(packets.c.referral_id, packets.c.rev)
    )
    return {row.referral_id: row.sealed for row in connection.execute(statement)}


def _has_leg(conditions: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns in, conditions out
    leg = referrals.alias()
    return sa.exists().where(leg.c.request_id == _r.request_id, *conditions(leg.c))


def _before(one: Any, other: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as in ``lit``
    return sa.or_(one.rank < other.rank, sa.and_(one.rank == other.rank, one.id < other.id))


def _beyond(leg: Any, after: tuple[int, str]) -> ColumnElement[bool]:  # noqa: ANN401 - as in ``lit``
    rank, last = after
    return sa.tuple_(leg.rank, leg.id) > sa.tuple_(
        sa.literal(rank, leg.rank.type), sa.literal(last, leg.id.type)
    )
