"""What intake reads of the events it consumes: status and codes, never a packet."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Length, MessageSchema


class LegFact(MessageSchema):
    """What every fact of a leg tells; both days are of the clock that now runs and is due first, null if none runs."""

    status = fields.String(required=True)
    version = fields.Integer(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    yellow_on = fields.Date(required=True, allow_none=True)


class Acknowledged(LegFact):
    """The agency has signed for it."""

    by_post = fields.String()


class StepRecorded(LegFact):
    """A named step was done."""

    step = fields.String(required=True)


class Closed(LegFact):
    """The agency has come to its outcome; ``answer`` is sealed to intake."""

    outcome = fields.String(required=True)
    answer = fields.String(allow_none=True, validate=Length(max=200_000))


class WithReason(LegFact):
    """The leg was cancelled, or its cancellation refused."""

    reason = fields.String(required=True)


READERS = {
    "referral.issued.v1": LegFact(),
    "referral.acknowledged.v1": Acknowledged(),
    "referral.accepted.v1": LegFact(),
    "referral.step-recorded.v1": StepRecorded(),
    "referral.closed.v1": Closed(),
    "referral.cancelled.v1": WithReason(),
    "referral.cancel-done.v1": LegFact(),
    "referral.cancel-refused.v1": WithReason(),
}
"""The reader of each type intake has a use for."""
