"""A person objects to how their data are used: written down, told to whoever holds them, and answered in time.

Source: 个人信息保护法 Art. 44 (to restrict or refuse), 50 (a way to do so, and reasons for a refusal).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import RowMapping

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import NotThere
from services.intake.domain.request import LEG_HANDED_ON, PLANNED
from services.intake.domain.rights import OUTCOMES
from services.intake.persistence import rights as store
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.commands import to_desk
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.filings import as_of_right, id_of
from services.intake.use_cases.tasks import raise_task, settle_tasks
from shared import ids
from shared.clock import deadline
from shared.db import Once
from shared.identity import Principal

Shown = dict[str, Any]
TASK = "objection"
_GONE = LEG_HANDED_ON | {PLANNED, "cancelled"}


def object_to(
    context: Context,
    principal: Principal,
    person: str,
    text: str,
    legs: Collection[str] = (),
    *,
    once: Once | None = None,
) -> Shown:
    """Write an objection down and tell the agencies of the legs it is about, of all of them where none is named.

    An agency is told by a message sealed to it, also where its leg has ended: it holds what it was sent. Gives
    ``{id, raised_at, due_on, legs: [{leg, agency, sent, why}], text, outcome, answer, answered_at}``.

    Raises:
        Forbidden, NotThere, OutOfReach, Breach: as ``as_of_right``.
        InvalidFiling: its words would tell an agency what somebody is in.
    """
    with as_of_right(context, principal, "people.object", person, once=once) as (deed, _):
        about = [deed.case.leg(leg) for leg in legs] if legs else list(deed.case.legs)
        row = ids.at(deed.at)
        told = [_tell(deed, leg, text, row) for leg in about]
        due = deadline(
            deed.district.limits["first_contact"], deed.at, deed.district.calendar, deed.district.timezone
        )
        encrypt = context.keyring.fields.encrypt
        written = {
            "id": row,
            "request_id": deed.case.id,
            "words": encrypt("objections", "words", row, orjson.dumps({"text": text})),
            "legs": told,
            "raised_at": deed.at,
            "raised_by": deed.by.staff,
            "due_on": due.due_on,
        }
        store.add_objection(deed.uow.connection, written)
        raise_task(
            deed.uow,
            kind=TASK,
            unit=deed.case.unit,
            street=deed.case.street,
            request=deed.case.id,
            due_on=due.due_on,
            at=deed.at,
        )
        deed.note("objected", detail={"agencies": sorted({one["agency"] for one in told if one["sent"]})})
        deed.audit("objection.raised", objection=row, told=sum(one["sent"] for one in told))
        empty = {"outcome": None, "answer": None, "answered_at": None}
        deed.uow.result = shown(context, {**written, **empty})
    answer: Shown = deed.uow.result
    return answer


def answer_objection(
    context: Context, principal: Principal, person: str, objection: str, outcome: str, text: str
) -> Shown:
    """Write down how an objection was answered, with the reasons that the person was told.

    Raises:
        Forbidden, OutOfReach, Breach: as ``as_of_right``, and for one that has been answered.
        NotThere: there is no such objection of that person.
    """
    with as_of_right(context, principal, "people.object", person) as (deed, _):
        row = _one(store.objections_of(deed.uow.connection, deed.case.id), id_of(objection))
        if row["outcome"] is not None:
            raise Breach("objection-answered")
        settled = {
            "outcome": outcome,
            "answer": context.keyring.fields.encrypt(
                "objections", "answer", row["id"], orjson.dumps({"text": text})
            ),
            "answered_at": deed.at,
            "answered_by": deed.by.staff,
        }
        store.answer_objection(deed.uow.connection, row["id"], **settled)
        others = store.objections_of(deed.uow.connection, deed.case.id)
        if all(one["outcome"] for one in others):
            settle_tasks(deed.uow, deed.case.id, TASK, at=deed.at, by=deed.by.staff)
        deed.note("objection-answered", detail={"result": outcome})
        deed.audit("objection.answered", objection=row["id"], outcome=outcome)
        deed.uow.result = shown(context, {**row, **settled})
    answer: Shown = deed.uow.result
    return answer


def shown(context: Context, row: Mapping[str, Any] | RowMapping) -> Shown:
    """Show an objection with its words, as the desk and the person may read them."""
    names = ("id", "legs", "raised_at", "due_on", "outcome", "answered_at")
    outcome = row["outcome"]
    return {name: row[name] for name in names} | {
        "request": row["request_id"],
        "text": _words(context, row, "words"),
        "answer": _words(context, row, "answer"),
        "outcome_text": OUTCOMES[outcome].both() if outcome else None,
    }


def _words(context: Context, row: Mapping[str, Any] | RowMapping, column: str) -> str | None:
    plain = context.keyring.fields.decrypt("objections", column, row["id"], row[column])
    return None if plain is None else orjson.loads(plain)["text"]


def _tell(deed: Deed, leg: CaseLeg, text: str, objection: str) -> Shown:
    told: Shown = {"leg": leg.id, "agency": leg.agency, "sent": False, "why": None}
    if leg.status in _GONE:
        return {**told, "why": "nothing-there"}
    if leg.frozen:
        # Frozen, nothing is used there any more, and nothing new may be sent.
        return {**told, "why": "leg-frozen"}
    sealed = to_desk(deed, leg, "text", text)
    deed.ask(leg, "message", {"message": sealed}, detail={"objection": objection}, words={"text": text})
    return {**told, "sent": True}


def _one(rows: Collection[RowMapping], objection: str) -> RowMapping:
    for row in rows:
        if row["id"] == objection:
            return row
    raise NotThere
