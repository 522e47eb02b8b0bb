"""Taking what is sealed out of events that lie here still: of somebody who was erased nothing is to be read or resent.

Ids, codes and sequences stay, so that no consumer's chain gets a gap and the reader schemas still load.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from shared.events import CATALOGUE
from shared.inbox.tables import dead_letters
from shared.outbox.lanes import chunks
from shared.outbox.tables import outbox

SCRUBBED = "erased"
"""Stands where something sealed was."""
SEALED = frozenset({"packet", "badge", "message", "sealed"}).union(
    *(row.sealed for row in CATALOGUE.values())
)
"""Members of an event's data that hold sealed text, at whatever depth: the catalogue's, and those of commands."""
WITHOUT = frozenset({"answer", "index", "counts_as"})
"""Members that may be missing as well: what an agency answered, and by what a person could be looked up."""
_BODIES = ((outbox, outbox.c.body), (outbox, outbox.c.agencies_body), (dead_letters, dead_letters.c.body))


def scrub(connection: Connection, subjects: Collection[str]) -> int:
    """Empty the sealed members of all events of these aggregates in outbox and dead letters; gives how many changed.

    Dead letters that are no event of ours, and so hold nothing sealed that could be found, stay as they are.
    """
    return _scrub(connection, "subject", subjects)


def scrub_events(connection: Connection, events: Collection[str]) -> int:
    """Do the same to these events alone, by their ids."""
    return _scrub(connection, "event_id", events)


def _scrub(connection: Connection, by: str, wanted: Collection[str]) -> int:
    changed = 0
    for table, column in _BODIES:
        for chunk in chunks(wanted):
            found = sa.select(table.c.id, column).where(table.c[by].in_(chunk), column.is_not(None))
            for row, body in connection.execute(found).all():
                shorter = scrubbed(body, left_out=column is outbox.c.agencies_body)
                if shorter is not None:
                    connection.execute(
                        sa.update(table).where(table.c.id == row).values({column.name: shorter})
                    )
                    changed += 1
    return changed


def scrubbed(body: bytes, *, left_out: bool = False) -> bytes | None:
    """Give an event's bytes with what is sealed blotted out, or left out; None where there is nothing of the kind.

    Our own readers insist on the members; an agency's system is told nothing in their place, as ``withholding`` does.
    """
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        return None
    data = _blotted(envelope["data"], SEALED | WITHOUT if left_out else WITHOUT)
    return None if data == envelope["data"] else orjson.dumps({**envelope, "data": data})


def _blotted(value: Any, without: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_blotted(each, without) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: SCRUBBED if name in SEALED and isinstance(inner, str) else _blotted(inner, without)
        for name, inner in value.items()
        if name not in without
    }
