"""What was asked for and not found: there is no such thing, or it is another's. Whoever asks is told the same."""

from __future__ import annotations

from sqlalchemy import Connection

from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.persistence import existence


def missing(connection: Connection, kind: str, thing: str) -> NotThere:
    """Give what to raise for a ``request``, ``person``, ``draft`` or ``task`` (its id) that was not found.

    Where the database shows only what is one's own, another's is not found either; the audit log keeps that it was
    asked for.
    """
    if existence.is_there(connection, kind, thing):
        return OutOfReach(kind, thing)
    return NotThere()
