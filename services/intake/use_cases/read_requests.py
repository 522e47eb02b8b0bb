"""Reading requests at the desk: a list with masked names, one request in full, its history. Each look is audited."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.history_order import in_order
from services.intake.domain.holders import answers_owed
from services.intake.domain.masking import mask_name
from services.intake.domain.steps import possible
from services.intake.domain.withdrawing import stand_of
from services.intake.persistence import life, queries, rights
from services.intake.use_cases import contact
from services.intake.use_cases.audited import audit
from services.intake.use_cases.context import Context
from services.intake.use_cases.leg_light import present
from services.intake.use_cases.leg_views import (
    consent_shown,
    full_leg,
    kinds_in,
    leg_shown,
    line_shown,
    refused_answers,
    stored_json,
    words_shown,
)
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.missing import missing
from services.intake.use_cases.refusals import refusals_shown
from services.intake.use_cases.routing import answerable_for_all, beside
from shared.db import UnitOfWork
from shared.identity import Grant, Principal, allow

ID_NUMBER = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequests:
    """Which requests to list: by status, and by exact number, receipt code, name, ID number or phone."""

    statuses: Collection[str] = ()
    search: str | None = None
    limit: int = 20
    after: tuple[datetime, str] | None = None


def list_requests(context: Context, principal: Principal, query: ListRequests) -> list[dict[str, Any]]:
    """Give up to ``limit + 1`` requests of one's own unit or street, newest first, names masked.

    The surplus row tells that there are more. Raises ``Forbidden`` when no post allows reading requests.
    """
    grant = allow(principal, "requests.read")
    with context.database.unit_of_work() as uow:
        rows = queries.page(
            uow.connection, grant, _wanted(context, query), limit=query.limit + 1, after=query.after
        )
        legs = queries.legs_of(uow.connection, [row["id"] for row in rows])
        action = "requests.searched" if query.search else "requests.listed"
        audit(context, uow, principal, grant, action, "requests", str(len(rows)))
    decrypt = context.keyring.fields.decrypt
    now = present(context.clock.now(), context.directory.current())
    return [
        {
            "id": row["id"],
            "number": row["number"],
            "status": row["status"],
            "version": row["version"],
            "urgency": row["urgency"],
            "unit": row["unit"],
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "person": {"name": mask_name(decrypt("people", "name", row["person_id"], row["person_name"]))},
            "legs": [leg_shown(leg, now) for leg in legs[row["id"]]],
        }
        for row in rows
    ]


def place(after: tuple[Any, ...] | None) -> tuple[datetime, str] | None:
    """Take a cursor's key as the place in this list: (created_at, id)."""
    return None if after is None else (after[0], after[1])


def read_request(context: Context, principal: Principal, request: str) -> dict[str, Any]:
    """Give one request in full, with person, answers, legs and consents.

    Raises:
        Forbidden: no post of the principal allows reading requests.
        NotThere: there is no such request within reach.
    """
    grant = allow(principal, "requests.read")
    with context.database.unit_of_work() as uow:
        row = _reachable(uow, grant, request)
        shown = full_request(context, principal, uow.connection, row)
        audit(context, uow, principal, grant, "request.opened", "request", row["id"])
        for leg, reason in refused_answers(shown).items():
            audit(context, uow, principal, grant, "packet.refused", "leg", leg, reason=reason)
    if shown["restricted_until"] is not None:
        # 个人信息保护法 Art. 47: what is only stored is used for nothing, reading included.
        nobody = {"name": "", "residence": shown["person"]["residence"]}
        return shown | {"answers": {}, "person": nobody, "possible": [], **_bare(shown)}
    return shown


def _bare(shown: dict[str, Any]) -> dict[str, Any]:
    words = ("beneficiary", "note", "answer")
    codes = ("id", "agency", "programmes", "data_kinds", "purpose", "basis", "expires_on", "withdrawn_at")
    return {
        "legs": [leg | dict.fromkeys(words) for leg in shown["legs"]],
        "consents": [{name: consent[name] for name in codes} for consent in shown["consents"]],
        "history": [
            {name: value for name, value in line.items() if name in _CODES} for line in shown["history"]
        ],
    }


_CODES = frozenset({"fact", "at", "status", "leg", "staff", "detail"})


