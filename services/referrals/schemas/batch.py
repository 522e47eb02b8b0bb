"""The bodies of a batch and of what waits for the leader."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Id, Length, Moment, Range, Schema

MOST_AT_ONCE = 100


class PendingOut(Schema):
    """What waits for the leader; `words` are shown and kept nowhere."""

    action = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), data_key="fields", attribute="fields", required=True)
    words = fields.Dict(keys=fields.String(), required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class BatchItem(Schema):
    """One referral of a batch; the version is needed where the action alone needs it."""

    id = Id(required=True)
    version = fields.Integer(validate=Range(1, 2**31 - 1))


class Batch(Schema):
    """One action on many referrals, each for itself."""

    action = fields.String(
        required=True, validate=Length(max=64), metadata={"enum": ["acknowledge", "assign", "urge"]}
    )
    assignee = fields.String(
        validate=Length(max=64), metadata={"description": "for assign: an officer of the agency"}
    )
    items = fields.List(fields.Nested(BatchItem), required=True, validate=Length(min=1, max=MOST_AT_ONCE))


class BatchResult(Schema):
    """How one item came out: its new version, or the problem."""

    id = Id(required=True)
    status = fields.Integer(required=True, metadata={"description": "as an answer of its own would have"})
    version = fields.Integer(required=True, allow_none=True)
    problem = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class BatchOut(Schema):
    """How each item came out, in the order in which they were sent."""

    items = fields.List(fields.Nested(BatchResult), required=True)
