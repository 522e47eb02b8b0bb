"""Programmes that cannot be open beside one another: refused at the own desk, elsewhere the streets are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.intake.domain.exclusions import Excluded, Named
from services.intake.domain.filing import Need
from services.intake.domain.tasks import SPECIALIST
from services.intake.persistence.open_legs import OpenLeg, open_legs_among
from services.intake.persistence.requests import OpenElsewhere
from services.intake.use_cases.duplicates import Place
from services.intake.use_cases.tasks import raise_task
from shared.db import UnitOfWork
from shared.directory import District


class Known(NamedTuple):
    """The keyed hash of somebody's ID number, and the open legs it led to, whomever of the family they are for."""

    id_index: bytes | None
    legs: Sequence[OpenElsewhere]


def refuse_exclusions(
    uow: UnitOfWork,
    filed: Place,
    needs: Sequence[Need],
    known: Known,
    district: District,
    at: datetime,
    *,
    beside: Sequence[Need] = (),
) -> bool:
    """Refuse what excludes one another; tells whether the specialists were told of something at another desk.

    Refused is what is asked for together or ``beside`` it in the same request, and what an open leg of the same person
    excludes, if that leg was filed at this very desk (``known``: what the full keyed hash of the ID number has led to).
    Of a leg filed elsewhere this desk learns nothing: what was asked for is accepted without a word, so that typing an
    ID number never reveals a neighbour.

    Raises:
        Excluded: naming the two programmes and the request that holds the other one.
    """
    _among_themselves([*beside, *needs], district, since=len(beside))
    # What is asked for somebody else of the family excludes nothing of the person's own.
    closed = {need.programme: excluded_by(district, need.programme) for need in needs if not need.beneficiary}
    wanted = frozenset[str]().union(*closed.values())
    if known.id_index is None or not any(leg.programme in wanted for leg in known.legs):
        return False
    elsewhere: dict[str, tuple[OpenLeg, str]] = {}
    for leg in open_legs_among(uow.connection, known.id_index, wanted):
        programme = next(name for name, others in closed.items() if leg.programme in others)
        if leg.unit == filed.unit:
            raise _excluded(district, programme, leg.programme, leg.number)
        elsewhere.setdefault(leg.request, (leg, programme))
    for leg, programme in elsewhere.values():
        _tell_specialists(uow, filed, leg, programme, at)
    return bool(elsewhere)


def excluded_by(district: District, programme: str) -> frozenset[str]:
    """Name the programmes that cannot be open beside one, whichever of the two says so."""
    others = district.programmes.values()
    return frozenset(district.programmes[programme].excludes).union(
        other.id for other in others if programme in other.excludes
    )


def _among_themselves(needs: Sequence[Need], district: District, *, since: int) -> None:
    for place, need in enumerate(needs[since:], since):
        others = excluded_by(district, need.programme)
        for earlier in needs[:place]:
            if earlier.programme in others and earlier.beneficiary == need.beneficiary:
                raise _excluded(district, need.programme, earlier.programme, None)


def _excluded(district: District, programme: str, other: str, number: str | None) -> Excluded:
    names = district.programmes
    return Excluded(Named(programme, names[programme].name), Named(other, names[other].name), number)


def _tell_specialists(uow: UnitOfWork, filed: Place, leg: OpenLeg, programme: str, at: datetime) -> None:
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
