"""Adding up: rows of differences become sums, people and what is withheld from exports, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from services.referrals.domain.figures import COUNTED, NOTHING, Count, Figure
from services.referrals.domain.first_times import Standing, Whom, first_times
from services.referrals.persistence.figure_tables import deltas, figures, people, withheld
from shared.db.types import DIALECTS, among

DISTRICT, STREET, UNIT = "district", "street", "unit"
ALL = "all"
"""The period that is all time."""

ADDING = 7_302_006
"""The advisory lock of whoever adds up on PostgreSQL; on SQLite a unit of work is alone anyhow."""

Key = tuple[Any, ...]
"""The primary key of a row of sums, in the order of its columns."""

Change = tuple[Figure, Count, str]
"""One difference: the figure, how much of it, and the person it is about."""

_TAKEN = sa.select(deltas).order_by(deltas.c.id).limit(sa.bindparam("most"))
_GONE = {dialect: sa.delete(deltas).where(among(deltas.c.id, "ids", dialect)) for dialect in DIALECTS}
_KNOWN = {
    dialect: sa.select(people).where(among(people.c.person, "persons", dialect)) for dialect in DIALECTS
}
_FORGOTTEN = sa.delete(people).where(
    people.c.person == sa.bindparam("whom"),
    people.c.programme == sa.bindparam("of"),
    people.c.measure == sa.bindparam("by"),
)


def alone(connection: Connection, *, wait: bool = False) -> bool:
    """Keep others from adding up until this transaction ends; False where others are at it and one does not wait."""
    if connection.dialect.name != "postgresql":
        return True
    if wait:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADDING)))
        return True
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(ADDING))).scalar_one())


def take(connection: Connection, most: int) -> list[Change]:
    """Take the oldest differences away, to be added up in the same transaction by whoever is ``alone``."""
    rows = connection.execute(_TAKEN, {"most": most}).all()
    if rows:
        connection.execute(_GONE[connection.dialect.name], {"ids": [row.id for row in rows]})
    return [change_of(row) for row in rows]


def change_of(row: sa.Row[Any]) -> Change:
    """Read one difference."""
    return (
        Figure(**{name: getattr(row, name) for name in Figure._fields}),
        Count(row.number, 0, row.amount),
        row.person,
    )


def counted_people(
    connection: Connection, changes: Sequence[Change]
) -> tuple[Mapping[Figure, Count], Mapping[Whom, Standing]]:
    """Find who of some changes is counted for the first time, or no longer; see ``first_times``."""
    told = [
        (Whom(person, figure.programme, figure.measure), figure, count.number)
        for figure, count, person in changes
        if figure.measure in COUNTED
    ]
    if not told:
        return {}, {}
    wanted = sorted({whom.person for whom, _, _ in told})
    known = {
        Whom(row.person, row.programme, row.measure): Standing(
            row.number,
            Figure(row.agency, row.programme, row.street, row.unit, row.month, row.measure, value=row.value),
        )
        for row in connection.execute(_KNOWN[connection.dialect.name], {"persons": wanted})
    }
    return first_times(known, told)


def add(connection: Connection, changes: Sequence[Change]) -> None:
    """Add differences to the sums, to the people known, and to what exports and the wall do not show yet."""
    first, standing = counted_people(connection, changes)
    total: dict[Figure, Count] = dict(first)
    for figure, count, _ in changes:
        total[figure] = total.get(figure, NOTHING) + count
    add_to(connection, figures, _gathered(row for figure in total for row in _places(figure, total[figure])))
    add_to(
        connection,
        withheld,
        _gathered((_withheld(figure), count) for figure, count in total.items() if figure.measure in COUNTED),
    )
    _remember(connection, standing)


def _places(figure: Figure, count: Count) -> Iterator[tuple[Key, Count]]:
    for level, place in ((DISTRICT, ""), (STREET, figure.street), (UNIT, figure.unit)):
        for period in (figure.month, ALL):
            yield (
                (
                    level,
                    place,
                    figure.measure,
                    period,
                    figure.agency,
                    figure.programme,
                    figure.step,
                    figure.value,
                ),
                count,
            )


def _withheld(figure: Figure) -> Key:
    return (figure.measure, figure.agency, figure.programme, figure.street, figure.unit, figure.month)


def _gathered(rows: Iterable[tuple[Key, Count]]) -> dict[Key, Count]:
    found: dict[Key, Count] = {}
    for key, count in rows:
        found[key] = found.get(key, NOTHING) + count
    return found


def add_to(connection: Connection, table: sa.Table, sums: Mapping[Key, Count]) -> None:
    """Add to rows of sums by their primary key, and make those that are not there yet."""
    names = [str(column.name) for column in table.primary_key.columns]
    # In one order for all: two who add to the same rows then wait for each other instead of forever.
    rows = [
        {**dict(zip(names, key, strict=True)), **sums[key]._asdict()}
        for key in sorted(sums)
        if sums[key] != NOTHING
    ]
    if rows:
        _put(connection, table, rows, add=True)


def _put(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, add: bool) -> None:
    """Insert rows; where one is there already, add to it or put the new one in its place."""
    if connection.dialect.name == "postgresql":
        # As one parameter, a JSON array: thousands of rows take one statement that is prepared once.
        connection.execute(_together(table, add=add), {"rows": orjson.dumps(rows).decode()})
    else:
        connection.execute(_or_update(sqlite.insert(table), table, add=add), rows)


@cache
def _together(table: sa.Table, *, add: bool) -> sa.Insert:
    sent = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON))
    columns = list(table.columns)
    new = sent.table_valued(*(sa.column(column.name, column.type) for column in columns))
    new = new.render_derived(name="new", with_types=True)
    made = postgresql.insert(table).from_select(columns, sa.select(*(new.c[each.name] for each in columns)))
    return _or_update(made, table, add=add)


def _or_update(made: Any, table: sa.Table, *, add: bool) -> sa.Insert:  # noqa: ANN401 - an insert of either dialect
    new = made.excluded
    statement: sa.Insert = made.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={
            column.name: column + new[column.name] if add else new[column.name]
            for column in table.columns
            if not column.primary_key
        },
    )
    return statement


def _remember(connection: Connection, standing: Mapping[Whom, Standing]) -> None:
    gone = [whom for whom, now in standing.items() if now.number == 0]
    kept = [
        {
            "person": whom.person,
            "programme": whom.programme,
            "measure": whom.measure,
            "number": now.number,
            **{name: getattr(now.figure, name) for name in ("agency", "street", "unit", "month", "value")},
        }
        for whom, now in sorted(standing.items())
        if now.number != 0
    ]
    if gone:
        connection.execute(
            _FORGOTTEN,
            [{"whom": whom.person, "of": whom.programme, "by": whom.measure} for whom in gone],
        )
    if kept:
        _put(connection, people, kept, add=False)
