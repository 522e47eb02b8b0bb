"""New rows on their way into tables: as many as there are, for as many tables as it takes, in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

Row = Mapping[str, Any]


class _Travelling:
    """The form in which rows of ``table`` travel to PostgreSQL: a JSON array, ``texts`` as they are."""

    __slots__ = ("_checks", "_table")

    def __init__(self, table: sa.Table, texts: Collection[str] = ()) -> None:
        self._table = table
        checks = {column.name: _check_of(column) for column in table.columns}
        checks |= dict.fromkeys(texts, bytes.decode)
        self._checks = {name: check for name, check in checks.items() if check is not None}

    def __call__(self, rows: Sequence[Row]) -> str:
        """Write rows.

        Raises ``ValueError`` when they differ in their columns, or for a moment without a time zone, and ``TypeError``
        for text where bytes belong.
        """
        names = rows[0].keys()
        checks = [(name, check) for name, check in self._checks.items() if name in names]
        ready = []
        for row in rows:
            if row.keys() != names:
                message = f"rows for {self._table.name} differ in their columns"
                raise ValueError(message)
            made = dict(row)
            for name, check in checks:
                if made[name] is not None:
                    made[name] = check(made[name])
            ready.append(made)
        return orjson.dumps(ready).decode()


class Insert:
    """What puts rows into ``table``.

    With ``skip_existing`` a row that is there already is left as it is. ``texts`` names columns of bytes that always
    hold UTF-8: they travel as they are, all others in hexadecimal.
    """

    __slots__ = ("_skip_existing", "_texts", "one_by_one", "table", "travelling")

    def __init__(self, table: sa.Table, *, skip_existing: bool = False, texts: Collection[str] = ()) -> None:
        self.table = table
        self.travelling = _Travelling(table, texts)
        self._skip_existing = skip_existing
        self._texts = frozenset(texts)
        one_by_one = sqlite.insert(table)
        self.one_by_one = one_by_one.on_conflict_do_nothing() if skip_existing else one_by_one

    def statement(self, names: Sequence[str], dialect: Dialect) -> str:
        """Give PostgreSQL's statement for rows of these columns; its one parameter is a JSON array of them."""
        quote = dialect.identifier_preparer.quote
        columns = [self.table.c[name] for name in names]
        listed = ", ".join(quote(column.name) for column in columns)
        typed = ", ".join(f"{quote(column.name)} {self._sent_as(column, dialect)}" for column in columns)
        taken = ", ".join(
            f"convert_to({quote(column.name)}, 'UTF8')" if column.name in self._texts else quote(column.name)
            for column in columns
        )
        target = dialect.identifier_preparer.format_table(self.table)
        skip = " ON CONFLICT DO NOTHING" if self._skip_existing else ""
        return (
            f"INSERT INTO {target} ({listed})"  # noqa: S608 - names of our own tables
            f" SELECT {taken} FROM json_to_recordset(%s::json) AS new ({typed}){skip}"
        )

    def _sent_as(self, column: sa.Column[Any], dialect: Dialect) -> str:
        return "TEXT" if column.name in self._texts else column.type.compile(dialect)


class Update:
    """What changes many rows of ``table`` at once, each to values of its own.

    Rows are found by the column ``key``; ``names`` are the columns that change. A row whose column ``newer`` is not
    below the new value stays as it is.
    """

    __slots__ = ("_one_by_one", "_together", "_travelling")

    def __init__(self, table: sa.Table, key: str, names: Sequence[str], *, newer: str) -> None:
        values = {name: sa.bindparam(f"_{name}", type_=table.c[name].type) for name in names}
        found = table.c[key] == sa.bindparam(f"_{key}", type_=table.c[key].type)
        self._one_by_one = sa.update(table).where(found, table.c[newer] < values[newer]).values(values)
        self._travelling = _Travelling(table)
        sent = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text), postgresql.JSON))
        new = sent.table_valued(*(sa.column(name, table.c[name].type) for name in (key, *names)))
        new = new.render_derived(name="new", with_types=True)
        self._together = (
            sa.update(table)
            .where(table.c[key] == new.c[key], table.c[newer] < new.c[newer])
            .values({name: new.c[name] for name in names})
        )

    def __call__(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Change rows; ``rows`` hold the key and the new values, and name no row twice.

        Raises as ``insert`` does.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(self._together, {"rows": self._travelling(rows)})
        else:
            prefixed = [{f"_{name}": value for name, value in row.items()} for row in rows]
            connection.execute(self._one_by_one, prefixed)


_together: dict[tuple[object, ...], str] = {}


def insert(connection: Connection, *new: tuple[Insert, Sequence[Row]]) -> None:
    """Insert rows into tables, in this order; an empty list is none.

    On PostgreSQL all of it is one statement, and the rows of each table are one parameter, a JSON array: the statement
    is the same, and prepared, however many rows there are. What it inserts it cannot see itself, so nothing
    here may depend on a trigger or a default that reads another of these tables; foreign keys are checked at its end.

    Raises ``ValueError`` when rows differ in their columns or for a moment without a time zone, ``TypeError`` for text
    where bytes belong, and SQLAlchemy's errors of the database.
    """
    given = [(table, rows) for table, rows in new if rows]
    if not given:
        return
    if connection.dialect.name != "postgresql":
        for table, rows in given:
            connection.execute(table.one_by_one, rows)
        return
    key = tuple((table, *rows[0]) for table, rows in given)
    statement = _together.get(key)
    if statement is None:
        parts = [table.statement(tuple(rows[0]), connection.dialect) for table, rows in given]
        before = ", ".join(f"into_{place} AS ({part})" for place, part in enumerate(parts[:-1]))
        statement = _together[key] = f"{f'WITH {before} ' if before else ''}{parts[-1]}"
    connection.exec_driver_sql(statement, tuple(table.travelling(rows) for table, rows in given))


def _check_of(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    type_ = column.type
    kind = type_.impl_instance if isinstance(type_, sa.types.TypeDecorator) else type_
    if isinstance(kind, sa.LargeBinary):
        return _hexadecimal
    if isinstance(kind, sa.DateTime):
        return _with_zone
    return None


def _hexadecimal(value: Any) -> str:  # noqa: ANN401 - whatever somebody put there
    if not isinstance(value, bytes):
        message = f"a column of bytes takes bytes, not {type(value).__name__}"
        raise TypeError(message)
    return "\\x" + value.hex()


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "a moment needs a time zone"
        raise ValueError(message)
    return value
