"""Files a request: one unit of work, from what was said at the desk to the events that start its referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.intake.domain import events
from services.intake.domain.errors import InvalidFiling, NoPost
from services.intake.domain.filing import SubmitRequest
from services.intake.domain.request import PLANNED, SUBMITTED
from services.intake.persistence import requests as store
from services.intake.use_cases.check_filing import check
from services.intake.use_cases.context import Context
from services.intake.use_cases.filing_warnings import Hint, at_own_desk, other_desk, seen_in_the_filing
from services.intake.use_cases.seal_legs import PlannedLeg, plan_legs
from services.intake.use_cases.written_rows import Filed, consent_rows, leg_rows, person_row
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
    filed = Filed(filing.request, filing.person, filing.staff, now)
    consents = consent_rows(context, filed, command.consents)
    person = person_row(context, filing.person, command.person)
    with context.database.unit_of_work(once=once) as uow:
        known = store.open_legs_of(uow.connection, person["id_index"]) if person["id_index"] else []
        store.add(
            uow, person, _request_row(context, filing, command), leg_rows(context, filed, legs), consents
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
