"""Destroying what intake holds of one filing's person, and the tombstone that has the others delete theirs.

Sources: 个人信息保护法 Art. 47 (erasure), 55–56 (the record of what was provided is kept for three years).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.intake.domain import events
from services.intake.domain.contact import ERASED
from services.intake.domain.errors import NotThere
from services.intake.domain.tasks import KINDS
from services.intake.persistence import forgetting
from services.intake.persistence import rights as store
from services.intake.persistence import tasks as task_store
from services.intake.use_cases import contact
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import SYSTEM, Deed, Doer, held_case
from shared import ids
from shared.outbox.scrubbing import scrub


def carry_out(deed: Deed, erasure: str) -> None:
    """Destroy what a held request says and who it is about, and tell the others to; the last deed there is of it.

    The rows' ciphertext and blind indexes go, the keys of papers with their rows, and what is sealed in events that lie
    here still. Codes stay: which agency was given which kinds when must be shown for three years.
    """
    connection, case = deed.uow.connection, deed.case
    forgetting.empty(connection, case.id, deed.at)
    nobody = deed.context.keyring.fields.encrypt("people", "name", case.person_id, "")
    forgetting.forget_person(connection, case.id, case.person_id, nobody)
    task_store.settle(connection, case.id, tuple(KINDS), deed.at, deed.by.staff)
    store.settle_erasure(connection, erasure, erased_at=deed.at, open_key=None)
    told = contact.end(deed.context, deed.uow, case.id, ERASED, at=deed.at, by=deed.by.staff)
    scrub(connection, [case.id, *([told["id"]] if told else [])])
    deed.tell(events.person_erased(deed.stamp()))
    deed.note("person-erased")
    deed.audit("person.erased", erasure=erasure)


def reapply(context: Context, request: str, erased_at: datetime) -> bool:
    """Erase again what an older copy of the database has brought back, open legs or not; tells whether it had."""
    with context.database.unit_of_work() as uow:
        try:
            case = held_case(context, uow, request)
        except NotThere:
            return False
        if case.held.request["forgotten_at"] is not None:
            return False
        deed = Deed(context, uow, case, context.clock.now(), Doer(SYSTEM, SYSTEM))
        row: dict[str, Any] = {
            "id": ids.at(deed.at),
            "request_id": case.id,
            "person_id": case.person_id,
            "open_key": None,
            "reason": "no-longer-needed",
            "asked_at": erased_at,
            "asked_by": SYSTEM,
            "hold_basis": None,
            "hold_until": None,
        }
        store.add_erasure(uow.connection, row)
        carry_out(deed, row["id"])
        deed.close()
    return True
