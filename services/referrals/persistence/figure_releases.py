"""What exports and the wall show is kept, so that a number moves on only as ``domain/releases.py`` allows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.figures import Count
from services.referrals.domain.releases import FEWEST, RELEASED, Release, Withheld, release
from services.referrals.persistence.figure_sums import Key, add_to
from services.referrals.persistence.figure_tables import shown, withheld

_w = withheld.c
_STREAM = (_w.measure, _w.agency, _w.programme)
_DUE = (
    sa.select(*_STREAM)
    .where(_w.month > RELEASED, _w.month < sa.bindparam("present"))
    .group_by(*_STREAM)
    .having(sa.func.sum(_w.people) >= FEWEST)
    .order_by(*_STREAM)
)
_OF_STREAM = (
    _w.measure == sa.bindparam("of_measure"),
    _w.agency == sa.bindparam("of_agency"),
    _w.programme == sa.bindparam("of_programme"),
)
_CELLS = sa.select(withheld).where(*_OF_STREAM)
_GONE = sa.delete(withheld).where(*_OF_STREAM)


def is_due(connection: Connection, present: str) -> bool:
    """Tell whether there is anything to ``show``."""
    return connection.execute(_DUE.limit(1), {"present": present}).first() is not None


def show(connection: Connection, present: str) -> None:
    """Show what may be shown by now; ``present`` is the month that still runs, of which nothing is.

    For whoever is ``figure_sums.alone``.
    """
    for stream in connection.execute(_DUE, {"present": present}).all():
        which = dict(zip(("of_measure", "of_agency", "of_programme"), stream, strict=True))
        cells = [_cell(row) for row in connection.execute(_CELLS, which)]
        _write(connection, tuple(stream), which, release(cells, present))


def _cell(row: sa.Row[Any]) -> Withheld:
    return Withheld(row.street, row.unit, row.month, Count(row.number, row.people, row.amount))


def _write(connection: Connection, stream: Key, which: dict[str, str], made: Release) -> None:
    connection.execute(_GONE, which)
    add_to(
        connection,
        withheld,
        {(*stream, cell.street, cell.unit, cell.month): cell.count for cell in made.withheld},
    )
    add_to(connection, shown, {(kind, key, *stream): count for (kind, key), count in made.shown.items()})
