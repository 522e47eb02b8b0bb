"""What becomes of the open requests of a desk when the last who worked there is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.tasks import SPECIALIST
from services.intake.persistence import requests
from services.intake.use_cases.seats import Seats, seats
from services.intake.use_cases.tasks import raise_task
from shared.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The units whose open requests nobody sees any more, and those that have lost their desk but have their street."""

    unseen: tuple[str, ...] = ()
    to_the_street: tuple[str, ...] = ()


def leave_behind(uow: UnitOfWork, before: Seats | None, at: datetime) -> LeftBehind:
    """Tell the specialist of the street of each desk with open requests that has lost its last member of staff.

    The desk's tasks come to the specialist, what agencies write to it lies in an inbox that nobody reads, and only a
    desk can add papers or withdraw: so the specialist gets a task to move its cases. ``before`` is who was there.
    """
    if before is None:
        return LeftBehind()
    after = seats(uow.connection) or Seats(frozenset(), frozenset())
    unseen, to_the_street = [], []
    for unit, street in requests.where_open(uow.connection):
        if before.keep(unit, street) and not after.keep(unit, street):
            unseen.append(unit)
        elif unit in before.desks - after.desks:
            to_the_street.append(unit)
            raise_task(uow, kind="desk-empty", role=SPECIALIST, unit=unit, street=street, at=at, apart=unit)
    return LeftBehind(tuple(unseen), tuple(to_the_street))
