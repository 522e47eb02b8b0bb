"""What looks filed twice at two desks: neither desk learns of the other, the specialists of their streets compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.intake.domain.filing import Need
from services.intake.domain.tasks import SPECIALIST
from services.intake.domain.whom import Place
from services.intake.persistence.open_legs import OpenLeg
from services.intake.use_cases.known_legs import Known
from services.intake.use_cases.tasks import raise_task
from shared.db import UnitOfWork


def elsewhere(known: Known, needs: Sequence[Need]) -> list[OpenLeg]:
    """Give the open legs of other desks for the same person and programme: nothing that this desk may learn of."""
    twice = {leg.id: leg for need in needs for leg in known.twice(need) if leg.unit != known.filed.unit}
    return list(twice.values())


def tell_specialists(uow: UnitOfWork, filed: Place, twice: Sequence[OpenLeg], at: datetime) -> None:
    """Raise a task for the specialist of the street, and where the other desk is in another street, for that one, too.

    Each specialist is told the request of the own street, and of another street's no more than which street it is.
    """
    programmes = sorted({leg.programme for leg in twice})
    for leg in {leg.request: leg for leg in twice}.values():
        here, there = filed, Place(leg.request, leg.unit, leg.street)
        for own, other in ((here, there), (there, here)):
            if own.street is not None and (own is here or own.street != here.street):
                _tell(uow, own, other, programmes, at)


def _tell(uow: UnitOfWork, own: Place, other: Place, programmes: Sequence[str], at: datetime) -> None:
    seen: dict[str, Any] = {"street": other.street}
    if other.street == own.street:
        seen |= {"request": other.request, "unit": other.unit}
    raise_task(
        uow,
        kind="duplicate",
        role=SPECIALIST,
        unit=own.unit,
        street=own.street,
        request=own.request,
        detail={"programmes": list(programmes), "other": seen},
        at=at,
    )
