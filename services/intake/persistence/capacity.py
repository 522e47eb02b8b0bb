"""Write and read the mirror of places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.persistence.capacity_tables import capacities

_TOLD = ("places", "free", "as_of", "waiting", "sequence", "updated_at")
_ALL = sa.select(*(capacities.c[name] for name in ("programme", "places", "free", "as_of", "waiting")))


def _newest(insert: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    # What was counted earlier never overwrites what was counted later, in whatever order it arrives.
    return insert.on_conflict_do_update(
        index_elements=[capacities.c.programme],
        set_={name: insert.excluded[name] for name in _TOLD},
        where=capacities.c.sequence < insert.excluded.sequence,
    )


_KEEP = {
    "postgresql": _newest(postgresql.insert(capacities)),
    "sqlite": _newest(sqlite.insert(capacities)),
}


@dataclass(frozen=True, slots=True)
class Places:
    """How many places a programme has, how many are free as of a day, and how many wait for one."""

    places: int
    free: int
    as_of: date
    waiting: int


def keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Take what was told of each programme's places, unless something newer is known."""
    connection.execute(_KEEP[connection.dialect.name], rows)


def every(connection: Connection) -> dict[str, Places]:
    """Give the places of each programme of which something was told."""
    return {row[0]: Places(*row[1:]) for row in connection.execute(_ALL)}
