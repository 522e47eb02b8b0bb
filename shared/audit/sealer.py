"""Seals what was written to the audit log, batch by batch, and publishes the head of the chain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from shared import ids
from shared.audit import chain
from shared.audit.chain import Seal
from shared.audit.publishing import Publication, next_event
from shared.audit.tables import lists, seals, table
from shared.db import Database
from shared.db.types import among
from shared.db.unit_of_work import UnitOfWork

BATCH = 1000
"""Entries of a batch at most."""
AT_ONCE = 50
"""Batches of one turn at most: a backlog keeps the other timers from nothing."""
NEWEST = 50
"""Batches among which the latest entry that is sealed is looked for."""
LATE = timedelta(seconds=10)
"""An entry is made just before its commit; so long after its id it is looked for at every turn."""
LATE_BATCHES = 100
"""No installation fills more batches in so short a time."""
UNSEALED_LONG = timedelta(minutes=10)
"""An entry is sealed within seconds: what waits longer waits for a worker that does not run."""
LATEST = timedelta(minutes=15)
"""So far back it is looked for now and then: a commit that hung, a machine whose clock is behind."""
SWEEP = timedelta(minutes=10)
PAGE = 20_000
SEALING = 7_302_002
"""The advisory lock under which one worker of a service at a time adds to the chain of a PostgreSQL database."""


class Sealer:
    """Adds batches to the chain of one service's log; any number of workers may do so at once.

    Nobody who writes an entry waits for it: it reads what is committed. What commits later, with an earlier id, is
    found by its absence from the lists of the last minutes and goes into a later batch.
    """

    def __init__(
        self,
        database: Database,
        service: str,
        source: str,
        now: Callable[[], datetime],
        *,
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._service = service
        self._source = source
        self._now = now
        self._batch = batch
        self._swept: datetime | None = None

    def seal(self) -> int:
        """Seal what is not sealed yet; gives how many entries that were."""
        now = self._now()
        count, after = 0, b""
        for _ in range(AT_ONCE):
            with self._database.read() as connection:
                last = last_seal(connection)
                waiting = self._waiting(connection, last, now, after)
                published = next_event(connection, self._service, last, now)
            if waiting or published is not None:
                count += self._write(last, waiting, now)
            if len(waiting) < self._batch:
                break
            # Whatever lies before was looked at in this turn.
            after = waiting[-1]
        return count

    def _write(self, seen: Seal | None, waiting: list[bytes], now: datetime) -> int:
        with self._database.unit_of_work() as uow:
            if not _alone(uow.connection) or last_seal(uow.connection) != seen:
                # Another worker seals, or has just sealed: what it leaves is found at the next turn.
                return 0
            last = self._add(uow, seen, waiting, now) if waiting else seen
            published = next_event(uow.connection, self._service, last, now)
            if published is not None:
                self._publish(uow, published, now)
        return len(waiting)

    def _waiting(self, connection: Connection, last: Seal | None, now: datetime, after: bytes) -> list[bytes]:
        """Give the ids of entries no list names, the earliest first, a batch at most."""
        if after or last is None:
            return _ids_after(connection, after, self._batch)
        # A clock that was ahead and was put right, or an id of no time at all, must not hide what is written now.
        begin = min(moment_of(last.last_entry) or now, last.sealed_at, now) - LATE
        newest = sa.select(lists.c.entries).where(lists.c.number > last.number - LATE_BATCHES)
        found = _Known(connection.execute(newest).scalars()).lack(connection, begin, self._batch)
        if len(found) < self._batch and (self._swept is None or now - self._swept >= SWEEP):
            found = sorted({*found, *self._hung(connection, last, now)})[: self._batch]
            self._swept = now
        return found

    def _hung(self, connection: Connection, last: Seal, now: datetime) -> list[bytes]:
        """Give what was committed long after its id was made."""
        begin = now - LATEST
        packed: list[bytes] = []
        for top in range(last.number, 0, -LATE_BATCHES):
            part = (
                sa.select(seals.c.sealed_at, lists.c.entries)
                .join(lists, lists.c.number == seals.c.number)
                .where(seals.c.number <= top, seals.c.number > top - LATE_BATCHES)
            )
            rows = connection.execute(part).all()
            packed += [row.entries for row in rows]
            if not rows or min(row.sealed_at for row in rows) < begin:
                break
        return _Known(packed).lack(connection, begin, self._batch)

    def _add(self, uow: UnitOfWork, last: Seal | None, waiting: list[bytes], now: datetime) -> Seal:
        digests = digests_of(uow.connection, waiting)
        before, number = (chain.START, 1) if last is None else (last.head, last.number + 1)
        seal = chain.sealed(self._service, before, digests, number=number, at=now)
        uow.connection.execute(
            sa.insert(seals).values(
                number=seal.number,
                sealed_at=seal.sealed_at,
                entries=seal.entries,
                first_entry=chain.hyphened(seal.first_entry),
                last_entry=chain.hyphened(seal.last_entry),
                list_sha256=seal.list_sha256,
                head=seal.head,
            )
        )
        uow.connection.execute(sa.insert(lists).values(number=number, entries=chain.listed(digests)))
        return seal

    def _publish(self, uow: UnitOfWork, published: Publication, now: datetime) -> None:
        published.keep(uow.connection)
        uow.record(published.event(id_=ids.new(), source=self._source, at=now))


def last_seal(connection: Connection) -> Seal | None:
    """Give the newest link of the chain, None before the first."""
    columns = chain.SEAL_AS_TEXT[connection.dialect.name]
    row = connection.execute(sa.select(*columns).order_by(seals.c.number.desc()).limit(1)).first()
    return None if row is None else Seal.read(row)


def unsealed_since(connection: Connection) -> datetime | None:
    """Give when the first entry was written that lies behind the newest batches, None if there is none; two reads."""
    newest = sa.select(seals.c.last_entry).order_by(seals.c.number.desc()).limit(NEWEST)
    waiting = sa.select(table.c.id).order_by(table.c.id).limit(1)
    try:
        # What came late may lie before what the batch before it held.
        if last := connection.execute(newest).scalars().all():
            waiting = waiting.where(table.c.id > max(last))
        first = connection.execute(waiting).scalar()
        return None if first is None else ids.moment_of(first)
    except ValueError:
        return None  # an id that is none: whoever verifies is told


def digests_of(connection: Connection, wanted: list[bytes]) -> dict[bytes, bytes]:
    """Give the digests of the entries that are there, by id."""
    columns = chain.as_text(connection.dialect.name)
    statement = sa.select(*columns).where(among(table.c.id, "ids", connection.dialect.name))
    rows = connection.execute(statement, {"ids": [chain.hyphened(id_) for id_ in wanted]})
    return {chain.as_bytes(row[0]): chain.digest(row) for row in rows}


def moment_of(id_: bytes) -> datetime | None:
    """Give the moment of an id, None for one beyond the calendar, which nobody here has made."""
    try:
        return ids.moment_of(chain.hyphened(id_))
    except ValueError:
        return None


def _alone(connection: Connection) -> bool:
    # On SQLite a unit of work is alone from its beginning.
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(SEALING))))


class _Known:
    """The lists of some batches, as they are packed, and what they do not name."""

    def __init__(self, packed: Iterable[bytes]) -> None:
        # One that was spoilt names nothing; what it named is sealed again, and whoever verifies is told of it.
        self._packed = [one for one in packed if one and len(one) % chain.PLACE == 0]

    def lack(self, connection: Connection, begin: datetime, most: int) -> list[bytes]:
        """Give the ids made since ``begin`` (aware) that none of the lists names, the earliest first."""
        found: list[bytes] = []
        lowest = chain.as_bytes(earliest_id(begin).replace("-", ""))
        after = (int.from_bytes(lowest, "big") - 1).to_bytes(chain.ID_BYTES, "big")
        while len(found) < most and (page := _ids_after(connection, after, PAGE)):
            known = self._between(page[0], page[-1])
            found += [id_ for id_ in page if id_ not in known]
            after = page[-1]
        return found[:most]

    def _between(self, low: bytes, high: bytes) -> set[bytes]:
        overlapping = (
            one
            for one in self._packed
            if one[: chain.ID_BYTES] <= high and one[-chain.PLACE : -chain.DIGEST_BYTES] >= low
        )
        return {id_ for one in overlapping for id_, _ in chain.unlisted(one)}


def _ids_after(connection: Connection, after: bytes, most: int) -> list[bytes]:
    of_entry = sa.select(chain.as_text(connection.dialect.name)[0]).order_by(table.c.id)
    if after:
        of_entry = of_entry.where(table.c.id > chain.hyphened(after))
    return list(_ids(connection.execute(of_entry.limit(most)).scalars()))


def _ids(raw: Iterable[str | bytes]) -> Iterator[bytes]:
    # What is no id was not written by us: it is left for whoever verifies, and stops nothing.
    for one in raw:
        with suppress(ValueError):
            yield chain.as_bytes(one)


def earliest_id(moment: datetime) -> str:
    """Give the lowest UUIDv7 of a moment (aware, to the millisecond)."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7000-8000-000000000000"
