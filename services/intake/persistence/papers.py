"""Papers as they are kept: whose they are, which blob holds them, and what no row names any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.domain.papers import OnFile
from services.intake.persistence.tables import (
    blobs,
    drafts,
    leg_commands,
    leg_events,
    papers,
    people,
    requests,
)
from shared.db import Insert, insert
from shared.db.reach import beyond
from shared.db.rows import Row
from shared.db.types import Id, Instant

_PAPERS = Insert(papers)
_BLOBS = Insert(blobs, skip_existing=True)
_BY_DIGEST = sa.select(blobs).where(blobs.c.digest == sa.bindparam("digest", type_=sa.LargeBinary))
_LOCK_BY_DIGEST = _BY_DIGEST.with_for_update()
_BLOB = sa.select(blobs).where(blobs.c.id == sa.bindparam("blob", type_=Id))
_LOCK_BLOB = _BLOB.with_for_update()
_SHOWN = (
    papers.c.id,
    papers.c.request_id.label("request"),
    papers.c.leg_id.label("leg"),
    papers.c.kind,
    papers.c.blob_id.label("blob"),
    blobs.c.media,
    blobs.c.size,
    papers.c.added_at,
    papers.c.added_by,
    papers.c.taken_from,
)
_ALL = sa.select(*_SHOWN).join(blobs, blobs.c.id == papers.c.blob_id)
_OF = _ALL.where(papers.c.request_id == sa.bindparam("request", type_=Id)).order_by(
    papers.c.added_at, papers.c.id
)
_EARLIER = (
    _ALL.add_columns(requests.c.number)
    .join(requests, requests.c.id == papers.c.request_id)
    .join(people, people.c.id == requests.c.person_id)
    .where(
        people.c.id_index == sa.bindparam("id_index", type_=sa.LargeBinary),
        requests.c.unit == sa.bindparam("unit"),
        requests.c.id != sa.bindparam("request", type_=Id),
        papers.c.leg_id.is_(None),
    )
    .order_by(papers.c.added_at.desc(), papers.c.id)
)
_USED = sa.select(papers.c.id).where(papers.c.blob_id == sa.bindparam("blob", type_=Id)).limit(1)
_SPENT = (
    sa.select(leg_events.c.detail)
    .join(
        leg_commands,
        sa.and_(
            leg_commands.c.leg_id == leg_events.c.leg_id,
            leg_commands.c.asked_at == leg_events.c.at,
            leg_commands.c.verb == "record",
        ),
    )
    .where(
        leg_events.c.request_id == sa.bindparam("request", type_=Id),
        leg_events.c.fact == "record-requested",
        leg_commands.c.refusal.is_(None),
    )
)
_HOMELESS = sa.select(papers.c.id, papers.c.blob_id, papers.c.request_id).where(
    papers.c.added_at < sa.bindparam("before", type_=Instant),
    ~sa.exists().where(requests.c.id == papers.c.request_id),
    ~sa.exists().where(drafts.c.id == papers.c.request_id),
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A paper that a person has handed in with an earlier request, and that request's number."""

    paper: OnFile
    number: str


def by_digest(connection: Connection, digest: bytes, *, lock: bool = False) -> RowMapping | None:
    """Find the blob of a content by its keyed hash; with ``lock`` nobody takes it away until the transaction ends."""
    statement = _LOCK_BY_DIGEST if lock else _BY_DIGEST
    return connection.execute(statement, {"digest": digest}).mappings().one_or_none()


def add_blob(connection: Connection, row: Row) -> None:
    """Write down a blob; if another transaction has just written one of the same content, nothing."""
    insert(connection, (_BLOBS, [row]))


def blobs_of(connection: Connection, ids: Collection[str]) -> dict[str, RowMapping]:
    """Read the rows of some blobs, with their sealed keys, by id."""
    rows = connection.execute(sa.select(blobs).where(blobs.c.id.in_(list(ids)))).mappings()
    return {row["id"]: row for row in rows}


def add(connection: Connection, handed_in: Sequence[OnFile]) -> None:
    """Write down papers that were handed in."""
    rows = [
        {
            "id": paper.id,
            "request_id": paper.request,
            "leg_id": paper.leg,
            "kind": paper.kind,
            "blob_id": paper.blob,
            "taken_from": paper.taken_from,
            "added_at": paper.added_at,
            "added_by": paper.added_by,
        }
        for paper in handed_in
    ]
    insert(connection, (_PAPERS, rows))


def of(connection: Connection, request: str) -> list[OnFile]:
    """Read the papers of a request or draft, oldest first."""
    return [OnFile(**row) for row in connection.execute(_OF, {"request": request}).mappings()]


def earlier(connection: Connection, id_index: bytes | None, *, unit: str, request: str) -> list[Earlier]:
    """Read what whoever has this identity number has handed in with other requests at a unit, newest first."""
    if id_index is None:
        return []
    rows = connection.execute(_EARLIER, {"id_index": id_index, "unit": unit, "request": request})
    return [
        Earlier(OnFile(**{name: value for name, value in row.items() if name != "number"}), row["number"])
        for row in rows.mappings()
    ]


def remove(connection: Connection, found: Iterable[OnFile | RowMapping]) -> list[str]:
    """Take papers away; gives the blobs that no paper names any more, whose rows are gone, too."""
    gone = []
    for one in found:
        paper, blob = (one.id, one.blob) if isinstance(one, OnFile) else (one["id"], one["blob_id"])
        # Held, so that nobody hands in the same content while the last paper of it goes.
        connection.execute(_LOCK_BLOB, {"blob": blob})
        connection.execute(sa.delete(papers).where(papers.c.id == paper))
        # The same content may have been handed in at any other desk.
        with beyond(connection):
            used = connection.execute(_USED, {"blob": blob}).one_or_none() is not None
        if not used:
            connection.execute(sa.delete(blobs).where(blobs.c.id == blob))
            gone.append(blob)
    return gone


def homeless(connection: Connection, before: datetime) -> list[RowMapping]:
    """Find papers handed in before a moment whose draft was deleted or has expired, at most some hundreds."""
    return list(connection.execute(_HOMELESS.limit(500), {"before": before}).mappings())


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Tell which of some blobs a row names."""
    return set(connection.execute(sa.select(blobs.c.id).where(blobs.c.id.in_(list(ids)))).scalars())


def slips_recorded(connection: Connection, request: str) -> frozenset[str]:
    """Give the papers by which an agency's answer on paper was recorded: they are evidence."""
    statement = sa.select(leg_events.c.detail).where(
        leg_events.c.request_id == request, leg_events.c.fact == "record-requested"
    )
    return frozenset(detail["slip"] for detail in connection.execute(statement).scalars() if "slip" in detail)


def slips_spent(connection: Connection, request: str) -> frozenset[str]:
    """Give the slips by which an answer was recorded, or is just being; what was refused has used none up."""
    details = connection.execute(_SPENT, {"request": request}).scalars()
    return frozenset(detail["slip"] for detail in details if "slip" in detail)
