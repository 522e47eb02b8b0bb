"""How requests and their legs are answered to the desk and the street."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields

from services.intake.domain.contact import CHANNELS
from services.intake.schemas.http import LegBrief
from shared.clock import Light
from shared.http.openapi import BothLanguages
from shared.http.schema import Schema


class LegShown(LegBrief):
    """One leg in a list."""

    number = fields.String()
    due_on = fields.Date(
        allow_none=True,
        metadata={
            "description": "by when the agency must act next: the day of the clock due first; null while none runs"
        },
    )
    light = fields.String(
        allow_none=True,
        metadata={"enum": [*get_args(Light), None], "description": "null while no agency has it yet"},
    )
    outcome = fields.String(allow_none=True)


class RequestShown(Schema):
    """A request in a list; the name is masked."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    urgency = fields.String()
    unit = fields.String()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    person = fields.Dict()
    legs = fields.List(fields.Nested(LegShown))


class RequestPage(Schema):
    """One page of requests."""

    items = fields.List(fields.Nested(RequestShown))
    next = fields.String(allow_none=True)


class LegNote(Schema):
    """What the desk should hand on with a leg; it refuses nothing."""

    code = fields.String(metadata={"enum": ["registered-elsewhere"]})
    messages = fields.Nested(BothLanguages)


class FullLeg(LegShown):
    """One leg with all that intake knows of it."""

    version = fields.Integer()
    yellow_on = fields.Date(allow_none=True)
    updated_at = fields.DateTime()
    ended_at = fields.DateTime(allow_none=True)
    cancel_requested_at = fields.DateTime(allow_none=True)
    cancel_refusal = fields.String(allow_none=True)
    beneficiary = fields.Dict(allow_none=True)
    note = fields.String(allow_none=True)
    answer = fields.Dict(allow_none=True)
    replaces = fields.UUID(allow_none=True)
    successor = fields.UUID(allow_none=True)
    frozen_at = fields.DateTime(allow_none=True)
    rating = fields.Integer(allow_none=True)
    appeal_by = fields.Date(
        allow_none=True, metadata={"description": "the last day to object, where it was refused"}
    )
    answerable = fields.String(
        allow_none=True,
        metadata={
            "description": "intake-desk until the agency has acknowledged, then agency; null once ended"
        },
    )
    notes = fields.List(fields.Nested(LegNote))


class RefusalShown(Schema):
    """A no that holds: the desk does not ask again before its time; the person may consent on any day."""

    agency = fields.String()
    programme = fields.String(allow_none=True, metadata={"description": "null: all of the agency's"})
    refused_at = fields.DateTime()
    ask_again_from = fields.DateTime()


class ContactShown(Schema):
    """A person's consent to be told of news themselves; the address is not shown."""

    id = fields.UUID()
    channels = fields.List(fields.String(metadata={"enum": list(CHANNELS)}))
    language = fields.String()
    expires_on = fields.Date()
    given_by = fields.String()
    recorded_at = fields.DateTime()
    withdrawn_at = fields.DateTime(allow_none=True)


class FullRequest(RequestShown):
    """A request with everything, for the desk that filed it."""

    receipt_code = fields.String()
    street = fields.String(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)
    forgotten_at = fields.DateTime(
        allow_none=True, metadata={"description": "since when its content is removed, its time being over"}
    )
    restricted_until = fields.DateTime(
        allow_none=True,
        metadata={"description": "erasure was approved: until then it is stored and used for nothing else"},
    )
    person_id = fields.UUID(metadata={"description": "by which a copy, an objection or erasure is asked for"})
    withdrawal_requested_at = fields.DateTime(allow_none=True)
    merged_into = fields.UUID(allow_none=True)
    answerable = fields.String(
        metadata={
            "enum": ["intake-desk", "agency"],
            "description": "agency once every open leg was acknowledged",
        }
    )
    checking = fields.Boolean(metadata={"description": "whether it waits for the street's check"})
    check_due_on = fields.Date(allow_none=True)
    possible = fields.List(
        fields.String(),
        metadata={"description": "the steps that it allows as it stands and whoever asks may take"},
    )
    answers = fields.Dict()
    legs = fields.List(fields.Nested(FullLeg))
    consents = fields.List(fields.Dict())
    contact_consent = fields.Nested(
        ContactShown, allow_none=True, metadata={"description": "whether the person is told of news, and how"}
    )
    refusals = fields.List(
        fields.Nested(RefusalShown),
        metadata={
            "description": "what the person said no to, here or in another request, and is not asked again yet"
        },
    )
    history = fields.List(fields.Dict())


class History(Schema):
    """What happened, oldest first."""

    items = fields.List(fields.Dict())


class ConsentList(Schema):
    """The stored consents of a request."""

    items = fields.List(fields.Dict())
