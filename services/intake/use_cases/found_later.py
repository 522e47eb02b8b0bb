"""What comes to light once a household is linked: nothing is refused then, people are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from services.intake.persistence.open_legs import OpenLeg
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.duplicates import tell_specialists
from services.intake.use_cases.exclusions import excluded_by, tell_of_exclusion
from services.intake.use_cases.known_legs import Known
from services.intake.use_cases.tasks import raise_task
from shared.db import UnitOfWork

DUPLICATE, EXCLUSION = "duplicate", "exclusion"


def compare_anew(
    uow: UnitOfWork, legs: Iterable[CaseLeg], known: Known, at: datetime, *, besides: Collection[str] = ()
) -> None:
    """Hold legs of a request against what else is open for the same people; what stands beside it becomes a task.

    What was filed at this very desk is the desk's own to sort out; of anything else it learns nothing, and the
    specialists of the streets compare. ``besides`` are requests that were looked at already.
    """
    twice: list[OpenLeg] = []
    for leg in legs:
        others = excluded_by(known.district, leg.need.programme)
        for other in known.for_the_same(leg.need):
            if other.request in {known.filed.request, *besides}:
                continue
            same = other.programme == leg.need.programme
            if not same and other.programme not in others:
                continue
            if other.unit == known.filed.unit:
                _tell_desk(uow, known, leg, other, at)
            elif same:
                twice.append(other)
            else:
                tell_of_exclusion(uow, known.filed, other, leg.need.programme, at)
    tell_specialists(uow, known.filed, twice, at)


def _tell_desk(uow: UnitOfWork, known: Known, leg: CaseLeg, other: OpenLeg, at: datetime) -> None:
    programmes = [leg.need.programme]
    if other.programme != leg.need.programme:
        programmes.append(other.programme)
    raise_task(
        uow,
        kind=EXCLUSION if len(programmes) > 1 else DUPLICATE,
        unit=known.filed.unit,
        street=known.filed.street,
        request=known.filed.request,
        leg=leg.id,
        detail={
            "programmes": programmes,
            "other": {"street": other.street, "request": other.request, "unit": other.unit},
        },
        at=at,
    )
