"""Reading the figures: sums and what is not yet added up at one moment, or what exports and the wall may show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from services.referrals.domain.figures import COUNTED, DAYS, NOTHING, Count, Figure
from services.referrals.domain.releases import MONTH, TOTAL
from services.referrals.persistence.figure_sums import (
    ALL,
    DISTRICT,
    STREET,
    UNIT,
    change_of,
    counted_people,
)
from services.referrals.persistence.figure_tables import deltas, figures, shown

By = Literal["month", "street", "agency"]
Sums = Mapping[tuple[str, Figure], Count]
"""(group, figure) → how much; of the figure only agency, programme, measure, step and value are filled in."""

_f = figures.c
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which figures: of all places (``level`` district), of streets or of units; None stands for all of a kind.

    ``first`` and ``last`` are months (``YYYY-MM``), both counted; None is all time.
    """

    level: str = DISTRICT
    places: frozenset[str] | None = None
    agencies: frozenset[str] | None = None
    programme: str | None = None
    first: str | None = None
    last: str | None = None

    @property
    def months(self) -> bool:
        """Whether it is about certain months."""
        return self.first is not None or self.last is not None

    def holds(self, figure: Figure) -> bool:
        """Tell whether a figure is among them."""
        place = {STREET: figure.street, UNIT: figure.unit}.get(self.level, "")
        return (
            (self.places is None or place in self.places)
            and (self.agencies is None or figure.agency in self.agencies)
            and self.programme in {None, figure.programme}
            and (self.first or "") <= figure.month
            and (self.last is None or figure.month <= self.last)
        )


def at_one_moment(connection: Connection) -> None:
    """Have all reads of this transaction see the same state; to be called before the first of them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_ONE_MOMENT)


def changes(connection: Connection) -> Mapping[Figure, Count]:
    """Give what is not yet added up, in referrals and in people."""
    waiting = [change_of(row) for row in connection.execute(sa.select(deltas).order_by(deltas.c.id))]
    first, _ = counted_people(connection, waiting)
    found: dict[Figure, Count] = dict(first)
    for figure, count, _ in waiting:
        found[figure] = found.get(figure, NOTHING) + count
    return found


def sums(
    connection: Connection,
    wanted: Wanted,
    by: By | None,
    waiting: Mapping[Figure, Count],
    *,
    days: bool = False,
) -> Sums:
    """Add what is added up to what is ``waiting``: everything that is counted, or the ``days`` agencies needed."""
    measures = (DAYS,) if days else COUNTED
    # A street's own rows tell it apart; nothing else needs them where all places are wanted.
    level = STREET if by == "street" and wanted.level == DISTRICT else wanted.level
    group = {"month": _f.period, "street": _f.place, "agency": _f.agency}.get(by or "", sa.literal(""))
    of = (_f.agency, _f.programme, _f.measure, _f.step, _f.value)
    statement = (
        sa.select(
            group.label("group"),
            *of,
            *(sa.func.sum(column).label(column.name) for column in (_f.number, _f.people, _f.amount)),
        )
        .where(
            _f.level == level,
            _f.measure.in_(measures),
            *_in_period(wanted, by),
            *([_f.place.in_(sorted(wanted.places))] if wanted.places is not None else []),
            *([_f.agency.in_(sorted(wanted.agencies))] if wanted.agencies is not None else []),
            *([_f.programme == wanted.programme] if wanted.programme is not None else []),
        )
        .group_by(sa.text("1"), *of)
    )
    found: dict[tuple[str, Figure], Count] = {}
    for row in connection.execute(statement):
        key = (row.group, _bare(row.agency, row.programme, row.measure, row.step, row.value))
        found[key] = Count(int(row.number), int(row.people), int(row.amount))
    for figure, count in waiting.items():
        if figure.measure in measures and wanted.holds(figure):
            key = (
                _group(figure, by, level),
                _bare(figure.agency, figure.programme, figure.measure, figure.step, figure.value),
            )
            found[key] = found.get(key, NOTHING) + count
    return {key: count for key, count in found.items() if count != NOTHING}


def shown_sums(connection: Connection, wanted: Wanted, by: By | None) -> Sums:
    """Give what exports and the wall show; places and months cannot both be chosen, see ``domain/releases.py``."""
    kinds = {"month": MONTH, "street": STREET}
    kind = kinds.get(by or "") or (
        MONTH if wanted.months else TOTAL if wanted.level == DISTRICT else wanted.level
    )
    s = shown.c
    keys = wanted.places if kind != MONTH else None
    statement = sa.select(shown).where(
        s.kind == kind,
        *([s.key.in_(sorted(keys))] if keys is not None else []),
        *([s.key >= wanted.first] if kind == MONTH and wanted.first else []),
        *([s.key <= wanted.last] if kind == MONTH and wanted.last else []),
        *([s.agency.in_(sorted(wanted.agencies))] if wanted.agencies is not None else []),
        *([s.programme == wanted.programme] if wanted.programme is not None else []),
    )
    found: dict[tuple[str, Figure], Count] = {}
    for row in connection.execute(statement):
        group = {"month": row.key, "street": row.key, "agency": row.agency}.get(by or "", "")
        key = (group, _bare(row.agency, row.programme, row.measure))
        found[key] = found.get(key, NOTHING) + Count(row.number, row.people, row.amount)
    return found


def _kind(wanted: Wanted, by: By | None) -> str:
    if by == "month" or wanted.months:
        return MONTH
    if wanted.level != DISTRICT:
        return wanted.level
    return STREET if by == "street" else TOTAL


def _in_period(wanted: Wanted, by: By | None) -> Iterable[ColumnElement[bool]]:
    if by != "month" and not wanted.months:
        return [_f.period == ALL]
    bounds = [_f.period >= wanted.first] if wanted.first else []
    # Months begin with a digit: ``all`` stands behind every one of them.
    return [*bounds, _f.period <= wanted.last if wanted.last else _f.period < ALL]


def _group(figure: Figure, by: By | None, level: str) -> str:
    place = figure.unit if level == UNIT else figure.street
    return {"month": figure.month, "street": place, "agency": figure.agency}.get(by or "", "")


def _bare(agency: str, programme: str, measure: str, step: str = "", value: Any = 0) -> Figure:  # noqa: ANN401 - a column
    return Figure(agency, programme, "", "", "", measure, step, int(value))
