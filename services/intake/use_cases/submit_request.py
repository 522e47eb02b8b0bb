"""Files a request: one unit of work, from what was said at the desk to the events that start its referrals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.intake.domain import events
from services.intake.domain.errors import InvalidFiling, NoPost
from services.intake.domain.filing import EMERGENCY, SubmitRequest
from services.intake.domain.refusals import FACT as REFUSED
from services.intake.domain.request import PLANNED, SUBMITTED
from services.intake.domain.tasks import SPECIALIST
from services.intake.domain.whom import Filer, Place
from services.intake.persistence import contact as contacts
from services.intake.persistence import life
from services.intake.persistence import requests as store
from services.intake.use_cases import capacities, contact, needs_first
from services.intake.use_cases.check_filing import check
from services.intake.use_cases.context import Context
from services.intake.use_cases.duplicates import elsewhere, tell_specialists
from services.intake.use_cases.exclusions import refuse_exclusions
from services.intake.use_cases.filing_warnings import (
    Hint,
    about_beneficiaries,
    at_own_desk,
    seen_in_the_filing,
)
from services.intake.use_cases.known_legs import known_legs
from services.intake.use_cases.leg_papers import papers_of_draft
from services.intake.use_cases.seal_legs import PlannedLeg, plan_legs, sent
from services.intake.use_cases.tasks import raise_task
from services.intake.use_cases.written_rows import Filed, consent_rows, leg_rows, person_row
from shared import ids
from shared.audit import AuditEntry
from shared.clock import Deadline, deadline
from shared.db import Once, UnitOfWork
from shared.db.reach import beyond
from shared.directory import District
from shared.events import Event
from shared.identity import Grant, Principal, allow


@dataclass(frozen=True, slots=True)
class _Filing:
    """What is settled before the transaction begins."""

    request: str
    person: str
    number: str
    receipt_code: str = field(repr=False)
    unit: str
    street: str | None
    pack: str
    now: datetime
    staff: str
    post: str
    check: Deadline | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The draft that becomes a request of the same id at the same unit; ``take`` ends it in the same transaction."""

    id: str
    unit: str
    take: Callable[[UnitOfWork], None]


def submit_request(
    context: Context,
    principal: Principal,
    command: SubmitRequest,
    *,
    once: Once | None = None,
    origin: Origin | None = None,
) -> dict[str, Any]:
    """File a request at the unit of the principal's post, or at that of the draft it comes from.

    Where the district wants the street to check it first, it waits for that; a desk of no street is checked by none.

    Gives ``{id, number, receipt_code, status, version, legs: [{id, programme, agency, status}], warnings, checklist}``,
    where a warning is ``{code, field, messages: {zh, en}}`` and a line of the checklist what a leg needs first.

    Raises:
        Forbidden: no post of the principal allows filing.
        NoPost: the post's unit is not in this district.
        InvalidFiling: naming every field that cannot be accepted; nothing is stored.
        Excluded: what was asked for cannot be open together, or beside an open leg filed at this desk.
        MissingKey: an agency's keys are not there; nothing is begun, not even a number.
    """
    grant = allow(principal, "requests.file")
    district = context.directory.current()
    now = context.clock.now()
    local = now.astimezone(ZoneInfo(district.timezone))
    kinds = _checked(context, command, district, local.date(), once)
    # Before a number is spent on what could not be sealed.
    context.keyring.ready_for({district.programmes[need.programme].agency for need in command.needs})
    unit = origin.unit if origin else unit_of(grant, district.units)
    request = origin.id if origin else ids.at(now)
    street = district.street_of(unit)
    filing = _Filing(
        request=request,
        person=ids.at(now),
        number=context.numbers.next(district.letters, local.year),
        receipt_code=context.keyring.receipt_code(request),
        unit=unit,
        street=street,
        pack=district.version,
        now=now,
        staff=principal.staff,
        post=str(grant.post),
        check=check_deadline(district, street, now),
    )
    legs: Sequence[PlannedLeg] = () if origin else plan_legs(context, district, command, kinds, now)
    filed = Filed(filing.request, filing.person, filing.staff, now)
    consents = consent_rows(context, filed, command.consents)
    person = person_row(context, filing.person, command.person)
    place = Place(filing.request, filing.unit, filing.street)
    # From its beginning, since a filing must not wait for the database once more: of what others have filed it looks up
    # what is open for the same people, and reads nothing else of anybody's.
    with beyond(), context.database.unit_of_work(once=once) as uow:
        if origin is not None:
            origin.take(uow)
            # Only now can nobody add a paper to the draft any more.
            papers = papers_of_draft(context, uow.connection, district, request)
            legs = plan_legs(context, district, command, kinds, now, papers=papers)
        filer = Filer(person["id_index"], None, person["name_index"], command.person.birth_date)
        known = known_legs(context, uow.connection, district, place, filer, command.needs)
        store.add(
            uow, person, _request_row(context, filing, command), leg_rows(context, filed, legs), consents
        )
        uow.record(_submitted(context, filing, command, legs))
        _let_be_told(context, uow, filing, command)
        _note_refusals(uow, filing, command)
        _audit(uow, filing, "request.filed", legs=len(legs), sent=sent(legs, kinds))
        if twice := elsewhere(known, command.needs):
            _audit(uow, filing, "duplicate.looked-up", found="duplicate_of_other_unit")
            tell_specialists(uow, place, twice, now)
        if refuse_exclusions(uow, command.needs, known, now):
            _audit(uow, filing, "exclusion.looked-up", found="exclusion_by_other_unit")
        _raise_tasks(uow, filing, command, district)
        places = capacities.places_of(uow.connection, district, command.needs)
        first = needs_first.lacking(command.needs, command.answers, known.own_here(), district)
        warnings = [
            *seen_in_the_filing(command, district),
            *about_beneficiaries(command.person, command.needs, district, local.date()),
            *at_own_desk(known, command.needs),
            *needs_first.warnings(first),
            *capacities.warnings(command.needs, places, district),
        ]
        lines = needs_first.checklist(first, [leg.id for leg in legs])
        uow.result = _answer(filing, legs, warnings) | {"checklist": lines}
    answer: dict[str, Any] = uow.result
    return answer


