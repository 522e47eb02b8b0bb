"""What intake reads of the events it consumes: status and codes, never a packet."""

from __future__ import annotations

from marshmallow import fields

from services.intake.domain.leg_facts import MEANINGS
from shared.http.schema import Id, Length, MessageSchema, Moment, Range

SEALED = Length(max=200_000)


class LegFact(MessageSchema):
    """What every fact of a leg tells; days and moments are of the clock that now runs and is due first, null if none.

    ``answer`` is sealed to intake: what the agency said about it in words.
    """

    status = fields.String(required=True)
    version = fields.Integer(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    yellow_on = fields.Date(required=True, allow_none=True)
    due_at = Moment(allow_none=True)
    yellow_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True, validate=SEALED)


class Told(LegFact):
    """The codes a fact may tell besides; each tells a few of them."""

    about = fields.String()
    action = fields.String()
    approved = fields.Boolean()
    by_post = fields.String()
    cause = fields.String()
    changed = fields.List(fields.String())
    deemed = fields.Boolean()
    grade = fields.Integer()
    ground = fields.String()
    level = fields.String()
    next = fields.String()
    on = fields.Date(allow_none=True)
    papers = fields.List(fields.String())
    papers_due_on = fields.Date(allow_none=True)
    reason = fields.String(allow_none=True)
    returns = fields.Integer()
    rev = fields.Integer()
    review_on = fields.Date(allow_none=True)
    successor = fields.String(allow_none=True)
    to = fields.String()
    to_agency = fields.String(allow_none=True)
    to_programme = fields.String(allow_none=True)
    unit = fields.String()
    until = fields.Date(allow_none=True)
    whose = fields.String()
    was_on = fields.Date(allow_none=True)
    what = fields.String()
    keys = fields.String()
    wrong_fields = fields.List(fields.String())


class StepRecorded(Told):
    """A named step was done."""

    step = fields.String(required=True)


class Closed(Told):
    """The agency has come to its outcome."""

    outcome = fields.String(required=True)


class DocumentsRequested(Told):
    """The agency asks for every paper it lacks."""

    papers = fields.List(fields.String(), required=True)


class WithReason(Told):
    """The leg was cancelled, or something asked of it was refused."""

    reason = fields.String(required=True)


class ReissueRequested(LegFact):
    """A leg is to be made anew for another agency; ``to_programme`` is null where the desk has to choose one."""

    cause = fields.String(required=True)
    to_agency = fields.String(required=True)
    to_programme = fields.String(load_default=None, allow_none=True)
    days_used = fields.Integer(required=True, validate=Range(min=0))


class Moved(Told):
    """The unit of a leg's request has changed."""

    unit = fields.String(required=True)


class Successor(Told):
    """A leg has ended because another one has taken its place, or nothing has."""

    successor = Id(allow_none=True)


class CapacityChanged(MessageSchema):
    """A programme has another number of places, of free ones, or of people waiting."""

    programme = fields.String(required=True)
    places = fields.Integer(required=True, validate=Range(min=0))
    free = fields.Integer(required=True, validate=Range(min=0))
    as_of = fields.Date(required=True)
    waiting = fields.Integer(required=True, validate=Range(min=0))


_SPECIAL = {
    "referral.step-recorded.v1": StepRecorded(),
    "referral.closed.v1": Closed(),
    "referral.line-left.v1": Closed(),
    "referral.documents-requested.v1": DocumentsRequested(),
    "referral.cancelled.v1": WithReason(),
    "referral.returned.v1": Successor(),
    "referral.transferred.v1": Successor(),
    "referral.moved.v1": Moved(),
}
_REFUSED, _TOLD = WithReason(), Told()

READERS = {
    type_: _SPECIAL.get(type_, _REFUSED if type_.endswith("-refused.v1") and meaning.settled else _TOLD)
    for type_, meaning in MEANINGS.items()
}
"""The reader of each type intake has a use for."""
