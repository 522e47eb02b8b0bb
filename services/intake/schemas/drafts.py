"""Drafts and leads over HTTP: any state short of a filing is taken, and told what it still lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from services.intake.domain.errors import Fault, InvalidFiling
from services.intake.domain.filing import SubmitRequest
from services.intake.schemas.http import CODE, NAME, PHONE, SubmitBody, to_submit
from shared.http.openapi import ProblemField
from shared.http.schema import Length, Schema
from shared.http.wording import field_errors

_HALF = Length(max=120)
"""What may be half typed: any text, as long as it is short."""


def _half() -> fields.String:
    return fields.String(allow_none=True, validate=_HALF)


class DraftPerson(Schema):
    """What is known of the person so far."""

    name = _half()
    id_number = _half()
    phone = _half()
    birth_date = _half()
    residence = _half()
    household_registration = _half()
    name_pinyin = _half()


class DraftBeneficiary(Schema):
    """What is known so far of the one whom a leg is for."""

    relation = _half()
    name = _half()
    id_number = _half()
    birth_date = _half()


class DraftLeg(Schema):
    """A leg that is thought of."""

    programme = _half()
    beneficiary = fields.Nested(DraftBeneficiary, allow_none=True)
    note = fields.String(allow_none=True, validate=Length(max=500))


class DraftGuardian(Schema):
    """Who will consent in the person's place, as far as is known."""

    name = _half()
    relation = _half()
    phone = _half()


class DraftForm(Schema):
    """The form a consent is being taken on."""

    number = _half()
    date = _half()


class DraftConsent(Schema):
    """A consent that is being taken."""

    agency = _half()
    programmes = fields.List(fields.String(validate=_HALF), validate=Length(max=40))
    data_kinds = fields.List(fields.String(validate=_HALF), validate=Length(max=20))
    purpose = _half()
    basis = _half()
    reason = fields.String(allow_none=True, validate=Length(max=500))
    starts_on = _half()
    expires_on = _half()
    given_by = _half()
    guardian = fields.Nested(DraftGuardian, allow_none=True)
    cosigned_by = _half()
    witnessed_by = _half()
    form = fields.Nested(DraftForm, allow_none=True)
    how = _half()


class DraftRefusal(Schema):
    """A no, as far as it was written down."""

    agency = _half()
    programmes = fields.List(fields.String(validate=_HALF), validate=Length(max=40))


class DraftBody(Schema):
    """A request as far as it has come; lists are replaced whole, objects member by member, null takes a member away."""

    person = fields.Nested(DraftPerson, allow_none=True)
    legs = fields.List(fields.Nested(DraftLeg), allow_none=True, validate=Length(max=30))
    consents = fields.List(fields.Nested(DraftConsent), allow_none=True, validate=Length(max=60))
    refusals = fields.List(fields.Nested(DraftRefusal), allow_none=True, validate=Length(max=30))
    urgency = _half()
    answers = fields.Dict(
        keys=fields.String(validate=CODE),
        allow_none=True,
        validate=Length(max=200),
        metadata={"description": "by field id of the district"},
    )
    errand = fields.String(allow_none=True, validate=Length(max=200))


class DraftQuery(Schema):
    """Which part of one's own drafts to list."""

    limit = fields.String()
    cursor = fields.String()


class DraftBrief(Schema):
    """A draft in a list; the name is masked."""

    id = fields.UUID()
    status = fields.String(metadata={"enum": ["draft"]})
    version = fields.Integer()
    unit = fields.String()
    origin = fields.String(metadata={"enum": ["desk", "lead"]})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    expires_on = fields.Date(
        allow_none=True, metadata={"description": "the last day it is kept; null once a consent stands in it"}
    )
    name = fields.String(allow_none=True)
    programmes = fields.List(fields.String())


class DraftShown(DraftBrief):
    """A draft with all that is in it, and what it still lacks to be submitted."""

    body = fields.Nested(DraftBody)
    missing = fields.List(fields.Nested(ProblemField))


class DraftPage(Schema):
    """One page of drafts."""

    items = fields.List(fields.Nested(DraftBrief))
    next = fields.String(allow_none=True)


class LeadBody(Schema):
    """Somebody a grid worker has met who may need help: who, what for, and in which community of the own grid."""

    name = fields.String(required=True, validate=NAME)
    phone = fields.String(validate=PHONE)
    errand = fields.String(required=True, validate=Length(min=1, max=200))
    community = fields.String(required=True, validate=CODE)


class LeadShown(Schema):
    """A lead that was handed on to the desk."""

    id = fields.UUID()
    name = fields.String()
    errand = fields.String()
    community = fields.String()
    reported_at = fields.DateTime()


_SUBMIT = SubmitBody()


def filing_of(body: Mapping[str, Any]) -> SubmitRequest:
    """Make the command to file from a draft; what is empty counts as not given.

    Raises:
        InvalidFiling: naming every field that lacks or is of the wrong form.
    """
    given = {name: value for name, value in body.items() if name != "errand"}
    try:
        return to_submit(_SUBMIT.load({"person": {}, "legs": []} | _filled(given)))
    except ValidationError as error:
        faults = [Fault(found.field, found.message) for found in field_errors(error.messages)]
        raise InvalidFiling(faults) from error


def _filled(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        made = {name: _filled(part) for name, part in value.items()}
        return {name: part for name, part in made.items() if part not in (None, "", {})}
    if isinstance(value, list):
        return [_filled(part) for part in value]
    return value
