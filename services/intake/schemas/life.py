"""The decisions about a request as a whole over HTTP: the street's check, the follow-up call, the household."""

from __future__ import annotations

from marshmallow import fields

from services.intake.domain import follow_up, household, street_check
from services.intake.schemas.http import LegBrief
from shared.http.schema import Choice, Id, Length, Range, Schema

WORDS = Length(max=500)


class SendBackBody(Schema):
    """Why a request is sent back: reasons as codes, and in words, which stay at the desk."""

    reasons = fields.List(
        fields.String(validate=Choice(street_check.REASONS)),
        required=True,
        validate=Length(min=1, max=len(street_check.REASONS)),
    )
    words = fields.String(validate=WORDS)


class FollowUpBody(Schema):
    """A call made after the last leg has ended."""

    reached = fields.Boolean(required=True)
    outcome = fields.String(required=True, validate=Choice(follow_up.OUTCOMES))
    satisfied = fields.Integer(
        strict=True,
        validate=Range(*follow_up.RATING),
        metadata={"description": "1 not at all to 5 very satisfied"},
    )
    words = fields.String(validate=WORDS)


class Decided(Schema):
    """A request after a decision, briefly."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    legs = fields.List(fields.Nested(LegBrief))


class MemberBody(Schema):
    """One further member of a household."""

    request = Id(required=True)
    relation = fields.String(required=True, validate=Choice(household.RELATIONS))


class HouseholdBody(Schema):
    """The members beside the person of the request; an empty list takes the household apart."""

    members = fields.List(fields.Nested(MemberBody), required=True, validate=Length(max=20))


class MemberShown(Schema):
    """A member, with the name masked."""

    request = fields.UUID()
    number = fields.String()
    status = fields.String()
    name = fields.String()
    relation = fields.String(metadata={"enum": [household.SELF, *household.RELATIONS]})


class HouseholdShown(Schema):
    """A household; null and empty where the request belongs to none."""

    household = fields.UUID(allow_none=True)
    version = fields.Integer()
    members = fields.List(fields.Nested(MemberShown))
