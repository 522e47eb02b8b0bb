"""Writing the audit log inside a unit of work, and searching it for the auditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared import ids
from shared.audit.actions import ACTIONS, REFUSED, RESULTS, result_of
from shared.audit.asking import ACTING_FOR, Asking, asking
from shared.audit.tables import table
from shared.db import Insert, UnitOfWork


class UnknownAction(ValueError):
    """An entry names an action that ``shared/audit/actions.py`` does not list."""


class UnknownResult(ValueError):
    """An entry names a result that ``shared/audit/actions.py`` does not list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line: who, under which post, did what to which object, why, and what came of it.

    ``actor`` is a staff id or ``system``; ``post`` is ``str(Post)``, a role and its place; ``detail`` holds ids, codes
    and counts only, never a name, a number or a text about a person. ``result`` follows from the action unless it is
    given.
    """

    at: datetime
    actor: str
    post: str
    action: str
    object_type: str
    object_id: str
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    result: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise UnknownAction(f"{self.action} is not listed in shared/audit/actions.py")
        if not self.result:
            object.__setattr__(self, "result", result_of(self.action))
        elif self.result not in RESULTS:
            raise UnknownResult(f"{self.result} is not listed in shared/audit/actions.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A line as it was read back; ``(at, id)`` is its place in a keyset."""

    id: str
    at: datetime
    actor: str
    post: str
    action: str
    object_type: str
    object_id: str
    reason: str | None
    detail: Mapping[str, Any]
    result: str


_INSERT = Insert(table)
_EXACT = ("actor", "action", "object_type", "object_id", "result")


def flush(uow: UnitOfWork) -> None:
    """Make rows of the entries a unit of work has collected, for its own transaction.

    What a deputy did says for whom: here, so that no use case can leave it out.
    """
    if uow.entries:
        whose = asking()
        if whose is not None and any(entry.result == REFUSED for entry in uow.entries):
            whose.refused = True
        uow.add(_INSERT, [_row(entry, whose) for entry in uow.entries])
        uow.entries.clear()


def _row(entry: AuditEntry, whose: Asking | None) -> dict[str, Any]:
    deputy = whose is not None and whose.acting_for is not None and entry.actor == whose.staff
    return {
        "id": ids.new(),
        "at": entry.at,
        "actor": entry.actor,
        "post": entry.post,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "reason": entry.reason,
        "detail": {**entry.detail, ACTING_FOR: whose.acting_for} if whose and deputy else dict(entry.detail),
        "result": entry.result,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What the auditor looks for; every field that is given must match. ``since`` ≤ at < ``until``.

    ``role`` is that of the post, wherever it is held; ``acting_for`` the colleague for whom somebody acted.
    """

    actor: str | None = None
    action: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    result: str | None = None
    role: str | None = None
    acting_for: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def search(
    connection: Connection, query: AuditQuery, *, limit: int, after: tuple[datetime, str] | None = None
) -> list[AuditRecord]:
    """Read at most ``limit`` lines, newest first, that come after the keyset ``after = (at, id)``."""
    statement = sa.select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    for name in _EXACT:
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(table.c[name] == wanted)
    if query.role is not None:
        post = table.c.post
        statement = statement.where(
            sa.or_(post == query.role, post.startswith(f"{query.role}@", autoescape=True))
        )
    if query.acting_for is not None:
        statement = statement.where(table.c.detail[ACTING_FOR].as_string() == query.acting_for)
    if query.since is not None:
        statement = statement.where(table.c.at >= query.since)
    if query.until is not None:
        statement = statement.where(table.c.at < query.until)
    if after is not None:
        at, row = after
        statement = statement.where(
            sa.tuple_(table.c.at, table.c.id)
            < sa.tuple_(sa.literal(at, table.c.at.type), sa.literal(row, table.c.id.type))
        )
    return [AuditRecord(**row) for row in connection.execute(statement).mappings()]
