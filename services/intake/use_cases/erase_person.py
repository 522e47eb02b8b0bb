"""A person wants to be erased: asked for at the desk, decided by whoever is bound to data protection, held by law.

Source: 个人信息保护法 Art. 47. Where a law has it kept it is stored until the hold ends, and used for nothing else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake.domain import rights
from services.intake.domain.breaches import Breach
from services.intake.domain.contact import ERASED
from services.intake.domain.errors import NotThere
from services.intake.domain.rights import CLOSED_CASE, Hold
from services.intake.domain.timers import FORGET
from services.intake.persistence import cases
from services.intake.persistence import rights as store
from services.intake.use_cases import contact
from services.intake.use_cases.case import Case
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Deed, Doer, held_case
from services.intake.use_cases.erasing import carry_out
from services.intake.use_cases.filings import as_of_right, ask_the_others, id_of
from services.intake.use_cases.forget import kept_until
from services.intake.use_cases.holders import holders_of
from shared import ids
from shared.db import Once, UnitOfWork
from shared.db.reach import beyond
from shared.identity import Principal, allow

Shown = dict[str, Any]


def ask_erasure(
    context: Context, principal: Principal, person: str, reason: str, *, once: Once | None = None
) -> Shown:
    """Take down that a person wants to be erased; somebody bound to data protection decides.

    Gives ``{id, request, state, reason, asked_at, hold, decided_at, erased_at, holders}``. What other desks hold of
    the same person becomes a task of theirs.

    Raises:
        Forbidden, NotThere, OutOfReach: as ``as_of_right``.
        Breach: legs are open, it was asked for already, or there is nothing left to erase.
    """
    with as_of_right(context, principal, "people.ask-erasure", person, once=once) as (deed, found):
        _require_ended(deed.case)
        if any(row["open_key"] for row in store.erasures_of(deed.uow.connection, deed.case.id)):
            raise Breach("erasure-under-way")
        hold = _hold_by_law(deed)
        row = {
            "id": ids.at(deed.at),
            "request_id": deed.case.id,
            "person_id": deed.case.person_id,
            "open_key": deed.case.id,
            "reason": reason,
            "asked_at": deed.at,
            "asked_by": deed.by.staff,
            "hold_basis": hold.basis if hold else None,
            "hold_until": hold.until if hold else None,
        }
        store.add_erasure(deed.uow.connection, row)
        ask_the_others(deed.uow, found, "erasure-elsewhere", deed.at)
        deed.note("erasure-asked", detail={"reason": reason})
        deed.audit("erasure.asked", reason=reason, erasure=row["id"])
        deed.uow.result = shown(context, deed.uow.connection, _undecided(row))
    answer: Shown = deed.uow.result
    return answer


def list_erasures(context: Context, principal: Principal, *, after: str | None, limit: int) -> list[Shown]:
    """Give up to ``limit + 1`` erasures that are not settled, oldest first: whose desk, which agencies, what hold."""
    allow(principal, "erasures.read")
    # Of any desk, in codes: whoever is bound to data protection has no cases, and decides about all.
    with beyond(), context.database.read() as connection:
        rows = store.undecided(connection, after=after, limit=limit + 1)
        return [shown(context, connection, row) | {"unit": row["unit"]} for row in rows]


def approve_erasure(
    context: Context,
    principal: Principal,
    erasure: str,
    *,
    hold: Hold | None = None,
    once: Once | None = None,
) -> Shown:
    """Agree to an erasure: carried out at once, or, while a hold runs, when that ends. ``hold`` adds one to the law's.

    Raises:
        Forbidden: no post of the principal allows it.
        NotThere: there is no such erasure.
        Breach: it is settled, was asked for by the same person, or legs have been opened since.
    """
    with beyond(), context.database.unit_of_work(once=once) as uow:
        deed, row = _decide(context, principal, uow, erasure)
        _require_ended(deed.case)
        lasting = rights.longest([_hold_by_law(deed), hold], deed.at)
        decided = {"decided_at": deed.at, "decided_by": deed.by.staff}
        decided |= {
            "hold_basis": lasting.basis if lasting else None,
            "hold_until": lasting.until if lasting else None,
        }
        store.settle_erasure(uow.connection, row["id"], **decided)
        deed.note("erasure-approved", detail={"basis": lasting.basis} if lasting else {})
        deed.audit("erasure.approved", erasure=row["id"], hold=lasting.basis if lasting else "")
        if lasting is None:
            carry_out(deed, row["id"])
        else:
            # What a law has kept is used for nothing, and it has nobody's telephone number kept for messages.
            contact.end(context, uow, deed.case.id, ERASED, at=deed.at, by=deed.by.staff)
            store.wake(uow.connection, deed.case.id, FORGET, lasting.until)
        deed.close()
        uow.result = shown(context, uow.connection, store.one_erasure(uow.connection, row["id"]) or row)
    answer: Shown = uow.result
    return answer


def decline_erasure(
    context: Context, principal: Principal, erasure: str, reason: str, *, once: Once | None = None
) -> Shown:
    """Turn an erasure down, with the reason that the person is told (个人信息保护法 Art. 50); raises as approving."""
    with beyond(), context.database.unit_of_work(once=once) as uow:
        deed, row = _decide(context, principal, uow, erasure)
        settled = {"decided_at": deed.at, "decided_by": deed.by.staff, "declined": reason, "open_key": None}
        store.settle_erasure(uow.connection, row["id"], **settled)
        deed.note("erasure-declined", detail={"reason": reason})
        deed.audit("erasure.declined", reason=reason, erasure=row["id"])
        deed.close()
        uow.result = shown(context, uow.connection, {**row, **settled})
    answer: Shown = uow.result
    return answer


def shown(context: Context, connection: Connection, row: Any) -> Shown:  # noqa: ANN401 - a row, or one about to be written
    """Show an erasure: how far it is, what holds it up, and what each agency that was given something says."""
    names = ("id", "reason", "asked_at", "decided_at", "declined", "erased_at")
    hold = row["hold_basis"]
    state = rights.state_of(
        erased=row["erased_at"] is not None,
        declined=row["declined"] is not None,
        decided=row["decided_at"] is not None,
    )
    return {
        **{name: row[name] for name in names},
        "request": row["request_id"],
        "state": state,
        "hold": {"basis": hold, "until": row["hold_until"], "messages": rights.HOLDS[hold].both()}
        if hold
        else None,
        "holders": holders_of(context, connection, row["request_id"], erasing=state != rights.REFUSED),
    }


def _decide(context: Context, principal: Principal, uow: UnitOfWork, erasure: str) -> tuple[Deed, Any]:
    grant = allow(principal, "erasures.decide")
    row = store.one_erasure(uow.connection, id_of(erasure))
    if row is None:
        raise NotThere
    case = held_case(context, uow, row["request_id"])
    row = store.one_erasure(uow.connection, row["id"]) or row
    if row["open_key"] is None or row["decided_at"] is not None:
        raise Breach("erasure-settled")
    if row["asked_by"] == principal.staff:
        raise Breach("own-erasure")
    return Deed(context, uow, case, context.clock.now(), Doer(principal.staff, str(grant.post))), row


def _require_ended(case: Case) -> None:
    still = [leg.number for leg in case.legs if not leg.ended]
    if still:
        raise Breach("legs-open", numbers="、".join(still))


def _hold_by_law(deed: Deed) -> Hold | None:
    """Give the hold on a case that an agency took on; what nobody ever accepted is kept for nothing."""
    ended = deed.case.held.request["ended_at"]
    if ended is None or not cases.taken_on(deed.uow.connection, deed.case.id):
        return None
    return rights.longest([Hold(CLOSED_CASE, kept_until(deed.district, ended))], deed.at)


def _undecided(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "decided_at": None, "declined": None, "erased_at": None}
