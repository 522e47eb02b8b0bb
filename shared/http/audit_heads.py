"""How a service follows another's audit log: it keeps each head of the chain that is told."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Regexp

from shared.audit import event_type, keep_heads
from shared.http.schema import MessageSchema, Range
from shared.inbox import Subscription


class HeadSchema(MessageSchema):
    """The data of ``audit.<service>-sealed.v1``: the head (SHA-256, hexadecimal) after so many batches."""

    number = fields.Integer(required=True, validate=Range(min=1))
    head = fields.String(required=True, validate=Regexp(r"[0-9a-f]{64}\Z"))
    sealed_at = fields.AwareDateTime(required=True)


def witness(service: str) -> Subscription:
    """Keep the heads of the log of ``service``."""
    return Subscription(event_type(service), HeadSchema(), keep_heads)
