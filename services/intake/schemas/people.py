"""What a person asks for as of right, over HTTP: a copy, who was given what, objection, erasure."""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import fields

from services.intake.domain import rights
from services.intake.schemas.shown import FullRequest
from shared.http.exports import REASON, Watermark
from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Id, Length, Range, Schema

WORDS = Length(min=1, max=1000)
FAR = datetime(2200, 1, 1, tzinfo=UTC)
"""No hold is for ever; and no moment is so far that another zone has no name for it."""


class ErasureQuery(Schema):
    """Which page of the list."""

    limit = fields.String()
    cursor = fields.String()


class ExportQuery(Schema):
    """Why a copy is taken; it stands on the copy and in the audit log."""

    reason = fields.String(required=True, validate=REASON)


class Disclosure(Schema):
    """Something that was passed on, or an opening of it."""

    kind = fields.String(metadata={"enum": ["sent", "opened"]})
    what = fields.String(metadata={"enum": ["packet", "message", "paper", "messages"]})
    at = fields.DateTime()
    request = fields.UUID()
    leg = fields.UUID()
    number = fields.String()
    agency = fields.String()
    agency_name = fields.Nested(BothLanguages, allow_none=True)
    programme = fields.String()
    keys = fields.String(
        metadata={
            "enum": ["platform", "own"],
            "description": "own: the agency reads in a system of its own, which does not tell us when",
        }
    )
    post = fields.String(allow_none=True)
    data_kinds = fields.List(fields.String(), allow_none=True)
    fields_ = fields.List(fields.String(), allow_none=True, data_key="fields", attribute="fields")
    basis = fields.String(allow_none=True)
    purpose = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class Disclosures(Schema):
    """Who was given what, and who looked, oldest first."""

    items = fields.List(fields.Nested(Disclosure))


class Holder(Schema):
    """An agency that was given something, and what is known of it there."""

    leg = fields.UUID()
    number = fields.String()
    agency = fields.String()
    name = fields.Nested(BothLanguages, allow_none=True)
    contact = fields.Nested(BothLanguages, allow_none=True)
    keys = fields.String(metadata={"enum": ["platform", "own"]})
    state = fields.String(metadata={"enum": ["none", "holds", "asked", "deleted", "answered"]})
    statement = fields.Nested(BothLanguages, allow_none=True)
    answer = fields.String(allow_none=True, metadata={"enum": [*rights.ANSWERS, None]})
    answer_text = fields.Nested(BothLanguages, allow_none=True)
    answered_at = fields.DateTime(allow_none=True)


class ToldLeg(Schema):
    """A leg an objection is about: its agency was told, or why it was not."""

    leg = fields.UUID()
    agency = fields.String()
    sent = fields.Boolean()
    why = fields.String(allow_none=True, metadata={"enum": ["nothing-there", "leg-frozen", None]})


class ObjectBody(Schema):
    """What the person holds against how their data are used; ``legs``: about these alone."""

    text = fields.String(required=True, validate=WORDS)
    legs = fields.List(Id(), load_default=list, validate=Length(max=50))


class AnswerBody(Schema):
    """How an objection was answered, with the reasons."""

    outcome = fields.String(required=True, validate=Choice(rights.OUTCOMES))
    text = fields.String(required=True, validate=WORDS)


class Objection(Schema):
    """An objection, to whom it was sent, and its answer."""

    id = fields.UUID()
    request = fields.UUID()
    text = fields.String(allow_none=True)
    legs = fields.List(fields.Nested(ToldLeg))
    raised_at = fields.DateTime()
    due_on = fields.Date()
    outcome = fields.String(allow_none=True)
    outcome_text = fields.Nested(BothLanguages, allow_none=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.DateTime(allow_none=True)


class EraseBody(Schema):
    """Why the person wants to be erased."""

    reason = fields.String(required=True, validate=Choice(rights.ERASURE_REASONS))


class HoldBody(Schema):
    """A reason to keep what is to be erased until a day, beside what the law says by itself."""

    basis = fields.String(
        required=True, validate=Choice([name for name in rights.HOLDS if name != rights.CLOSED_CASE])
    )
    until = fields.AwareDateTime(required=True, validate=Range(max=FAR))


class ApproveBody(Schema):
    """Agreement to an erasure."""

    hold = fields.Nested(HoldBody, load_default=None, allow_none=True)


class DeclineBody(Schema):
    """Why nothing is erased."""

    reason = fields.String(required=True, validate=Choice(rights.DECLINED))


class HolderAnswerBody(Schema):
    """What an agency has answered that holds what we cannot delete."""

    leg = Id(required=True)
    answer = fields.String(required=True, validate=Choice(rights.ANSWERS))


class Hold(Schema):
    """Why something is kept, and until when."""

    basis = fields.String(metadata={"enum": list(rights.HOLDS)})
    until = fields.DateTime()
    messages = fields.Nested(BothLanguages)


class Erasure(Schema):
    """How far an erasure is, what holds it up, and who holds what."""

    id = fields.UUID()
    request = fields.UUID()
    state = fields.String(metadata={"enum": [rights.ASKED, rights.HELD, rights.DONE, rights.REFUSED]})
    reason = fields.String()
    asked_at = fields.DateTime()
    decided_at = fields.DateTime(allow_none=True)
    declined = fields.String(allow_none=True)
    erased_at = fields.DateTime(allow_none=True)
    hold = fields.Nested(Hold, allow_none=True)
    holders = fields.List(fields.Nested(Holder))
    unit = fields.String(metadata={"description": "in the list: whose desk it was asked at"})


class ErasurePage(Schema):
    """One page of erasures that are not settled."""

    items = fields.List(fields.Nested(Erasure))
    next = fields.String(allow_none=True)


class ExportedRequest(FullRequest):
    """One request of the person with all that belongs to it."""

    papers = fields.List(fields.Dict())
    former_consents = fields.List(fields.Dict())
    disclosures = fields.List(fields.Nested(Disclosure))
    holders = fields.List(fields.Nested(Holder))
    objections = fields.List(fields.Nested(Objection))
    erasures = fields.List(fields.Nested(Erasure))


class Export(Schema):
    """A copy of all that is held about a person, with the mark of who took it."""

    person_id = fields.UUID()
    watermark = fields.Nested(Watermark)
    statement = fields.Nested(BothLanguages)
    requests = fields.List(fields.Nested(ExportedRequest))
    drafts = fields.List(fields.Dict(), metadata={"description": "begun at this desk for the same ID number"})
