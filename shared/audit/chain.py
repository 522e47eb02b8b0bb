"""How the log is made evident: the digest of an entry, the list of a batch, and the head that chains the batches.

A batch names its entries one by one, for no order of theirs can be trusted: transactions commit late with ids that were
made early. Digests are taken of what the database holds, as text, so that nothing a column could be made to hold is
beyond them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shared.audit.tables import seals, table
from shared.db.types import Instant

ID_BYTES = 16
DIGEST_BYTES = 32
START = bytes(DIGEST_BYTES)
"""The head before the first batch."""

PLACE = ID_BYTES + DIGEST_BYTES
"""Bytes of an entry in a list: its id, then its digest."""
_OF_ENTRY = ("id", "at", "actor", "post", "action", "object_type", "object_id", "reason", "result", "detail")


_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


def _postgresql(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.LargeBinary):
        return column
    if isinstance(column.type, sa.Uuid):
        return sa.func.replace(sa.cast(column, sa.Text), "-", "", type_=sa.Text)
    if isinstance(column.type, Instant):
        return sa.func.to_char(sa.func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US", type_=sa.Text)
    return sa.cast(column, sa.Text)


def _columns(of: sa.Table, names: Sequence[str]) -> Mapping[str, tuple[sa.ColumnElement[Any], ...]]:
    return {
        "postgresql": tuple(_postgresql(of.c[name]) for name in names),
        # As bytes: a file that was tampered with may hold what is no text.
        "sqlite": tuple(sa.cast(of.c[name], sa.LargeBinary) for name in names),
    }


_AS_TEXT = _columns(table, _OF_ENTRY)
SEAL_AS_TEXT = _columns(seals, tuple(seals.c.keys()))
"""By dialect: the columns that ``Seal.read`` takes."""


def as_text(dialect: str) -> tuple[sa.ColumnElement[Any], ...]:
    """Give the columns of an entry as ``digest`` takes them; the first is its id, 32 hexadecimal digits."""
    return _AS_TEXT[dialect]


def digest(values: Sequence[str | bytes | None]) -> bytes:
    """Give the SHA-256 of an entry; each value is preceded by its length, so that none can run into the next."""
    whole = hashlib.sha256()
    for value in values:
        if value is None:
            whole.update(b"-;")
        else:
            raw = value.encode() if isinstance(value, str) else value
            whole.update(b"%d:" % len(raw))
            whole.update(raw)
    return whole.digest()


def listed(digests: Mapping[bytes, bytes]) -> bytes:
    """Give the list of a batch, id → digest, in the order of the ids."""
    return b"".join(id_ + digests[id_] for id_ in sorted(digests))


def unlisted(packed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Take a list apart again into ids and digests. Raises ``ValueError`` when it is no such list."""
    if len(packed) % PLACE:
        raise ValueError("not a list of entries")
    for start in range(0, len(packed), PLACE):
        yield packed[start : start + ID_BYTES], packed[start + ID_BYTES : start + PLACE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One link of the chain: a batch of ``entries`` entries, whose ids lie from ``first_entry`` to ``last_entry``."""

    number: int
    sealed_at: datetime
    entries: int
    first_entry: bytes
    last_entry: bytes
    list_sha256: bytes
    head: bytes = b""

    def after(self, service: str, before: bytes) -> bytes:
        """Give the head of the chain that this makes of the head ``before``."""
        return digest(
            (
                before,
                service,
                str(self.number),
                moment_as_text(self.sealed_at),
                str(self.entries),
                self.first_entry,
                self.last_entry,
                self.list_sha256,
            )
        )

    def follows(self, service: str, before: bytes) -> bool:
        """Tell whether this is the link that comes after the head ``before``, unchanged."""
        return self.head == self.after(service, before)

    @classmethod
    def read(cls, row: Sequence[Any]) -> Seal:
        """Read one from what ``SEAL_AS_TEXT`` selects.

        Raises ``ValueError`` when it holds what no seal does.
        """
        if None in row:
            raise ValueError("a seal lacks something")
        number, sealed_at, entries, first, last, list_sha256, head = row
        return cls(
            number=int(number),
            sealed_at=datetime.strptime(_text(sealed_at), _MOMENT).replace(tzinfo=UTC),
            entries=int(entries),
            first_entry=as_bytes(first),
            last_entry=as_bytes(last),
            list_sha256=bytes(list_sha256),
            head=bytes(head),
        )


def sealed(service: str, before: bytes, digests: Mapping[bytes, bytes], *, number: int, at: datetime) -> Seal:
    """Make the seal of a batch, id → digest, that follows on the head ``before``."""
    ids = sorted(digests)
    seal = Seal(
        number=number,
        sealed_at=at,
        entries=len(ids),
        first_entry=ids[0],
        last_entry=ids[-1],
        list_sha256=hashlib.sha256(listed(digests)).digest(),
    )
    return replace(seal, head=seal.after(service, before))


def moment_as_text(moment: datetime) -> str:
    """Write an aware moment as the tables hold it: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def _text(raw: str | bytes) -> str:
    return raw if isinstance(raw, str) else raw.decode()


def hyphened(id_: bytes) -> str:
    """Write 16 bytes as the canonical text of a UUID."""
    text = id_.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def as_bytes(raw: str | bytes) -> bytes:
    """Read the id of an entry as the database gives it, 32 hexadecimal digits.

    Raises ``ValueError`` when it is none.
    """
    found = bytes.fromhex(raw if isinstance(raw, str) else raw.decode("ascii"))
    if len(found) != ID_BYTES:
        raise ValueError("not an id")
    return found
