"""What crosses this service's HTTP edge."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.domain.persons import STATES
from shared.http.schema import Choice, Id, Moment, Range, Schema

MOST = 100
DELIVERED = "delivered"
POSTS, PERSONS = "posts", "persons"


class ListQuery(Schema):
    """The query of every list."""

    limit = fields.Integer(validate=Range(1, MOST), metadata={"description": "rows per page, 20 if left out"})
    cursor = fields.String(metadata={"description": "the `next` of the page before"})


class DeliveriesQuery(ListQuery):
    """The query of the delivery log."""

    to = fields.String(
        load_default=POSTS,
        validate=Choice((POSTS, PERSONS)),
        metadata={
            "description": "`posts`: what inboxes were told; `persons`: what whoever asked was sent themselves"
        },
    )


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
    channel = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "example": "in-app",
            "description": "`in-app`, `sms` or `mail`; null while none was chosen",
        },
    )
    inbox = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "desk:civil-affairs", "description": "null of what a person was sent"},
    )
    at = Moment(required=True)
    state = fields.String(
        required=True,
        metadata={
            "example": "delivered",
            "enum": [DELIVERED, *STATES],
            "description": "`unknown`: it may have arrived, and is not sent again",
        },
    )
    reason = fields.String(allow_none=True, metadata={"description": "why it was not sent, a code"})
    attempts = fields.Integer(metadata={"description": "of what a person is sent: how often it was tried"})
    attempted_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)


class Deliveries(Schema):
    """One page of deliveries, newest first, and how many there are of each type; to persons, of each state."""

    items = fields.List(fields.Nested(Delivery), required=True)
    next = fields.String(required=True, allow_none=True)
    totals = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
