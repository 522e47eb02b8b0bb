"""What crosses this service's HTTP edge."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Id, Moment, Range, Schema

MOST = 100


class ListQuery(Schema):
    """The query of every list."""

    limit = fields.Integer(validate=Range(1, MOST), metadata={"description": "rows per page, 20 if left out"})
    cursor = fields.String(metadata={"description": "the `next` of the page before"})


class MessagesQuery(ListQuery):
    """The query of the message list."""

    unread = fields.Boolean(load_default=False, metadata={"description": "only what the reader has not read"})


class MarkAllForm(Schema):
    """The form that marks everything up to the newest message on the page."""

    until = Id(required=True)
    next = fields.String()


class Message(Schema):
    """One message in an inbox of the reader's posts; `text` is in the reader's language."""

    id = Id(required=True)
    type = fields.String(required=True, metadata={"example": "referral.issued.v1"})
    subject = Id(required=True, metadata={"description": "the referral"})
    number = fields.String(required=True, metadata={"example": "MZ-2026-7K3F9QXD"})
    agency = fields.String(required=True, metadata={"example": "civil-affairs"})
    at = Moment(required=True)
    read_at = Moment(required=True, allow_none=True)
    text = fields.String(required=True)


class Messages(Schema):
    """One page of messages, newest first."""

    items = fields.List(fields.Nested(Message), required=True)
    next = fields.String(required=True, allow_none=True)


class Delivery(Schema):
    """One message as the operator sees it: where it went and when, nothing of what it says."""

    id = Id(required=True)
    type = fields.String(required=True)
    channel = fields.String(required=True, metadata={"example": "in-app"})
    inbox = fields.String(required=True, metadata={"example": "desk:civil-affairs"})
    at = Moment(required=True)
    state = fields.String(required=True, metadata={"example": "delivered"})


class Deliveries(Schema):
    """One page of deliveries, newest first, and how many there are of each type."""

    items = fields.List(fields.Nested(Delivery), required=True)
    next = fields.String(required=True, allow_none=True)
    totals = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
