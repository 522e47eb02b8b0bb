"""A copy of all that is held about a person, for the person (个人信息保护法 Art. 45).

What referrals and notifications hold of a leg – codes, clocks, who looked – is in the mirror already, and what agencies
wrote to the desk came sealed to intake. What an agency wrote for itself is told by the agency, whose contact is named.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from services.intake.domain.errors import NotThere
from services.intake.persistence import drafts, queries, rights
from services.intake.persistence import papers as paper_store
from services.intake.use_cases.context import Context
from services.intake.use_cases.disclosures import disclosures_of
from services.intake.use_cases.draft_views import opened
from services.intake.use_cases.erase_person import shown as erasure_shown
from services.intake.use_cases.filings import Filings, ask_the_others, filings_of
from services.intake.use_cases.holders import holders_of
from services.intake.use_cases.leg_views import consent_shown
from services.intake.use_cases.object_to import shown as objection_shown
from services.intake.use_cases.read_requests import full_request
from shared.audit import AuditEntry
from shared.audit.quota import spent
from shared.db import UnitOfWork
from shared.identity import Grant, Principal, allow
from shared.text import Text

Shown = dict[str, Any]
AT_ONCE = 200
EXPORTED, REFUSED = "person.exported", "export.refused"
BEYOND = Text(
    "本副本包含登记窗口、转介和消息中保存的全部内容。各单位为履行自身职责另行记录的内容，由该单位依法提供，"
    "联系方式见 holders。",
    "This copy holds all that is kept at the desk, about the referrals and in messages. What an agency has written "
    "down for duties of its own is given by that agency; holders tells how to reach it.",
)


def export_person(context: Context, principal: Principal, person: str, reason: str) -> Shown:
    """Give everything that is held about a person at one's own desk, decrypted, with who was given and who looked.

    ``{person_id, made_at, made_by, reason, requests: [the full request with papers, former_consents, disclosures,
    holders, objections, erasures], drafts, statement}``. Other desks that hold something get a task and are not named.

    Raises:
        Forbidden, NotThere, OutOfReach: as ``filings_of``.
        QuotaSpent: one has taken as many copies as one may on a day; that is written to the audit log, too.
    """
    grant = allow(principal, "people.export")
    district, now = context.directory.current(), context.clock.now()
    with context.database.unit_of_work() as uow:
        found = filings_of(uow.connection, grant, person)
        refusal = spent(uow.connection, principal.staff, EXPORTED, now, district.timezone)
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action=EXPORTED if refusal is None else REFUSED,
                object_type="person",
                object_id=found.named["person_id"],
                reason=reason,
                detail={"requests": len(found.own)},
            )
        )
        requests = [] if refusal else _requests(context, principal, uow, found)
        numbers = {one["person"].get("id_number") for one in requests} - {None}
        kept = _drafts(context, uow.connection, grant, numbers) if numbers else []
        if refusal is None:
            ask_the_others(uow, found, "copy-elsewhere", now)
    if refusal is not None:
        raise refusal
    return {
        "person_id": found.named["person_id"],
        "made_at": now,
        "made_by": principal.staff,
        "reason": reason,
        "statement": BEYOND.both(),
        "requests": requests,
        "drafts": kept,
    }


def _drafts(context: Context, connection: Connection, grant: Grant, numbers: Collection[str]) -> list[Shown]:
    """Find what the desk has begun for the same ID number; a draft has no index, so each is read."""
    found: list[Shown] = []
    after: str | None = None
    while rows := drafts.page(connection, grant.units, limit=AT_ONCE, after=after):
        after = rows[-1]["id"]
        for row in rows:
            body = opened(context, row)
            if (body.get("person") or {}).get("id_number") in numbers:
                found.append({"id": row["id"], "created_at": row["created_at"], "body": body})
    return found


def _loaded(connection: Connection, request: str) -> queries.Row:
    row = queries.one(connection, request)
    if row is None:
        raise NotThere
    return row


def _requests(context: Context, principal: Principal, uow: UnitOfWork, found: Filings) -> list[Shown]:
    connection = uow.connection
    return [
        full_request(context, principal, connection, _loaded(connection, row["id"]))
        | {
            "papers": [
                {"id": one.id, "kind": one.kind, "leg": one.leg, "added_at": one.added_at}
                for one in paper_store.of(connection, row["id"])
            ],
            "former_consents": [
                consent_shown(context, consent) | {"replaced_at": consent["replaced_at"]}
                for consent in rights.consents_of(connection, row["id"])
                if consent["replaced_at"] is not None
            ],
            "disclosures": list(disclosures_of(context, connection, row)),
            "holders": holders_of(context, connection, row["id"]),
            "objections": [
                objection_shown(context, one) for one in rights.objections_of(connection, row["id"])
            ],
            "erasures": [
                erasure_shown(context, connection, one) for one in rights.erasures_of(connection, row["id"])
            ],
        }
        for row in found.own
    ]
