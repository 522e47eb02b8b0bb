"""Merges two requests of one person: what was filed twice is withdrawn, and only the one that stays takes more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import OutOfReach
from services.intake.domain.request import MERGE
from services.intake.domain.steps import require
from services.intake.persistence import cases
from services.intake.persistence.tables import requests
from services.intake.use_cases.case import Case, CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing, held_case
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.tasks import settle_tasks
from shared.db import Once
from shared.identity import Principal, allow

DUPLICATE = "duplicate"
SETTLED = ("duplicate", "exclusion")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequests:
    """Merge ``request`` into ``into``, which stays."""

    request: str
    into: str
    version: int | None = None


def merge_requests(
    context: Context, principal: Principal, command: MergeRequests, *, once: Once | None = None
) -> dict[str, Any]:
    """Merge a request into another one of the same person, both of the specialist's street.

    Each open leg for which the one that stays has an open leg of the same programme and beneficiary is withdrawn as a
    duplicate, if its agency has not accepted it; every other leg runs on as it is. Nothing can be added to the merged
    request any more.
    Gives ``{id, number, status, version, legs: [the legs withdrawn], merged_into}``.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``, of either request.
        Breach: the same request, another person's, or one that was merged before.
    """
    grant = allow(principal, "requests.merge")
    change = Change(
        request=command.request,
        action="requests.merge",
        step=MERGE,
        version=command.version,
        also=command.into,
    )
    if command.request == command.into:
        raise Breach("same-request")
    with changing(context, principal, change, once=once) as deed:
        stays = held_case(context, deed.uow, command.into)
        if not grant.reaches(unit=stays.unit, street=stays.street):
            raise OutOfReach("request", stays.id)
        require(stays.stand, MERGE, steps_allowed(principal, unit=stays.unit, street=stays.street))
        _check(deed, deed.case, stays)
        cases.change(deed.uow.connection, requests, deed.case.id, merged_into=stays.id)
        twice = [leg for leg in deed.case.legs if _is_twice(leg, stays)]
        for leg in twice:
            deed.cancel(leg, DUPLICATE)
        codes = {"into": stays.id, "number": stays.number}
        deed.note("merged", detail=codes)
        deed.audit("request.merged", legs=[leg.id for leg in twice], **codes)
        other = Deed(context, deed.uow, stays, deed.at, deed.by)
        other.note("merged-from", detail={"from": deed.case.id, "number": deed.case.number})
        other.close()
        for one in (deed.case, stays):
            settle_tasks(deed.uow, one.id, *SETTLED, at=deed.at, by=deed.by.staff)
        shown = {leg.id: leg for leg in twice}
        deed.uow.result = deed.answer(shown, merged_into={"id": stays.id, "number": stays.number})
    answer: dict[str, Any] = deed.uow.result
    return answer


def _check(deed: Deed, case: Case, stays: Case) -> None:
    for one in (case, stays):
        if one.merged_into is not None:
            raise Breach("merged", number=cases.number_of(deed.uow.connection, one.merged_into))
    if case.id_index is None or case.id_index != stays.id_index:
        raise Breach("different-person")


def _is_twice(leg: CaseLeg, stays: Case) -> bool:
    if leg.ended or leg.cancelling:
        return False
    return any(
        not other.ended
        and (other.need.programme, other.need.beneficiary) == (leg.need.programme, leg.need.beneficiary)
        for other in stays.legs
    )
