"""Row-level security on PostgreSQL: which rows of a table a web process sees, whatever its statements ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.db.reach import EVERYTHING, PLACES

REACH, WORK, UPKEEP = "reach", "work", "upkeep"
"""The policies of a table: of web processes by their reach, of workers, and of the owner, who migrates."""

_MADE = sa.text(
    "SELECT c.relname AS table, p.polname AS name, obj_description(p.oid, 'pg_policy') AS mark "
    "FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace"
)
_FORCED = sa.text(
    "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
    "AND relnamespace = 'public'::regnamespace"
)


@dataclass(frozen=True, slots=True)
class Limited:
    """A table of which web processes see only the rows within their reach: those of which ``sees`` (SQL) is true.

    They write no other rows either, unless ``adds`` says which.
    """

    table: str
    sees: str
    adds: str | None = None


def among(value: str, place: str) -> str:
    """Say in SQL that a value is one of the reach's places of a kind; looked up once for a statement, not for each row.

    ``place`` is a name of ``PLACES``. With no reach at all this is never true.
    """
    return f"{value} = ANY ((SELECT string_to_array(current_setting('{PLACES[place]}', true), ','))::text[])"


def everything() -> str:
    """Say in SQL that the reach has no limit."""
    return f"(SELECT current_setting('{EVERYTHING}', true) = 'on')"


def anybody() -> str:
    """Say in SQL that there is a reach at all: somebody has been let in."""
    return f"(SELECT current_setting('{EVERYTHING}', true) <> '')"


def secure(connection: Connection, tables: Sequence[Limited]) -> None:
    """Make the policies of these tables what they should be, and take away those of others; as their owner.

    Who is no owner, web or worker has no policy and sees nothing. Nothing is locked where nothing changes.
    """
    quote = connection.dialect.identifier_preparer.quote
    forced = set(connection.execute(_FORCED).scalars())
    for limited in tables:
        if limited.table not in forced:
            table = quote(limited.table)
            connection.exec_driver_sql(
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
            )
    made = {(row.table, row.name): row.mark for row in connection.execute(_MADE)}
    wanted = {(table, name): policy for table, name, *policy in _wanted(connection, tables)}
    for (table, name), mark in made.items():
        if mark != _mark(wanted.get((table, name))):
            connection.exec_driver_sql(f"DROP POLICY {quote(name)} ON {quote(table)}")
    for (table, name), policy in wanted.items():
        mark = _mark(policy)
        if made.get((table, name)) == mark:
            continue
        role, sees, *adds = policy
        on = f"{quote(name)} ON {quote(table)}"
        checked = "".join(f" WITH CHECK ({condition})" for condition in adds)
        connection.exec_driver_sql(f"CREATE POLICY {on} TO {quote(role)} USING ({sees}){checked}")
        connection.exec_driver_sql(f"COMMENT ON POLICY {on} IS '{mark}'")


def _wanted(connection: Connection, tables: Sequence[Limited]) -> Iterator[tuple[str, ...]]:
    database, owner = connection.exec_driver_sql("SELECT current_database(), current_user").one()
    roles = {f"{database}_web": REACH, f"{database}_worker": WORK}
    known = connection.execute(
        sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": list(roles)}
    ).scalars()
    there = {role: roles[role] for role in known}
    for limited in tables:
        yield limited.table, UPKEEP, owner, "true"
        for role, name in there.items():
            if name == REACH:
                yield limited.table, name, role, limited.sees, *filter(None, [limited.adds])
            else:
                yield limited.table, name, role, "true"


def _mark(policy: Sequence[str] | None) -> str | None:
    return None if policy is None else hashlib.sha256("\n".join(policy).encode()).hexdigest()