def check_deadline(district: District, street: str | None, now: datetime) -> Deadline | None:
    """Give by when the street is to check what is filed now; None where the district wants no check."""
    if not district.specialist_check or street is None:
        return None
    return deadline(district.limits["assign"], now, district.calendar, district.timezone)


def _checked(
    context: Context, command: SubmitRequest, district: District, today: date, once: Once | None
) -> dict[str, frozenset[str]]:
    try:
        return check(command, district, today)
    except InvalidFiling:
        if once is not None:
            # What was accepted stays accepted: sent again after a consent ran out, it still gets its first answer.
            with context.database.unit_of_work(once=once):
                raise
        raise


def unit_of(grant: Grant, units: Mapping[str, Any]) -> str:
    """Give the unit of the first post that has one in this district; raises ``NoPost`` when none has."""
    for post in grant.posts:
        if post.unit in units:
            return str(post.unit)
    raise NoPost


def _answer(filing: _Filing, legs: Sequence[PlannedLeg], warnings: list[Hint]) -> dict[str, Any]:
    return {
        "id": filing.request,
        "number": filing.number,
        "receipt_code": filing.receipt_code,
        "status": SUBMITTED,
        "version": 1,
        "legs": [
            {"id": leg.id, "programme": leg.need.programme, "agency": leg.agency, "status": PLANNED}
            for leg in legs
        ],
        "warnings": warnings,
    }


def _request_row(context: Context, filing: _Filing, command: SubmitRequest) -> dict[str, Any]:
    answers = orjson.dumps(dict(command.answers)) if command.answers else None
    return {
        "id": filing.request,
        "number": filing.number,
        "receipt_index": context.keyring.index.full("receipt_code", filing.receipt_code),
        "person_id": filing.person,
        "unit": filing.unit,
        "street": filing.street,
        "residence": command.person.residence,
        "urgency": command.urgency,
        "pack": filing.pack,
        "answers": context.keyring.fields.encrypt("requests", "answers", filing.request, answers),
        "filed_by": filing.staff,
        "status": SUBMITTED,
        "version": 1,
        "event_sequence": 1,
        "created_at": filing.now,
        "updated_at": filing.now,
        **life.due_for_check(*((filing.check.due_on, filing.check.due_at) if filing.check else (None, None))),
    }


def _raise_tasks(uow: UnitOfWork, filing: _Filing, command: SubmitRequest, district: District) -> None:
    place: dict[str, Any] = {
        "unit": filing.unit,
        "street": filing.street,
        "request": filing.request,
        "at": filing.now,
    }
    if filing.check is not None:
        raise_task(uow, kind="check", role=SPECIALIST, due_on=filing.check.due_on, **place)
    if any(consent.basis == EMERGENCY for consent in command.consents):
        due = deadline(
            district.limits["first_contact"], filing.now, district.calendar, district.timezone
        ).due_on
        raise_task(uow, kind="inform-afterwards", due_on=due, **place)


def _let_be_told(context: Context, uow: UnitOfWork, filing: _Filing, command: SubmitRequest) -> None:
    if command.contact is None:
        return
    row = contact.row_of(context, filing.request, command.contact, staff=filing.staff, now=filing.now)
    uow.add(contacts.NEW, [row])
    uow.record(contact.told(context, row, command.contact, command.person, filing.now))
    _audit(uow, filing, contact.RECORDED, channels=list(command.contact.channels), consent=row["id"])


def _submitted(
    context: Context, filing: _Filing, command: SubmitRequest, legs: Sequence[PlannedLeg]
) -> Event:
    submission = events.Submission(
        number=filing.number,
        unit=filing.unit,
        street=filing.street,
        residence=command.person.residence,
        urgency=command.urgency,
        pack=filing.pack,
        check=filing.check is not None,
    )
    stamp = events.Stamp(
        id=ids.new(), source=context.source, request=filing.request, time=filing.now, sequence=1
    )
    return events.request_submitted(stamp, submission, [leg.sealed for leg in legs])


def _note_refusals(uow: UnitOfWork, filing: _Filing, command: SubmitRequest) -> None:
    for refused in command.refused:
        detail = {"agency": refused.agency, "programmes": list(refused.programmes)}
        fact = life.Fact(
            id=ids.at(filing.now),
            request=filing.request,
            fact=REFUSED,
            status=SUBMITTED,
            at=filing.now,
            staff=filing.staff,
            detail=detail,
        )
        life.add_fact(uow, fact)
        _audit(uow, filing, "consent.refused", **detail)


def _audit(uow: UnitOfWork, filing: _Filing, action: str, **detail: Any) -> None:  # noqa: ANN401 - codes and counts
    uow.audit(
        AuditEntry(
            at=filing.now,
            actor=filing.staff,
            post=filing.post,
            action=action,
            object_type="request",
            object_id=filing.request,
            detail=detail,
        )
    )
