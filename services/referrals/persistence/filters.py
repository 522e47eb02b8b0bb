"""What a list of referrals shows, and the conditions of its statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from services.referrals.domain.ranks import OPEN_BELOW
from services.referrals.domain.status import ENDED, PAUSED, Status

NOBODY = "none"
"""Asked for as the assignee: open referrals that nobody has taken on."""
OPEN_LIGHTS = frozenset({"red", "yellow", "green", "grey"})
"""The lights of what has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose referrals may be seen: everybody's, or those of agencies, filing units, streets or street counters.

    ``counters`` are pairs of an agency and the street in which it has one.
    """

    everything: bool = False
    agencies: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    counters: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list shows; ``now`` decides the lights, ``today`` is its day in the district's own time.

    Of ``unit`` and ``street`` a list is about what was filed at the one or in the other. ``assignee`` asks for what an
    officer (a staff id) has in hand or stands in for today, or with ``NOBODY`` for open ones that nobody has taken on.
    ``owing`` adds to open ``statuses`` what has ended and still owes an answer to a withdrawn consent.
    """

    reach: Reach
    now: datetime
    today: date
    agency: str | None = None
    unit: str | None = None
    street: str | None = None
    statuses: frozenset[Status] = frozenset()
    light: str | None = None
    assignee: str | None = None
    supervised: str | None = None
    owing: bool = False

    @property
    def ended_only(self) -> bool:
        """Whether it is about nothing but what has ended."""
        return bool(self.statuses) and self.statuses <= ENDED


def conditions(leg: Any, wanted: Filter) -> list[ColumnElement[bool]]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL that a leg is what a list shows."""
    chosen = [*reached(leg, wanted.reach), *filed_at(leg, wanted)]
    if wanted.agency is not None:
        chosen.append(leg.agency == wanted.agency)
    if wanted.statuses:
        statuses = wanted.statuses | (ENDED if wanted.owing else frozenset())
        chosen.append(leg.status.in_(sorted(statuses)))
        if wanted.owing or not wanted.statuses & ENDED:
            chosen.append(is_open(leg))
    if wanted.light is not None:
        chosen.append(is_open(leg) if wanted.light in OPEN_LIGHTS else has_ended(leg))
        chosen.append(lit(leg, wanted.light, wanted.now))
    if wanted.assignee is not None:
        chosen += _in_hand(leg, wanted.assignee, wanted.today)
    if wanted.supervised is not None:
        chosen.append(leg.supervised == wanted.supervised)
    return chosen


def _in_hand(leg: Any, staff: str, today: date) -> list[ColumnElement[bool]]:  # noqa: ANN401 - as in ``lit``
    if staff == NOBODY:
        return [leg.assignee.is_(None), is_open(leg)]
    return [sa.or_(leg.assignee == staff, sa.and_(leg.delegated_to == staff, leg.delegated_until >= today))]


def reached(leg: Any, reach: Reach) -> list[ColumnElement[bool]]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL that somebody may see a leg; with no limit at all, nothing.

    An agency sees none that was never issued to it.
    """
    if reach.everything:
        return []
    places = ((leg.unit, reach.units), (leg.street, reach.streets))
    ways = [column.in_(sorted(codes)) for column, codes in places if codes]
    issued = been_issued(leg)
    if reach.agencies:
        ways.append(sa.and_(leg.agency.in_(sorted(reach.agencies)), issued))
    ways += [
        sa.and_(leg.agency == agency, leg.desk_street == street, issued)
        for agency, street in sorted(reach.counters)
    ]
    return [sa.or_(sa.false(), *ways)]


def been_issued(leg: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL that a leg's agency has ever had it; the same rule as ``Referral.has_been_issued``."""
    return sa.and_(
        leg.status != Status.PLANNED.value,
        sa.or_(
            leg.status != Status.CANCELLED.value,
            leg.previous_status.is_distinct_from(Status.PLANNED.value),
        ),
    )


def filed_at(leg: Any, wanted: Filter) -> list[ColumnElement[bool]]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL where a leg was filed."""
    places = ((leg.unit, wanted.unit), (leg.street, wanted.street))
    named = [column == code for column, code in places if code is not None]
    return [sa.or_(*named)] if named else []


def lit(leg: Any, light: str, now: datetime) -> ColumnElement[bool]:  # noqa: ANN401 - columns of a table or an alias
    """Say in SQL that a leg shows a light now; the same rule as ``shared.clock.light``."""
    # What is paused or has ended has a due moment only while it owes an answer, and does not rest then.
    resting = sa.and_(leg.due_at.is_(None), leg.status.in_(list(PAUSED)))
    calm = sa.or_(leg.yellow_at > now, sa.and_(leg.due_at.is_(None), leg.status.not_in([*ENDED, *PAUSED])))
    rules: dict[str, ColumnElement[bool]] = {
        "blue": sa.and_(leg.status.in_(list(ENDED)), leg.due_at.is_(None)),
        "grey": resting,
        "red": leg.due_at < now,
        "yellow": sa.and_(leg.yellow_at <= now, leg.due_at >= now),
        "green": calm,
    }
    return rules[light]


def is_open(leg: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL that a leg has not ended, or has while its agency still owes an answer to a withdrawn consent."""
    found: ColumnElement[bool] = leg.rank < exactly(OPEN_BELOW)
    return found


def has_ended(leg: Any) -> ColumnElement[bool]:  # noqa: ANN401 - as in ``lit``
    """Say in SQL that a leg has ended and nothing is owed of it."""
    found: ColumnElement[bool] = leg.rank >= exactly(OPEN_BELOW)
    return found


def exactly(rank: int) -> ColumnElement[int]:
    """Write a rank into a statement's text: an index of some of the rows serves only who names that same bound."""
    return sa.literal_column(str(rank), sa.BigInteger)
