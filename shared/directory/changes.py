"""The log of packs in one service: each version proposed or put in force, by whom, since when, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from shared.db import UnitOfWork
from shared.directory.differences import Difference, differences
from shared.directory.model import District
from shared.directory.tables import district_changes as table
from shared.directory.widening import widenings

PROPOSED, IN_FORCE, DECLINED, OVERTAKEN = "proposed", "in-force", "declined", "overtaken"

_LONGEST = 200  # characters of a value that are kept in the log; the versions themselves are kept whole

_ALL = sa.select(table).order_by(table.c.id.desc())
_OPEN = sa.select(table).where(table.c.state == PROPOSED, table.c.version == sa.bindparam("v"))
_LOCK = _OPEN.with_for_update()
_WAITING = (
    sa.select(table)
    .where(table.c.state == PROPOSED, table.c.version != sa.bindparam("v"))
    .order_by(table.c.id.desc())
)
_INSERT = table.insert()
_SETTLE = (
    table.update()
    .where(table.c.state == PROPOSED, table.c.version == sa.bindparam("v"))
    .values(
        state=sa.bindparam("to"), settled_by=sa.bindparam("by"), settled_at=sa.bindparam("at"), content=None
    )
)
_OVERTAKE = (
    table.update()
    .where(table.c.state == PROPOSED)
    .values(state=OVERTAKEN, settled_at=sa.bindparam("at"), content=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the log.

    ``changes`` are ``{file, key, what, old, new}``, ``widens`` are ``{file, key, what: {zh, en}}``. ``settled_by``
    approved or declined it; ``settled_at`` is since when it is in force, or when the proposal ended.
    """

    version: str
    previous: str | None
    state: str
    changes: Sequence[Mapping[str, Any]]
    widens: Sequence[Mapping[str, Any]]
    applied_by: str
    applied_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version that waits for approval: its log line, the whole pack's content, and the folder it was read from."""

    change: Change
    content: Mapping[str, Any]
    source: str | None


def log(connection: Connection) -> Iterator[Change]:
    """Read the log, the latest first."""
    yield from map(_change, connection.execute(_ALL).mappings())


def proposal(connection: Connection, version: str, *, hold: bool = False) -> Proposal | None:
    """Load a version that waits for approval, holding its row with ``hold``; ``None`` when there is none."""
    row = connection.execute(_LOCK if hold else _OPEN, {"v": version}).mappings().one_or_none()
    return None if row is None else Proposal(_change(row), row["content"], row["source"])


def waiting(connection: Connection, *, besides: str) -> list[Change]:
    """Give what else than the version ``besides`` waits for approval, the latest first."""
    return [_change(row) for row in connection.execute(_WAITING, {"v": besides}).mappings()]


def propose(
    uow: UnitOfWork, old: District, new: District, *, by: str, at: datetime, source: str | None = None
) -> bool:
    """Keep a whole pack until it is approved; tells whether it was not waiting already."""
    if uow.connection.execute(_LOCK, {"v": new.version}).first() is not None:
        return False
    line = _line(old.version, old.content, new, by, at)
    uow.connection.execute(
        _INSERT, {**line, "state": PROPOSED, "content": dict(new.content), "source": source}
    )
    return True


def decline(uow: UnitOfWork, version: str, *, by: str, at: datetime, reason: str) -> bool:
    """End a proposal; tells whether there was one."""
    statement = _SETTLE.values(reason=reason)
    return uow.connection.execute(statement, {"v": version, "to": DECLINED, "by": by, "at": at}).rowcount == 1


def note(
    uow: UnitOfWork,
    old: tuple[str, Mapping[str, Any]] | None,
    new: District,
    *,
    by: str,
    approved_by: str | None,
    at: datetime,
) -> None:
    """Write down that ``new`` is in force now, in place of ``old`` (its version and content).

    What else was proposed was compared with the version that has just gone, and is overtaken.
    """
    settled = {"v": new.version, "to": IN_FORCE, "by": approved_by, "at": at}
    known = uow.connection.execute(_SETTLE, settled).rowcount
    uow.connection.execute(_OVERTAKE, {"at": at})
    if known == 0:
        version, content = old or (None, None)
        line = _line(version, content, new, by, at)
        uow.connection.execute(
            _INSERT, {**line, "state": IN_FORCE, "settled_by": approved_by, "settled_at": at}
        )


def _line(
    version: str | None, content: Mapping[str, Any] | None, new: District, by: str, at: datetime
) -> dict[str, Any]:
    found = differences(content, new.content) if content is not None else []
    return {
        "version": new.version,
        "previous": version,
        "changes": [_told(each) for each in found],
        "widens": [
            {"file": each.file, "key": each.key, "what": each.what.both()} for each in widenings(found)
        ],
        "applied_by": by,
        "applied_at": at,
    }


def _told(found: Difference) -> dict[str, Any]:
    return {
        "file": found.file,
        "key": found.place,
        "what": found.kind,
        "old": _brief(found.old),
        "new": _brief(found.new),
    }


def _brief(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Keep what fits on a line; a thing with keys of its own is named by its key alone."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    if isinstance(value, list) and not all(isinstance(item, str | int | float) for item in value):
        return None
    return None if isinstance(value, Mapping) else value


def _change(row: RowMapping) -> Change:
    return Change(
        version=row["version"],
        previous=row["previous"],
        state=row["state"],
        changes=row["changes"],
        widens=row["widens"],
        applied_by=row["applied_by"],
        applied_at=row["applied_at"],
        settled_by=row["settled_by"],
        settled_at=row["settled_at"],
        reason=row["reason"],
    )
