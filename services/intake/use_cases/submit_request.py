"""Files a request: one unit of work, from what was said at the desk to the events that start its referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.intake.domain import disclosure, events
from services.intake.domain.errors import InvalidFiling, NoPost
from services.intake.domain.filing import DATA_KINDS, Consent, Person, SubmitRequest
from services.intake.domain.request import PLANNED, SUBMITTED
from services.intake.persistence import requests as store
from services.intake.use_cases.check_filing import check
from services.intake.use_cases.context import Context
from services.intake.use_cases.filing_warnings import Hint, at_own_desk, other_desk, seen_in_the_filing
from services.intake.use_cases.seal_legs import PlannedLeg, plan_legs
from shared import ids
from shared.audit import AuditEntry
from shared.db import Once, UnitOfWork
from shared.directory import District
from shared.events import Event
from shared.identity import Grant, Principal, allow


@dataclass(frozen=True, slots=True)
class _Filing:
    """What is settled before the transaction begins."""

    request: str
    person: str
    number: str
    receipt_code: str
    unit: str
    street: str | None
    pack: str
    now: datetime
    staff: str
    post: str


def submit_request(
    context: Context, principal: Principal, command: SubmitRequest, *, once: Once | None = None
) -> dict[str, Any]:
    """File a request at the unit of the principal's post.

    Gives ``{id, number, receipt_code, status, version, legs: [{id, programme, agency, status}], warnings}``, where
    a warning is ``{code, field, messages: {zh, en}}``.

    Raises:
        Forbidden: no post of the principal allows filing.
        NoPost: the post's unit is not in this district.
        InvalidFiling: naming every field that cannot be accepted; nothing is stored.
    """
    grant = allow(principal, "requests.file")
    district = context.directory.current()
    now = context.clock.now()
    local = now.astimezone(ZoneInfo(district.timezone))
    kinds = _checked(context, command, district, local.date(), once)
    unit = _unit_of(grant, district.units)
    request = ids.at(now)
    filing = _Filing(
        request=request,
        person=ids.at(now),
        number=context.numbers.next(district.letters, local.year),
        receipt_code=context.keyring.receipt_code(request),
        unit=unit,
        street=district.street_of(unit),
        pack=district.version,
        now=now,
        staff=principal.staff,
        post=str(grant.post),
    )
    legs = plan_legs(context, district, command, kinds, now, local.year)
    consents = _consent_rows(context, filing, command.consents)
    person = _person_row(context, filing.person, command.person)
    with context.database.unit_of_work(once=once) as uow:
        known = store.open_legs_of(uow.connection, person["id_index"]) if person["id_index"] else []
        store.add(
            uow, person, _request_row(context, filing, command), _leg_rows(context, filing, legs), consents
        )
        uow.record(_submitted(context, filing, command, legs))
        _audit(uow, filing, "request.filed", legs=len(legs))
        if other_desk(known, filing.unit, command):
            _audit(uow, filing, "duplicate.looked-up", found="duplicate_of_other_unit")
        warnings = [
            *seen_in_the_filing(command, district),
            *at_own_desk(known, filing.unit, command, district),
        ]
        uow.result = _answer(filing, legs, warnings)
    answer: dict[str, Any] = uow.result
    return answer


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


def _unit_of(grant: Grant, units: Mapping[str, Any]) -> str:
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


def _person_row(context: Context, row: str, person: Person) -> dict[str, Any]:
    encrypt, full = context.keyring.fields.encrypt, context.keyring.index.full
    born = person.birth_date.isoformat() if person.birth_date else None
    return {
        "id": row,
        "name": encrypt("people", "name", row, person.name),
        "name_pinyin": encrypt("people", "name_pinyin", row, person.name_pinyin),
        "id_number": encrypt("people", "id_number", row, person.id_number),
        "phone": encrypt("people", "phone", row, person.phone),
        "birth_date": encrypt("people", "birth_date", row, born),
        "household_registration": encrypt(
            "people", "household_registration", row, person.household_registration
        ),
        "name_index": full("name", person.name),
        "id_index": full("id_number", person.id_number) if person.id_number else None,
        "phone_index": full("phone", person.phone) if person.phone else None,
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
    }


def _leg_rows(context: Context, filing: _Filing, legs: Sequence[PlannedLeg]) -> list[dict[str, Any]]:
    encrypt = context.keyring.fields.encrypt
    rows = []
    for position, leg in enumerate(legs):
        beneficiary = leg.need.beneficiary
        described = orjson.dumps(disclosure.describe(beneficiary)) if beneficiary else None
        rows.append(
            {
                "id": leg.id,
                "request_id": filing.request,
                "position": position,
                "number": leg.number,
                "agency": leg.agency,
                "programme": leg.need.programme,
                "beneficiary": encrypt("legs", "beneficiary", leg.id, described),
                "note": encrypt("legs", "note", leg.id, leg.need.note),
                "status": PLANNED,
                "version": 0,
                "updated_at": filing.now,
            }
        )
    return rows


def _consent_rows(context: Context, filing: _Filing, consents: Sequence[Consent]) -> list[dict[str, Any]]:
    encrypt = context.keyring.fields.encrypt
    rows = []
    for consent in consents:
        particulars = orjson.dumps(dict(consent.particulars)) if consent.particulars else None
        for programme in consent.programmes:
            row = ids.at(filing.now)
            rows.append(
                {
                    "id": row,
                    "request_id": filing.request,
                    "person_id": filing.person,
                    "agency": consent.agency,
                    "programme": programme,
                    "data_kinds": [kind for kind in DATA_KINDS if kind in consent.data_kinds],
                    "purpose": consent.purpose,
                    "basis": consent.basis,
                    "starts_on": consent.starts_on,
                    "expires_on": consent.expires_on,
                    "given_by": consent.given_by,
                    "particulars": encrypt("consents", "particulars", row, particulars),
                    "recorded_at": filing.now,
                    "recorded_by": filing.staff,
                }
            )
    return rows


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
    )
    stamp = events.Stamp(
        id=ids.new(), source=context.source, request=filing.request, time=filing.now, sequence=1
    )
    return events.request_submitted(stamp, submission, [leg.sealed for leg in legs])


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