def full_request(
    context: Context, principal: Principal, connection: Connection, row: queries.Row
) -> dict[str, Any]:
    """Give all that is stored about a request in plain words; its caller has loaded it, checked and audits that."""
    legs = queries.legs_of(connection, [row["id"]])[row["id"]]
    consents = queries.consents_of(connection, row["id"])
    timeline = queries.timeline_of(connection, row["id"])
    facts = life.facts_of(connection, row["id"])
    district, moment = context.directory.current(), context.clock.now()
    refusals = refusals_shown(connection, row["id"], row["person_id_index"], district, moment)
    held = rights.approved(connection, row["id"])
    now = present(moment, district)
    person = _person(context, row)
    registered = person.get("household_registration")
    # Sent back, it waits for its own desk.
    checking = row["checking"] and row["check_due_on"] is not None
    stand = stand_of(
        row["status"],
        ((leg["status"], leg["outcome"]) for leg in legs),
        checking=checking,
        sent_back=row["checking"] and not checking,
    )
    may = () if row["forgotten_at"] else steps_allowed(principal, unit=row["unit"], street=row["street"])
    return {
        "id": row["id"],
        "number": row["number"],
        "receipt_code": context.keyring.receipt_code(row["id"]),
        "status": row["status"],
        "version": row["version"],
        "urgency": row["urgency"],
        "unit": row["unit"],
        "street": row["street"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "ended_at": row["ended_at"],
        "forgotten_at": row["forgotten_at"],
        "restricted_until": held["hold_until"] if held else None,
        "withdrawal_requested_at": row["withdrawal_requested_at"],
        "person_id": row["person_id"],
        "person": person,
        "answerable": answerable_for_all(leg["status"] for leg in legs),
        "answers": stored_json(context, "requests", "answers", row["id"], row["answers"]) or {},
        "legs": [
            full_leg(context, leg, now)
            | beside(district, leg, registered, kinds_in(consents, leg, now.date()))
            for leg in legs
        ],
        "consents": [consent_shown(context, consent) for consent in consents],
        "contact_consent": contact.of_request(connection, row["id"]),
        "refusals": refusals,
        "checking": checking,
        "check_due_on": row["check_due_on"],
        "possible": list(possible(stand, may)),
        "merged_into": row["merged_into"],
        "history": _history(
            row,
            [line_shown(line) | words_shown(context, line) for line in in_order(timeline)],
            [_fact(fact) | _words(context, fact) for fact in facts],
        ),
    }


def read_history(context: Context, principal: Principal, request: str) -> list[dict[str, Any]]:
    """Give what happened to a request and its legs, oldest first, in codes.

    Raises:
        Forbidden: no post of the principal allows reading requests.
        NotThere: there is no such request within reach.
    """
    grant = allow(principal, "requests.read")
    with context.database.unit_of_work() as uow:
        row = _reachable(uow, grant, request)
        timeline = queries.timeline_of(uow.connection, row["id"])
        facts = life.facts_of(uow.connection, row["id"])
        audit(context, uow, principal, grant, "request.opened", "request", row["id"], part="history")
    return _history(row, [line_shown(line) for line in in_order(timeline)], [_fact(fact) for fact in facts])


def _history(
    row: queries.Row, timeline: Sequence[dict[str, Any]], facts: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    begun = {
        "fact": "submitted",
        "at": row["created_at"],
        "status": "submitted",
        "leg": None,
        "staff": row["filed_by"],
        "detail": {},
    }
    return [begun, *sorted((*facts, *timeline), key=lambda line: line["at"])]


def _fact(fact: queries.Row) -> dict[str, Any]:
    names = ("fact", "at", "status", "staff", "detail")
    return {name: fact[name] for name in names} | {"leg": None}


def _words(context: Context, fact: queries.Row) -> dict[str, Any]:
    return stored_json(context, "request_events", "words", fact["id"], fact["words"]) or {}


def read_consents(
    context: Context, principal: Principal, request: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give the person, their own consent to be told and the consents of a request, to print what was agreed to.

    Of one that was withdrawn ``holders`` tells what each agency has answered (``domain.holders``).

    Raises:
        Forbidden: no post of the principal allows printing consents.
        NotThere: there is no such request within reach.
    """
    grant = allow(principal, "consents.print")
    with context.database.unit_of_work() as uow:
        row = _reachable(uow, grant, request)
        consents = queries.consents_of(uow.connection, row["id"])
        legs = queries.legs_of(uow.connection, [row["id"]])[row["id"]]
        told = {"contact_consent": contact.of_request(uow.connection, row["id"])}
        timeline = [line_shown(line) for line in in_order(queries.timeline_of(uow.connection, row["id"]))]
        audit(context, uow, principal, grant, "consent.printed", "request", row["id"])
    head = {"id": row["id"], "number": row["number"], "unit": row["unit"], "person": _person(context, row)}
    given = [consent_shown(context, consent) for consent in consents]
    names = ("id", "number", "agency", "programme", "status", "ended_at")
    holders = [{name: leg[name] for name in names} for leg in legs]
    return head | told, [consent | {"holders": answers_owed(consent, holders, timeline)} for consent in given]


def count_requests(context: Context, principal: Principal) -> dict[str, int]:
    """Count one's own unit's or street's requests by status. Raises ``Forbidden`` when no post allows reading them."""
    grant = allow(principal, "requests.read")
    with context.database.read() as connection:
        return queries.counts(connection, grant)


def _reachable(uow: UnitOfWork, grant: Grant, request: str) -> queries.Row:
    try:
        wanted = str(uuid.UUID(request))
    except ValueError as error:
        raise NotThere from error
    row = queries.one(uow.connection, wanted)
    if row is None:
        raise missing(uow.connection, "request", wanted)
    if not grant.reaches(unit=row["unit"], street=row["street"]):
        raise OutOfReach("request", wanted)
    return row


def _wanted(context: Context, query: ListRequests) -> queries.Wanted:
    text = (query.search or "").strip()
    if not text:
        return queries.Wanted(statuses=query.statuses)
    full = context.keyring.index.full
    return queries.Wanted(
        statuses=query.statuses,
        number=text.upper(),
        receipt_index=full("receipt_code", text),
        name_index=full("name", text),
        id_index=full("id_number", text),
        phone_index=full("phone", text),
    )


def _person(context: Context, row: queries.Row) -> dict[str, Any]:
    decrypt = context.keyring.fields.decrypt
    columns = ("name", "name_pinyin", "id_number", "phone", "birth_date", "household_registration")
    stored = {name: row[f"person_{name}"] for name in columns}
    known = {name: value for name, value in stored.items() if value is not None}
    plain = {name: decrypt("people", name, row["person_id"], value) for name, value in known.items()}
    return plain | {"residence": row["residence"]}
