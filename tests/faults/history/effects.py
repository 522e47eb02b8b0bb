"""The effect log: a table without unique keys that triggers fill, so that what happened twice is there twice.

A table of the product may forgive a doubled write, by a unique key or because the second one overwrites the first. What
the triggers write down forgives nothing. They are installed by tests alone, from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from shared.db import Database

BEGIN = "BEGIN IMMEDIATE"
"""How a unit of work begins on SQLite."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A table that is watched: the columns that name a row, others worth seeing, those that hold JSON or bytes."""

    key: Sequence[str]
    shown: Sequence[str] = ()
    json: Sequence[str] = ()
    bytes: Sequence[str] = ()


_PLATFORM: Mapping[str, Watched] = {
    "outbox": Watched(
        ("event_id",),
        ("type", "subject", "sequence", "routing_key", "published_at", "agencies_published_at"),
    ),
    "inbox_receipts": Watched(("event_id", "consumer"), ("source", "subject", "sequence", "dismissed")),
    "audit_log": Watched(("id",), ("actor", "action", "object_type", "object_id"), json=("detail",)),
    "dead_letters": Watched(
        ("id",), ("consumer", "state", "reason", "event_id", "type", "subject", "sequence")
    ),
    # The key is a hash of staff, method, path and Idempotency-Key: it ties a client's operation to a transaction.
    "idempotency_keys": Watched(("id",), ("status",), bytes=("id",)),
}
WATCHED: Mapping[str, Mapping[str, Watched]] = {
    "intake": {
        "requests": Watched(
            ("id",), ("number", "person_id", "status", "version", "event_sequence", "filed_by")
        ),
        "legs": Watched(
            ("id",), ("request_id", "agency", "status", "version", "cancel_requested_at", "cancel_refusal")
        ),
        "leg_events": Watched(("id",), ("request_id", "leg_id", "fact", "status", "sequence")),
        "consents": Watched(("id",), ("request_id", "agency", "programme")),
        **_PLATFORM,
    },
    "referrals": {
        "referrals": Watched(
            ("id",),
            (
                "number",
                "request_id",
                "agency",
                "unit",
                "status",
                "previous_status",
                "version",
                "event_sequence",
            ),
        ),
        "packets": Watched(("referral_id", "rev")),
        "capacities": Watched(("programme",), ("agency", "places", "free", "version")),
        "history": Watched(("id",), ("referral_id", "action", "from_status", "to_status", "actor", "role")),
        **_PLATFORM,
    },
    "notifications": {
        "messages": Watched(("inbox", "id"), ("event_id", "type", "subject", "agency")),
        **_PLATFORM,
    },
}

_STORE = {
    "postgresql": """
create table if not exists effects (n bigserial, at timestamptz not null default clock_timestamp(),
  txid bigint not null, table_name text not null, op text not null, key text not null, before jsonb, after jsonb);
""",
    "sqlite": """
create table if not exists effects (n integer primary key autoincrement, at text not null,
  txid integer not null, table_name text not null, op text not null, key text not null, before text, after text);
create table if not exists effects_transaction (number integer not null);
insert into effects_transaction select 0 where not exists (select 1 from effects_transaction);
""",
}
_OPERATIONS = {"insert": ("null", "new"), "update": ("old", "new"), "delete": ("old", "null")}


def install(databases: Mapping[str, Database]) -> None:
    """Have every change of the watched tables written down; ``databases`` are those of the owners, by service.

    May be called again. On SQLite the transactions of these very objects are told apart at once; those of other
    processes if they call ``number_transactions``. PostgreSQL numbers its transactions itself.
    """
    for service, database in databases.items():
        with database.engine.begin() as connection:
            for statement in filter(str.strip, _STORE[database.dialect].split(";")):
                connection.exec_driver_sql(statement)
            for table, watched in WATCHED[service].items():
                _TRIGGERS[database.dialect](connection, table, watched)
        if database.dialect == "sqlite":
            number_transactions(database.engine)


def number_transactions(engine: Engine | type[Engine] = Engine) -> None:
    """Count the units of work of an engine, or of every engine of this process, where SQLite is their database."""
    if not sa.event.contains(engine, "after_cursor_execute", _count):
        sa.event.listen(engine, "after_cursor_execute", _count)


def _count(
    _connection: object, cursor: Any, statement: str, _values: object, _context: object, _many: object
) -> None:
    if statement != BEGIN:
        return
    raw = cursor.connection
    if raw.execute("select 1 from sqlite_master where name = 'effects_transaction'").fetchone():
        raw.execute("update effects_transaction set number = number + 1").close()


def _postgresql(connection: Connection, table: str, watched: Watched) -> None:
    cases = "\n".join(
        f"if tg_op = '{op.upper()}' then {_note('txid_current()', table, op, watched, _ON_POSTGRESQL)}; end if;"
        for op in _OPERATIONS
    )
    # The roles of the product may not write into the log: the trigger does, with its owner's rights.
    connection.exec_driver_sql(
        f"create or replace function effect_on_{table}() returns trigger language plpgsql security definer"
        f" set search_path = public as $body$ begin {cases} return null; end $body$"
    )
    connection.exec_driver_sql(f"drop trigger if exists effect on {table}")
    connection.exec_driver_sql(
        f"create trigger effect after insert or update or delete on {table}"
        f" for each row execute function effect_on_{table}()"
    )


def _sqlite(connection: Connection, table: str, watched: Watched) -> None:
    number = "(select number from effects_transaction)"
    for op in _OPERATIONS:
        note = _note(number, table, op, watched, _ON_SQLITE)
        connection.exec_driver_sql(f"drop trigger if exists effect_{op}_on_{table}")
        connection.exec_driver_sql(
            f"create trigger effect_{op}_on_{table} after {op} on {table} begin {note}; end"
        )


@dataclass(frozen=True, slots=True)
class _Words:
    """How a dialect says it; the forms take a column as ``old.id``."""

    now: str
    object: str
    text: str
    json: str
    bytes: str


_ON_POSTGRESQL = _Words("clock_timestamp()", "jsonb_build_object", "{}::text", "{}", "encode({}, 'hex')")
_ON_SQLITE = _Words(
    "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", "json_object", "{}", "json({})", "lower(hex({}))"
)


def _note(number: str, table: str, op: str, watched: Watched, words: _Words) -> str:
    """Make the statement that writes one effect down."""
    before, after = (_row(row, watched, words) for row in _OPERATIONS[op])
    named = "old" if op == "delete" else "new"
    key = " || '/' || ".join(
        (words.bytes if column in watched.bytes else words.text).format(f"{named}.{column}")
        for column in watched.key
    )
    return (
        "insert into effects (at, txid, table_name, op, key, before, after)"  # noqa: S608 - our own names
        f" values ({words.now}, {number}, '{table}', '{op}', {key}, {before}, {after})"
    )


def _row(row: str, watched: Watched, words: _Words) -> str:
    if row == "null":
        return row
    forms = dict.fromkeys((*watched.key, *watched.shown), "{}")
    forms |= dict.fromkeys(watched.json, words.json) | dict.fromkeys(watched.bytes, words.bytes)
    pairs = [f"'{column}', {form.format(f'{row}.{column}')}" for column, form in forms.items()]
    return f"{words.object}({', '.join(pairs)})"


_TRIGGERS = {"postgresql": _postgresql, "sqlite": _sqlite}
