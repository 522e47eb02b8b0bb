"""The filings of one person as far as one may reach them, and a deed done to one of them as of right."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.tasks import HUT
from services.intake.persistence import rights
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Deed, Doer, held_case
from services.intake.use_cases.missing import missing
from services.intake.use_cases.tasks import raise_task
from shared.db import Once, UnitOfWork
from shared.db.reach import beyond
from shared.identity import Grant, Principal, allow


class Filings(NamedTuple):
    """The filing that was named, and all of the same person within reach; it is one of them."""

    named: RowMapping
    own: Sequence[RowMapping]


def filings_of(connection: Connection, grant: Grant, person: str) -> Filings:
    """Find a person's filings; every filing has a row of the person of its own, and ``person`` is one of these.

    Raises:
        NotThere: there is no such person.
        OutOfReach: the filing it belongs to is another desk's.
    """
    wanted = id_of(person)
    found = rights.filings_of(connection, wanted)
    named = next((row for row in found if row["person_id"] == wanted), None)
    if named is None:
        raise missing(connection, "person", wanted)
    reached = [row for row in found if grant.reaches(unit=row["unit"], street=row["street"])]
    if named not in reached:
        raise OutOfReach("person", wanted)
    return Filings(named, reached)


def ask_the_others(uow: UnitOfWork, found: Filings, kind: str, at: datetime) -> None:
    """Have the other desks do the same for what they hold of the person; nobody learns of the other."""
    own = {row["id"] for row in found.own}
    with beyond(uow.connection):
        known = rights.filings_of(uow.connection, found.named["person_id"])
    for row in known:
        if row["id"] not in own and row["forgotten_at"] is None:
            raise_task(
                uow, kind=kind, role=HUT, unit=row["unit"], street=row["street"], request=row["id"], at=at
            )


@contextmanager
def as_of_right(
    context: Context, principal: Principal, action: str, person: str, *, once: Once | None = None
) -> Iterator[tuple[Deed, Filings]]:
    """Hold the filing whose person is named, whatever its status, and let something be done about it.

    Raises:
        Forbidden: no post of the principal allows the action.
        NotThere, OutOfReach: as ``filings_of``.
        Breach: its content has been removed already.
    """
    grant = allow(principal, action)
    at = context.clock.now()
    with context.database.unit_of_work(once=once) as uow:
        found = filings_of(uow.connection, grant, person)
        case = held_case(context, uow, found.named["id"])
        if case.held.request["forgotten_at"] is not None:
            raise Breach("content-removed")
        deed = Deed(context, uow, case, at, Doer(principal.staff, str(grant.post)))
        yield deed, found
        deed.close()


def id_of(given: str) -> str:
    """Give an id in its canonical form; raises ``NotThere`` for what is none."""
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise NotThere from error
