"""Identifiers: UUIDv7 as text, so that ids sort by the time they were made."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import uuid_utils

os.register_at_fork(after_in_child=uuid_utils.reseed_rng)


def new() -> str:
    """Make a UUIDv7 in its canonical 36-character form (RFC 9562 §5.7)."""
    return str(uuid_utils.uuid7())


def at(moment: datetime) -> str:
    """Make a UUIDv7 that carries ``moment`` (aware, millisecond resolution) instead of the present time."""
    return str(uuid_utils.uuid7(nanoseconds=int(moment.timestamp() * 1000) * 1_000_000))


def moment_of(id_: str) -> datetime:
    """Give the moment that a UUIDv7 carries, in UTC and to the millisecond."""
    return datetime.fromtimestamp(int(id_.replace("-", "")[:12], 16) / 1000, UTC)
