"""How messages of the help desk and notes of colleagues are shown to an agency's staff."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Id, Moment, Schema


class MessageOut(Schema):
    """One message; ``opened_at`` is null until somebody of the agency has read it."""

    id = Id(required=True)
    at = Moment(required=True)
    author = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the colleague who left it as a note; null for the help desk"},
    )
    opened_at = Moment(required=True, allow_none=True)
    text = fields.String(required=True)


class Messages(Schema):
    """The messages about one referral, oldest first."""

    items = fields.List(fields.Nested(MessageOut), required=True)
