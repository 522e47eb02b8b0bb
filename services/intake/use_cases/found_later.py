"""What comes to light without anybody adding a leg by hand: nothing is refused then, people are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from services.intake.domain.filing import Need
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
                _tell_desk(uow, known, leg.id, leg.need, other, at)
            elif same:
                twice.append(other)
            else:
                tell_of_exclusion(uow, known.filed, other, leg.need.programme, at)
    tell_specialists(uow, known.filed, twice, at)


def tell_desk_of_double(uow: UnitOfWork, leg: str, need: Need, known: Known, at: datetime) -> None:
    """Raise a task at the desk where a leg that nobody there has added doubles one of another request of its own.

    Whoever adds a leg by hand reads the same as a warning.
    """
    for other in (*known.twice(need), *known.perhaps(need)):
        if other.unit == known.filed.unit and other.request != known.filed.request:
            _tell_desk(uow, known, leg, need, other, at)
            return


def _tell_desk(uow: UnitOfWork, known: Known, leg: str, need: Need, other: OpenLeg, at: datetime) -> None:
    programmes = [need.programme]
    if other.programme != need.programme:
        programmes.append(other.programme)
    raise_task(
        uow,
        kind=EXCLUSION if len(programmes) > 1 else DUPLICATE,
        unit=known.filed.unit,
        street=known.filed.street,
        request=known.filed.request,
        leg=leg,
        detail={
            "programmes": programmes,
            "other": {"street": other.street, "request": other.request, "unit": other.unit},
        },
        at=at,
    )
