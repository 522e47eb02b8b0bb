"""Programmes that cannot be open beside one another: refused at the own desk, elsewhere the streets are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.intake.domain.exclusions import Excluded, Named
from services.intake.domain.filing import Need
from services.intake.domain.tasks import SPECIALIST
from services.intake.domain.whom import Place, is_same
from services.intake.persistence.open_legs import OpenLeg
from services.intake.use_cases.known_legs import Known
from services.intake.use_cases.tasks import raise_task
from shared.db import UnitOfWork
from shared.directory import District
from shared.text import Text


def refuse_exclusions(
    uow: UnitOfWork,
    needs: Sequence[Need],
    known: Known,
    at: datetime,
    *,
    beside: Sequence[Need] = (),
    reopening: bool = False,
    tell: bool = True,
) -> bool:
    """Refuse what excludes one another; tells whether there is something at another desk, of which specialists learn.

    Refused is what is asked for together or ``beside`` it in the same request, and what an open leg for the same person
    or household excludes, if that leg was filed at this very desk, under whichever person. Of a leg filed elsewhere
    this desk learns nothing: what was asked for is accepted without a word, so that typing an ID number never reveals a
    neighbour. ``reopening``: what is asked for is to go on with a leg that has ended. Unless ``tell``, the
    specialists are not told yet.

    Raises:
        Excluded: naming the two programmes and the request that holds the other one.
    """
    district = known.district
    _among_themselves([*beside, *needs], known, since=len(beside), reopening=reopening)
    elsewhere: dict[str, tuple[OpenLeg, str]] = {}
    for need in needs:
        others = excluded_by(district, need.programme)
        if not any(leg.programme in others for leg in known.legs):
            continue
        for leg in known.for_the_same(need):
            if leg.programme not in others or leg.request == known.filed.request:
                continue
            if leg.unit == known.filed.unit:
                raise _excluded(district, need.programme, leg.programme, leg.number, reopening=reopening)
            elsewhere.setdefault(leg.request, (leg, need.programme))
    for leg, programme in elsewhere.values() if tell else ():
        tell_of_exclusion(uow, known.filed, leg, programme, at)
    return bool(elsewhere)


def excluded_by(district: District, programme: str) -> frozenset[str]:
    """Name the programmes that cannot be open beside one, whichever of the two says so."""
    known = district.programmes.get(programme)
    return frozenset(known.excludes if known else ()).union(
        other.id for other in district.programmes.values() if programme in other.excludes
    )


def _among_themselves(needs: Sequence[Need], known: Known, *, since: int, reopening: bool) -> None:
    for place, need in enumerate(needs[since:], since):
        others = excluded_by(known.district, need.programme)
        for earlier in needs[:place]:
            if earlier.programme in others and any(
                is_same(one, other) for one in known.whoms(earlier) for other in known.whoms(need)
            ):
                raise _excluded(known.district, need.programme, earlier.programme, None, reopening=reopening)


def _excluded(
    district: District, programme: str, other: str, number: str | None, *, reopening: bool
) -> Excluded:
    return Excluded(_named(district, programme), _named(district, other), number, reopening=reopening)


def _named(district: District, programme: str) -> Named:
    known = district.programmes.get(programme)
    return Named(programme, known.name if known else Text(programme, programme))


def tell_of_exclusion(uow: UnitOfWork, filed: Place, leg: OpenLeg, programme: str, at: datetime) -> None:
    """Tell the specialist of each street the request of the own one, and of the other no more than its street."""
    there = Place(leg.request, leg.unit, leg.street)
    programmes = [programme, leg.programme]
    for own, other in ((filed, there), (there, filed)):
        if own.street is None or (own is there and own.street == filed.street):
            continue
        seen: Mapping[str, Any] = {"street": other.street}
        if other.street == own.street:
            seen = {**seen, "request": other.request, "unit": other.unit}
        raise_task(
            uow,
            kind="exclusion",
            role=SPECIALIST,
            unit=own.unit,
            street=own.street,
            request=own.request,
            detail={"programmes": programmes, "other": seen},
            at=at,
        )
