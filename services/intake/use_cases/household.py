"""Households: linking the requests of one desk whose persons live together, and showing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from services.intake.domain.errors import Fault, InvalidFiling, OutOfReach
from services.intake.domain.household import ELSEWHERE, LEFT_OUT, NOT_YOURS, SELF, Member, check_members
from services.intake.domain.masking import mask_name
from services.intake.domain.request import HOUSEHOLD
from services.intake.domain.steps import Stand, require
from services.intake.persistence import cases, households, life
from services.intake.persistence.tables import requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import held_case
from services.intake.use_cases.found_later import compare_anew
from services.intake.use_cases.known_legs import is_wide, known_legs
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.missing import missing
from services.intake.use_cases.withdraw_request import StaleRequest
from shared import ids
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.identity import Grant, Principal, allow


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHousehold:
    """Make the person of ``request`` head a household of these members, and no others; of none, and it is no more."""

    request: str
    members: tuple[Member, ...]
    version: int | None = None


def link_household(context: Context, principal: Principal, command: LinkHousehold) -> dict[str, Any]:
    """Link requests as one household; gives it as ``read_household`` does.

    Raises:
        Forbidden: no post of the principal links households.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at the version named.
        IllegalStep: the request was withdrawn.
        InvalidFiling: a member is not of the same desk, stands twice, or belongs to another household; or the request
            belongs to one that another heads, and does not name all of it.
    """
    grant = allow(principal, "requests.link-household")
    check_members(command.request, command.members)
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        wanted = [command.request, *(member.request for member in command.members)]
        rows = households.lock(uow.connection, wanted)
        head = rows.get(command.request)
        if head is None:
            raise missing(uow.connection, "request", command.request)
        if not grant.reaches(unit=head["unit"]):
            raise OutOfReach("request", head["id"])
        if command.version not in {None, head["version"]}:
            raise StaleRequest(head["version"], head["status"], command.version)
        may = steps_allowed(principal, unit=head["unit"], street=head["street"])
        require(Stand(status=head["status"]), HOUSEHOLD, may)
        household = head["household_id"] or ids.at(now)
        _check(command.members, rows, grant, household)
        _check_nobody_is_left_out(uow, grant, head, wanted)
        relations = [(head["id"], SELF), *((member.request, member.relation) for member in command.members)]
        households.replace(uow.connection, household, relations if command.members else [])
        if command.members:
            _compare_anew(context, uow, wanted, now)
        cases.change(uow.connection, requests, head["id"], version=head["version"] + 1, updated_at=now)
        life.add_fact(
            uow,
            life.Fact(
                id=ids.at(now),
                request=head["id"],
                fact="household-linked",
                status=head["status"],
                at=now,
                staff=principal.staff,
                detail={"members": len(command.members)},
            ),
        )
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action="request.household-linked",
                object_type="request",
                object_id=head["id"],
                detail={"members": [member.request for member in command.members]},
            )
        )
        return _shown(context, uow, grant, household if command.members else None, head["version"] + 1)


def read_household(context: Context, principal: Principal, request: str) -> dict[str, Any]:
    """Give ``{household, version, members: [{request, number, status, name, relation}]}``, names masked.

    Raises:
        Forbidden: no post of the principal allows reading requests.
        NotThere: there is no such request within reach.
    """
    grant = allow(principal, "requests.read")
    with context.database.unit_of_work() as uow:
        row = households.lock(uow.connection, [request]).get(request)
        if row is None:
            raise missing(uow.connection, "request", request)
        if not grant.reaches(unit=row["unit"], street=row["street"]):
            raise OutOfReach("request", row["id"])
        uow.audit(
            AuditEntry(
                at=context.clock.now(),
                actor=principal.staff,
                post=str(grant.post),
                action="request.opened",
                object_type="request",
                object_id=row["id"],
                detail={"part": "household"},
            )
        )
        return _shown(context, uow, grant, row["household_id"], row["version"])


def _compare_anew(context: Context, uow: UnitOfWork, linked: Sequence[str], at: datetime) -> None:
    """Look what helps the whole household and was asked for by two of it, each for themselves."""
    district = context.directory.current()
    for place, request in enumerate(linked):
        case = held_case(context, uow, request)
        legs = [leg for leg in case.legs if not leg.ended and is_wide(district, leg.need.programme)]
        needs = [leg.need for leg in legs]
        known = known_legs(context, uow.connection, district, case.place, case.filer, needs)
        compare_anew(uow, legs, known, at, besides=linked[:place])


def _check(members: Sequence[Member], rows: Any, grant: Grant, household: str) -> None:  # noqa: ANN401 - rows by id
    faults = []
    for place, member in enumerate(members):
        row, path = rows.get(member.request), f"members.{place}.request"
        if row is None or not grant.reaches(unit=row["unit"]):
            faults.append(Fault(path, NOT_YOURS))
        elif row["household_id"] not in {None, household}:
            faults.append(Fault(path, ELSEWHERE))
    if faults:
        raise InvalidFiling(faults)


def _check_nobody_is_left_out(
    uow: UnitOfWork, grant: Grant, linking: RowMapping, wanted: Sequence[str]
) -> None:
    """Object to taking apart, unseen, the household that another request heads."""
    if linking["household_id"] is None or linking["household_relation"] == SELF:
        return
    family = [
        row
        for row in households.members_of(uow.connection, linking["household_id"])
        if grant.reaches(unit=row["unit"])
    ]
    if missing := [row["number"] for row in family if row["id"] not in wanted]:
        # Its head may have been moved to another desk; then whoever comes first here stands for it.
        head, numbers = family[0]["number"], ", ".join(missing)
        raise InvalidFiling([Fault("members", LEFT_OUT.format(head=head, numbers=numbers))])


def _shown(
    context: Context, uow: UnitOfWork, grant: Grant, household: str | None, version: int
) -> dict[str, Any]:
    rows = households.members_of(uow.connection, household) if household else []
    decrypt = context.keyring.fields.decrypt
    return {
        "household": household,
        "version": version,
        "members": [
            {
                "request": row["id"],
                "number": row["number"],
                "status": row["status"],
                "name": mask_name(decrypt("people", "name", row["person_id"], row["person_name"])),
                "relation": row["household_relation"],
            }
            for row in rows
            # A case that was moved stays linked, but neither desk sees the other's.
            if grant.reaches(unit=row["unit"], street=row["street"])
        ],
    }
