"""Verifies the audit log of one service: every batch against its list, the chain, and the heads that others keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit import chain
from shared.audit.chain import Seal
from shared.audit.findings import Finding
from shared.audit.publishing import Head
from shared.audit.retention import LEAST_YEARS, kept_until
from shared.audit.sealer import LATEST, UNSEALED_LONG, digests_of, last_seal, moment_of
from shared.audit.tables import lists, seals, table
from shared.db import Database

AT_ONCE = 20
"""Batches looked at in one turn."""
STRANGERS_AT_ONCE = 50_000


@dataclass(slots=True)
class Report:
    """What was found: ``findings`` in the order of the log, the first bad one first; ``heads`` are of the chain."""

    service: str
    findings: list[Finding] = field(default_factory=list)
    entries: int = 0
    batches: int = 0
    gone: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None
    head: bytes = chain.START
    heads: dict[int, bytes] = field(default_factory=dict)

    def add(
        self, kind: str, *, batch: int | None = None, entry: bytes | None = None, about: str = ""
    ) -> None:
        """Take down a finding."""
        self.findings.append(Finding(kind, batch, None if entry is None else chain.hyphened(entry), about))

    def waits(self, now: datetime) -> bool:
        """Tell whether entries wait for longer than any worker that runs lets them."""
        return self.unsealed_since is not None and now - self.unsealed_since > UNSEALED_LONG


def verify(
    database: Database,
    service: str,
    witnesses: Mapping[str, Sequence[Head] | None],
    now: datetime,
    *,
    years: int = LEAST_YEARS,
) -> Report:
    """Look at every entry, seal and list as they were at one moment, and at the heads that ``witnesses`` keep.

    The heads must have been read before, or what is told meanwhile would seem cut off; None is for a witness whose
    words make no sense. Entries older than ``years`` years may be gone, whole batches from the oldest on. Nothing is
    changed.
    """
    report = Report(service)
    with _at_one_moment(database) as connection:
        _batches(connection, report, kept_until(years, now))
        _strangers(connection, report)
    for place, heads in witnesses.items():
        _compare(report, place, heads)
    return report


@contextmanager
def _at_one_moment(database: Database) -> Iterator[Connection]:
    options = {"isolation_level": "REPEATABLE READ"} if database.dialect == "postgresql" else {}
    with database.engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _batches(connection: Connection, report: Report, may_be_gone: datetime) -> None:
    expected = 1
    for rows in _linked(connection):
        read: list[tuple[Seal, dict[bytes, bytes]]] = []
        for row in rows:
            packed: bytes | None = row[-1]
            seal = _seal(report, row[:-1], expected)
            if seal is None:
                expected += 1
                continue
            if seal.number != expected:
                report.add("batch-missing", batch=expected)
            expected = seal.number + 1
            if not seal.follows(report.service, report.head):
                report.add("batch-changed", batch=seal.number)
            report.head = report.heads[seal.number] = seal.head
            report.batches += 1
            if packed is None and seal.sealed_at < may_be_gone and report.gone == report.batches - 1:
                report.gone += 1
                continue
            named = _named(report, seal, packed)
            if named is not None:
                read.append((seal, named))
        _entries(connection, report, read)


def _linked(connection: Connection) -> Iterator[list[Sequence[Any]]]:
    """Give seals with their lists, in the order of the chain, some at a time."""
    columns = chain.SEAL_AS_TEXT[connection.dialect.name]
    packed = (
        lists.c.entries
        if connection.dialect.name == "postgresql"
        else sa.cast(lists.c.entries, sa.LargeBinary)
    )
    statement = sa.select(*columns, packed).join(lists, lists.c.number == seals.c.number, isouter=True)
    result = connection.execute(statement.order_by(seals.c.number), execution_options={"yield_per": AT_ONCE})
    for part in result.partitions():
        yield list(part)


def _seal(report: Report, row: Sequence[Any], expected: int) -> Seal | None:
    try:
        return Seal.read(row)
    except (ValueError, TypeError):
        report.add("batch-changed", batch=expected)
        return None


def _named(report: Report, seal: Seal, packed: bytes | None) -> dict[bytes, bytes] | None:
    if packed is None:
        report.add("list-missing", batch=seal.number)
        return None
    if hashlib.sha256(packed).digest() != seal.list_sha256:
        report.add("list-changed", batch=seal.number)
    try:
        return dict(chain.unlisted(packed))
    except ValueError:
        return None


def _entries(connection: Connection, report: Report, read: list[tuple[Seal, dict[bytes, bytes]]]) -> None:
    wanted = [id_ for _, named in read for id_ in named]
    if not wanted:
        return
    there = digests_of(connection, wanted)
    report.entries += len(there)
    for seal, named in read:
        for id_, digest in named.items():
            if id_ not in there:
                report.add("entry-missing", batch=seal.number, entry=id_)
            elif there[id_] != digest:
                report.add("entry-changed", batch=seal.number, entry=id_)


def _strangers(connection: Connection, report: Report) -> None:
    """Find what no list names: written a moment ago, or put there by somebody else."""
    total = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    if total == report.entries:
        return
    sealed_at = _last_sealed_at(connection)
    for id_ in _unlisted(connection):
        moment = None if id_ is None else moment_of(id_)
        if moment is None or (sealed_at is not None and moment < sealed_at - LATEST):
            report.add("entry-unlisted", entry=id_)
            continue
        report.unsealed += 1
        report.unsealed_since = min(moment, report.unsealed_since or moment)


def _last_sealed_at(connection: Connection) -> datetime | None:
    try:
        newest = last_seal(connection)
    except (ValueError, TypeError):
        return None  # that it was changed has been found already
    return None if newest is None else newest.sealed_at


def _unlisted(connection: Connection) -> Iterator[bytes | None]:
    """Give the ids of entries no list names, None for one that is no id."""
    of_entry = chain.as_text(connection.dialect.name)[0]
    statement = sa.select(of_entry).order_by(table.c.id)
    result = connection.execute(statement, execution_options={"yield_per": STRANGERS_AT_ONCE})
    for part in result.scalars().partitions():
        good: list[bytes] = []
        for raw in part:
            try:
                good.append(chain.as_bytes(raw))
            except ValueError:
                yield None
        if good:
            known = _known(connection, chain.hyphened(good[0]), chain.hyphened(good[-1]))
            yield from (id_ for id_ in good if id_ not in known)


def _known(connection: Connection, low: str, high: str) -> set[bytes]:
    packed = (
        sa.select(lists.c.entries)
        .join(seals, seals.c.number == lists.c.number)
        .where(seals.c.last_entry >= low, seals.c.first_entry <= high)
    )
    known: set[bytes] = set()
    for one in connection.execute(packed).scalars():
        if len(one) % chain.PLACE == 0:
            known.update(id_ for id_, _ in chain.unlisted(one))
    return known


def _compare(report: Report, place: str, heads: Sequence[Head] | None) -> None:
    if heads is None:
        report.add("witness-unreadable", about=place)
        return
    for kept in heads:
        if report.heads.get(kept.number, kept.head) != kept.head:
            report.add("head-differs", batch=kept.number, about=place)
    beyond = [kept.number for kept in heads if kept.number not in report.heads]
    if beyond:
        report.add("cut-off", batch=min(beyond), about=place)
