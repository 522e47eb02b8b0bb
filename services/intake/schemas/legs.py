"""What is asked of legs over HTTP and what is answered; made into commands field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from services.intake.domain.changes import EFFECTS, MOVE_REASONS, REFUSALS
from services.intake.schemas.hints import ChecklistLine, Hint
from services.intake.schemas.http import (
    CODE,
    ID_NUMBER,
    NAME,
    PHONE,
    REGISTRATION,
    BeneficiaryBody,
    ConsentBody,
    LegBody,
    LegBrief,
)
from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Id, Invalid, InWords, Length, Range, Schema
from shared.text import Text

NOTHING_ADDED = Text("请至少写明一个事项或一份同意书。", "Name at least one leg to add, or one consent.")
NOTE = Length(max=500)
REOPEN_REASONS = ("papers-after-lapse", "appeal", "error", "reached-again")
RECORDED = (
    "acknowledge",
    "accept",
    "request-documents",
    "start",
    "step",
    "suspend",
    "resume",
    "propose-return",
    "propose-transfer",
    "close",
    "acknowledge-withdrawal",
)


class AddedLegBody(LegBody):
    """One more programme asked for."""

    replaces = Id(
        metadata={"description": "the leg in whose place it stands, where a successor was asked for"}
    )


class AddLegsBody(Schema):
    """Legs that join a request, with consents for them; without legs, consents alone are written down."""

    legs = fields.List(fields.Nested(AddedLegBody), load_default=list, validate=Length(max=30))
    consents = fields.List(fields.Nested(ConsentBody), load_default=list, validate=Length(max=60))

    @validates_schema
    def _not_empty(self, data: Mapping[str, Any], **_: object) -> None:
        if not data["legs"] and not data["consents"]:
            raise Invalid(NOTHING_ADDED, "legs")


class RefuseReissueBody(Schema):
    """Why no successor is made in a leg's place."""

    reason = fields.String(required=True, validate=Choice(REFUSALS))


class MoveBody(Schema):
    """To which street or community a case goes, and why."""

    unit = fields.String(required=True, validate=CODE)
    reason = fields.String(required=True, validate=Choice(MOVE_REASONS))
    residence = fields.String(
        validate=CODE, metadata={"description": "the new one, where it has changed too"}
    )


class MergeBody(Schema):
    """The request that stays."""

    into = Id(required=True)


class CorrectedPersonBody(Schema):
    """What is put right about the person; null takes a value away."""

    name = fields.String(validate=NAME)
    id_number = fields.String(validate=ID_NUMBER, allow_none=True)
    phone = fields.String(validate=PHONE, allow_none=True)
    birth_date = fields.Date(allow_none=True)
    residence = fields.String(validate=CODE)
    household_registration = fields.String(validate=REGISTRATION, allow_none=True)
    name_pinyin = fields.String(validate=Length(min=1, max=120), allow_none=True)


class CorrectedLegBody(Schema):
    """What is put right about one leg; null takes a value away."""

    id = Id(required=True)
    beneficiary = fields.Nested(BeneficiaryBody, allow_none=True)
    note = fields.String(validate=NOTE, allow_none=True)


class CorrectBody(Schema):
    """What is put right; whatever is not named stays as it is."""

    person = fields.Nested(CorrectedPersonBody, load_default=dict)
    answers = fields.Dict(keys=fields.String(validate=CODE), load_default=dict, validate=Length(max=200))
    legs = fields.List(fields.Nested(CorrectedLegBody), load_default=list, validate=Length(max=30))


class SupplyBody(Schema):
    """All papers that were asked for are there: uploaded, or handed to the agency directly."""

    papers = fields.List(
        fields.String(validate=CODE),
        load_default=list,
        validate=Length(max=20),
        metadata={
            "description": "those that the agency has been handed directly; of the others that go so "
            "(`state: by-hand` in the checklist) the answer reminds, and none of them is ever to be uploaded"
        },
    )


class MoreTimeBody(Schema):
    """More time for the person: once."""


class ReopenBody(Schema):
    """Why a closed leg is to be worked on again; what the person says to it goes sealed to the agency's desk."""

    reason = fields.String(required=True, validate=Choice(REOPEN_REASONS))
    note = fields.String(validate=InWords(max=2000))


class MessageBody(Schema):
    """A short message to the agency's desk, which alone can read it."""

    text = fields.String(required=True, validate=Length(min=1, max=500))


class RateBody(Schema):
    """The person's rating (好差评), 5 the best; the note stays at the desk."""

    grade = fields.Integer(required=True, strict=True, validate=Range(min=1, max=5))
    note = fields.String(validate=InWords(max=500))


class RecordBody(Schema):
    """What an agency has answered on paper, with the scanned slip; words stay at the desk."""

    action = fields.String(required=True, validate=Choice(RECORDED))
    fields_ = fields.Dict(
        keys=fields.String(validate=CODE),
        data_key="fields",
        attribute="fields",
        load_default=dict,
        validate=Length(max=20),
        metadata={"description": "as the agency's own form of this action takes them"},
    )
    slip = Id(required=True, metadata={"description": "the paper that was uploaded"})


class Changed(Schema):
    """A request after a change, with the legs it was about."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    legs = fields.List(fields.Nested(LegBrief))


class Asked(Changed):
    """What was asked of a leg; its outcome comes with time."""

    command = fields.UUID(metadata={"description": "what was asked; the history tells what came of it"})
    warnings = fields.List(fields.Nested(Hint))


class LegsAdded(Changed):
    """A request after legs or consents were added."""

    warnings = fields.List(fields.Nested(Hint))
    checklist = fields.List(fields.Nested(ChecklistLine))


class Moved(Changed):
    """A request at its new unit."""

    unit = fields.String()
    street = fields.String(allow_none=True)


class MergedInto(Schema):
    """The request that stays."""

    id = fields.UUID()
    number = fields.String()


class Merged(Changed):
    """A request that was merged into another; ``legs`` are being withdrawn as filed twice."""

    merged_into = fields.Nested(MergedInto)


class ResealedLeg(LegBrief):
    """One leg, and whether its agency is being sent what has changed."""

    resealed = fields.Boolean()


class Corrected(Changed):
    """A request after a correction."""

    changed = fields.List(fields.String(), metadata={"description": "ids of fields"})
    legs = fields.List(fields.Nested(ResealedLeg))
    warnings = fields.List(fields.Nested(Hint))


class AffectedLeg(LegBrief):
    """What a withdrawn consent means for one leg."""

    effect = fields.String(metadata={"enum": list(EFFECTS)})
    messages = fields.Nested(BothLanguages)


class ConsentRefused(Schema):
    """A request after a no was written down."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    agency = fields.String()
    programmes = fields.List(fields.String(), metadata={"description": "empty: all of the agency's"})
    ask_again_from = fields.DateTime(
        metadata={"description": "from when the desk may ask again; the person may consent on any day"}
    )


class ConsentWithdrawal(Schema):
    """What withdrawing a consent does, or would do."""

    consent = fields.UUID()
    agency = fields.String()
    programme = fields.String()
    withdrawn = fields.Boolean()
    legs = fields.List(fields.Nested(AffectedLeg))
    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()


class ExplainQuery(Schema):
    """Whether only to explain what would happen."""

    explain = fields.Boolean(load_default=False)
