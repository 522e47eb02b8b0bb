"""What agencies answer that were asked to delete what only they can: taken down at the desk, shown to the person."""

from __future__ import annotations

from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.persistence import rights as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Deed, Doer, held_case
from services.intake.use_cases.erase_person import shown
from services.intake.use_cases.filings import filings_of
from shared.identity import Principal, allow

Shown = dict[str, Any]


def read_erasures(context: Context, principal: Principal, person: str) -> list[Shown]:
    """Give what was asked to be erased of one filing of a person, with who holds what; raises as ``filings_of``."""
    grant = allow(principal, "people.ask-erasure")
    with context.database.read() as connection:
        named = filings_of(connection, grant, person).named
        return [shown(context, connection, row) for row in store.erasures_of(connection, named["id"])]


def record_answer(context: Context, principal: Principal, person: str, *, leg: str, answer: str) -> Shown:
    """Take down what a leg's agency has answered; gives the erasure.

    Raises:
        Forbidden, NotThere, OutOfReach: as ``filings_of``, or there is no such leg.
        Breach: nothing was erased, so that nobody was asked.
    """
    grant = allow(principal, "people.ask-erasure")
    with context.database.unit_of_work() as uow:
        named = filings_of(uow.connection, grant, person).named
        case = held_case(context, uow, named["id"])
        done = [row for row in store.erasures_of(uow.connection, case.id) if row["erased_at"] is not None]
        if not done:
            raise Breach("nothing-erased")
        deed = Deed(context, uow, case, context.clock.now(), Doer(principal.staff, str(grant.post)))
        deed.line(case.leg(leg), "erasure-answered", detail={"answer": answer})
        deed.audit("erasure.answered", leg=leg, answer=answer)
        deed.close()
        return shown(context, uow.connection, done[-1])
