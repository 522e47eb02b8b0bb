"""Column types that mean the same on PostgreSQL and on SQLite."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Id = sa.Uuid(as_uuid=False)
"""A UUID, in Python always the canonical 36-character text."""

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document; (de)serialised by orjson."""

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A growing row number; give the table ``sqlite_autoincrement=True`` so that SQLite never reuses one."""


DIALECTS = ("postgresql", "sqlite")


def among(column: sa.Column[Any], name: str, dialect: str) -> sa.ColumnElement[bool]:
    """Compare a column with the list bound to ``name``.

    On PostgreSQL the list is one array, so that the statement is the same, and prepared, whatever its length.
    """
    if dialect == "postgresql":
        return column == sa.any_(sa.cast(sa.bindparam(name), postgresql.ARRAY(column.type)))
    return column.in_(sa.bindparam(name, expanding=True))


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment as an aware ``datetime`` in UTC; refuses naive ones.

    SQLite has no time zone and gets the naive UTC form.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Check and convert what goes into the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment needs a time zone"
            raise ValueError(message)
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class from_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it stands for
    """The database's own present moment plus a number of seconds.

    For what one process writes and another waits for: their clocks may differ, the database's is the same for all.
    """

    type = Instant()
    inherit_cache = True


@compiles(from_now, "postgresql")
def _on_postgresql(element: from_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"now() + make_interval(secs => {compiler.process(element.clauses, **options)})"


@compiles(from_now, "sqlite")
def _on_sqlite(element: from_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


NOW = from_now(sa.literal_column("0"))
"""The database's own present moment."""


class Sealed(sa.types.TypeDecorator[bytes]):
    """Ciphertext; refuses ``str``, so that plain text cannot slip into an encrypted column."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401, ARG002 - the driver hands anything
        """Let only bytes through."""
        if value is not None and not isinstance(value, bytes):
            message = f"an encrypted column takes ciphertext as bytes, not {type(value).__name__}"
            raise TypeError(message)
        return value
