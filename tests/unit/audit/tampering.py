"""Ways to tamper with an audit log for whoever can write to its database, each at a place chosen by chance."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from shared import ids
from tests.unit.audit.log import Log

Tampering = Callable[[sqlite3.Connection, random.Random], None]
COLUMNS = ("at", "actor", "post", "action", "object_type", "object_id", "reason", "result", "detail")
_RECORD = 48


def _some(connection: sqlite3.Connection, chance: random.Random, count: int = 1) -> list[str]:
    return chance.sample([row[0] for row in connection.execute("select id from audit_log")], count)


def edit(connection: sqlite3.Connection, chance: random.Random) -> None:
    (entry,) = _some(connection, chance)
    column = chance.choice(COLUMNS)
    value = chance.choice(["x", "", 0, b"\xff\xfe", "2026-11-21 08:30:00.000001"])
    connection.execute(f"update audit_log set {column} = ? where id = ?", (value, entry))  # noqa: S608


def edit_id(connection: sqlite3.Connection, chance: random.Random) -> None:
    (entry,) = _some(connection, chance)
    other = chance.choice([ids.new().replace("-", ""), "no id at all"])
    connection.execute("update audit_log set id = ? where id = ?", (other, entry))


def delete(connection: sqlite3.Connection, chance: random.Random) -> None:
    for entry in _some(connection, chance, chance.randint(1, 5)):
        connection.execute("delete from audit_log where id = ?", (entry,))


def swap(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Let two entries change places."""
    one, other = _some(connection, chance, 2)
    for old, new in ((one, "between"), (other, one), ("between", other)):
        connection.execute("update audit_log set id = ? where id = ?", (new, old))


def insert(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Put in an entry that looks as if it had been written long ago."""
    (entry,) = _some(connection, chance)
    hours_ago = f"{int(entry[:12], 16) - 3_600_000 * chance.randint(1, 99):012x}{entry[12:]}"
    names = ", ".join(COLUMNS)
    connection.execute(
        f"insert into audit_log (id, {names}) select ?, {names} from audit_log where id = ?",  # noqa: S608
        (hours_ago, entry),
    )


def cut_off(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Take away the newest batches, and all in this database that tells of them."""
    (newest,) = connection.execute("select max(number) from audit_seals").fetchone()
    last = chance.randint(0, newest - 1)
    packed = connection.execute("select entries from audit_lists where number > ?", (last,)).fetchall()
    for (entries,) in packed:
        for start in range(0, len(entries), _RECORD):
            connection.execute("delete from audit_log where id = ?", (entries[start : start + 16].hex(),))
    for name in ("audit_seals", "audit_lists", "audit_heads"):
        connection.execute(f"delete from {name} where number > ?", (last,))  # noqa: S608


def drop_batch(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Take a batch out of the middle, with its entries, and close the gap."""
    numbers = [row[0] for row in connection.execute("select number from audit_seals order by number")]
    number = chance.choice(numbers[:-1])
    (entries,) = connection.execute("select entries from audit_lists where number = ?", (number,)).fetchone()
    for start in range(0, len(entries), _RECORD):
        connection.execute("delete from audit_log where id = ?", (entries[start : start + 16].hex(),))
    for name in ("audit_seals", "audit_lists"):
        connection.execute(f"delete from {name} where number = ?", (number,))  # noqa: S608
        for later in numbers[numbers.index(number) + 1 :]:
            connection.execute(f"update {name} set number = ? where number = ?", (later - 1, later))  # noqa: S608


def reorder(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Let two batches change places, lists and all."""
    one, other = chance.sample([row[0] for row in connection.execute("select number from audit_seals")], 2)
    for name in ("audit_seals", "audit_lists"):
        for old, new in ((one, -1), (other, one), (-1, other)):
            connection.execute(f"update {name} set number = ? where number = ?", (new, old))  # noqa: S608


def edit_seal(connection: sqlite3.Connection, chance: random.Random) -> None:
    (number,) = chance.choice(connection.execute("select number from audit_seals").fetchall())
    column = chance.choice(["sealed_at", "entries", "first_entry", "last_entry", "list_sha256", "head"])
    value = chance.choice(["x", 0, b"\xff", "2026-11-21 08:30:00.000001"])
    connection.execute(f"update audit_seals set {column} = ? where number = ?", (value, number))  # noqa: S608


def edit_list(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Alter an entry, and the list of its batch so that it fits; or lose the list."""
    row = chance.choice(connection.execute("select number, entries from audit_lists").fetchall())
    number, entries = row
    if chance.random() < 0.3:
        connection.execute("delete from audit_lists where number = ?", (number,))
        return
    place = chance.randrange(len(entries))
    altered = entries[:place] + bytes([entries[place] ^ 1]) + entries[place + 1 :]
    connection.execute("update audit_lists set entries = ? where number = ?", (altered, number))


def rewrite(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Lose one entry and make list, seal and every later head anew, as we would: only others' heads can tell."""
    from shared.audit import chain  # noqa: PLC0415 - what an insider has
    from shared.audit.chain import Seal  # noqa: PLC0415

    named = "number, sealed_at, entries, first_entry, last_entry, list_sha256, head"
    rows = connection.execute(f"select {named} from audit_seals order by number").fetchall()  # noqa: S608
    begin = chance.randrange(len(rows))
    before = chain.START if begin == 0 else bytes(rows[begin - 1][6])
    for place, row in enumerate(rows[begin:]):
        seal = Seal.read(row)
        (packed,) = connection.execute(
            "select entries from audit_lists where number = ?", (seal.number,)
        ).fetchone()
        if place == 0:
            lost = chance.randrange(len(packed) // _RECORD) * _RECORD
            connection.execute("delete from audit_log where id = ?", (packed[lost : lost + 16].hex(),))
            packed = packed[:lost] + packed[lost + _RECORD :]
            connection.execute("update audit_lists set entries = ? where number = ?", (packed, seal.number))
        digests = dict(chain.unlisted(packed)) or {seal.first_entry: hashlib.sha256().digest()}
        made = chain.sealed("referrals", before, digests, number=seal.number, at=seal.sealed_at)
        connection.execute(
            "update audit_seals set entries = ?, first_entry = ?, last_entry = ?, list_sha256 = ?, head = ?"
            " where number = ?",
            (
                *(len(packed) // _RECORD, made.first_entry.hex(), made.last_entry.hex()),
                *(made.list_sha256, made.head, seal.number),
            ),
        )
        before = made.head


WAYS: Mapping[str, Tampering] = {
    way.__name__: way
    for way in (
        edit, edit_id, delete, swap, insert, cut_off, drop_batch, reorder, edit_seal, edit_list, rewrite,
    )
}  # fmt: skip


def tampered(original: Log, folder: Path, way: str, seed: int) -> Log:
    """Copy a log, tamper with the copy, and give it with the same file of heads.

    Raises ``ValueError`` when the tampering changed nothing.
    """
    folder.mkdir(exist_ok=True)
    file = folder / original.path.name
    with closing(sqlite3.connect(original.path)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        before = list(copy.iterdump())
        with copy:
            WAYS[way](copy, random.Random(seed))
        if list(copy.iterdump()) == before:
            raise ValueError(f"{way} {seed} changed nothing")
    shutil.copyfile(original.file.path, folder / original.file.path.name)
    return Log(folder)
