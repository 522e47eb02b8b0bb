"""The heads of the chain as they are told to others: by an event that another service keeps, and in a file.

Whoever rewrites or cuts off the log and its chain in one database does not reach what was told before.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit.chain import SEAL_AS_TEXT, Seal, moment_as_text
from shared.audit.tables import heads, seals
from shared.db import Insert, UnitOfWork
from shared.events import CATALOGUE, Event, timestamp

EVERY = timedelta(minutes=1)
"""One event tells of all batches of so long: each head stands for all before it."""
FOLDER = "audit"
FOLDER_SETTING = "CAREHUT_AUDIT_HEADS"
AT_ONCE = 1000
_LAST_LINE = 1024

_KEEP = Insert(heads, skip_existing=True)


@dataclass(frozen=True, slots=True)
class Head:
    """The head after batch ``number``, as somebody keeps it."""

    number: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Publication:
    """An event about to be told: the ``sequence``-th of this service, of the head of ``seal``."""

    service: str
    sequence: int
    seal: Seal

    def keep(self, connection: Connection) -> None:
        """Note that it is told."""
        connection.execute(
            sa.insert(heads).values(
                service=self.service,
                sequence=self.sequence,
                number=self.seal.number,
                head=self.seal.head,
                sealed_at=self.seal.sealed_at,
            )
        )

    def event(self, *, id_: str, source: str, at: datetime) -> Event:
        """Make the event."""
        return Event(
            id=id_,
            type=event_type(self.service),
            source=source,
            subject=f"audit-{self.service}",
            time=at,
            sequence=self.sequence,
            data={
                "number": self.seal.number,
                "head": self.seal.head.hex(),
                "sealed_at": timestamp(self.seal.sealed_at),
            },
        )


def event_type(service: str) -> str:
    """Name the event that tells the head of a service's log."""
    return f"audit.{service}-sealed.v1"


def next_event(connection: Connection, service: str, last: Seal | None, now: datetime) -> Publication | None:
    """Give what is to be told now: the newest head, unless it was, or another was a moment ago."""
    if last is None:
        return None
    newest = sa.select(heads.c.sequence, heads.c.number, heads.c.sealed_at).where(heads.c.service == service)
    told = connection.execute(newest.order_by(heads.c.sequence.desc()).limit(1)).first()
    if told is None:
        return Publication(service, 1, last)
    if told.number == last.number or timedelta() <= now - told.sealed_at < EVERY:
        return None
    return Publication(service, told.sequence + 1, last)


def keep_heads(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Keep heads that another service has told; the handler of its event."""
    rows = [
        {
            "service": CATALOGUE[event.type].producer,
            "sequence": event.sequence,
            "number": event.data["number"],
            "head": bytes.fromhex(str(event.data["head"])),
            "sealed_at": event.data["sealed_at"],
        }
        for event in events
    ]
    uow.add(_KEEP, rows)


def kept(connection: Connection, service: str) -> list[Head]:
    """Give the heads of a service's log that this database keeps."""
    rows = connection.execute(
        sa.select(heads.c.number, heads.c.head).where(heads.c.service == service).order_by(heads.c.sequence)
    )
    return [Head(row.number, bytes(row.head)) for row in rows]


class HeadsFile:
    """A file of heads, one JSON object a line: only added to, and on the disk before anybody goes on.

    Several workers of one machine may write it: a head then stands there twice.
    """

    def __init__(self, path: Path, service: str) -> None:
        self.path = path
        self._service = service
        self._last: int | None = None

    def catch_up(self, connection: Connection) -> int:
        """Add the heads that came since the last one written; gives how many.

        Raises ``OSError`` when the file cannot be written, and writes them when it is called again.
        """
        newest = connection.scalar(sa.select(sa.func.max(seals.c.number))) or 0
        if self._last is None:
            # What it knows beyond the chain stays there for whoever verifies.
            self._last = min(self._written(), newest)
        count = 0
        while self._last < newest:
            columns = SEAL_AS_TEXT[connection.dialect.name]
            new = (
                sa.select(*columns).where(seals.c.number > self._last).order_by(seals.c.number).limit(AT_ONCE)
            )
            found = [Seal.read(row) for row in connection.execute(new)]
            self._append(found)
            self._last = found[-1].number
            count += len(found)
        return count

    def read(self) -> Iterator[Head]:
        """Give every head in the file, in its order.

        Raises ``OSError`` when it cannot be read, ``ValueError`` for a line that is no head. A line that a power cut
        ended early was written again below.
        """
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"}\n"):
                    continue
                try:
                    said = orjson.loads(line)
                    found = Head(int(said["number"]), bytes.fromhex(said["head"]))
                    service = said["service"]
                except (KeyError, TypeError, ValueError) as error:
                    raise ValueError("a line is no head") from error
                if service == self._service:
                    yield found

    def _append(self, new: Sequence[Seal]) -> None:
        made = not self.path.exists()
        if made:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            lines = b"".join(self._line(seal) for seal in new)
            if os.fstat(handle).st_size and not self._ends_a_line():
                lines = b"\n" + lines
            if os.write(handle, lines) < len(lines):
                # Part of it had room: what is whole there stands there twice later, the rest is no line.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(handle)
        finally:
            os.close(handle)
        if made:
            _sync_folder(self.path.parent)

    def _line(self, seal: Seal) -> bytes:
        return (
            orjson.dumps(
                {
                    "service": self._service,
                    "number": seal.number,
                    "head": seal.head.hex(),
                    "sealed_at": moment_as_text(seal.sealed_at),
                }
            )
            + b"\n"
        )

    def _ends_a_line(self) -> bool:
        return self._tail().endswith(b"\n")

    def _written(self) -> int:
        lines = self._tail().splitlines(keepends=True) if self.path.exists() else []
        for line in reversed(lines):
            # The first may be the end of a longer one, the last may have been cut short.
            with suppress(KeyError, TypeError, ValueError):
                return int(orjson.loads(line)["number"])
        return 0

    def _tail(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(max(self.path.stat().st_size - _LAST_LINE, 0))
            return file.read()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
