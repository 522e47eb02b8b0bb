"""Identifiers: UUIDv7 as text, so that ids sort by the time they were made."""

from __future__ import annotations

from datetime import datetime

import uuid_utils


def new() -> str:
    """Make a UUIDv7 in its canonical 36-character form (RFC 9562 §5.7)."""
    return str(uuid_utils.uuid7())


def at(moment: datetime) -> str:
    """Make a UUIDv7 that carries ``moment`` (aware) instead of the present time."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(uuid_utils.uuid7(timestamp=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000))
