"""What this service reads of the events it consumes: the fields it needs and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from marshmallow import ValidationError, fields, validate

from shared.http.schema import Id, MessageSchema


class Tokens(TypedDict):
    """The tokens of one person in one agency's blind index."""

    key_id: str
    name: str | None
    initials: str | None
    phone: str | None
    last4: str | None


class Leg(TypedDict):
    """One leg of a submitted request."""

    id: str
    number: str
    agency: str
    programme: str
    rules: Mapping[str, Any]
    packet: str
    badge: str
    index: NotRequired[Tokens | None]


class Submitted(TypedDict):
    """The data of ``request.submitted.v1``, as far as this service reads it."""

    number: str
    unit: str
    street: str | None
    urgency: str
    pack: str
    legs: list[Leg]


class CancelRequested(TypedDict):
    """The data of ``referral.cancel-requested.v1``."""

    referral: str
    reason: str


UNITS = ("working_day", "calendar_day", "hour")
STARTS = ("issued", "received", "accepted")
_LONGEST_CLOCK = 10_000


def _is_clock(rule: object) -> bool:
    if not isinstance(rule, Mapping):
        return False
    total = rule.get("total")
    return (
        rule.get("unit") in UNITS
        and rule.get("starts_on") in STARTS
        and type(total) is int
        and 0 < total <= _LONGEST_CLOCK
    )


def _is_list_of_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


class Rules(fields.Field[Mapping[str, Any]]):
    """A leg's rules, kept exactly as they travelled: checked for what this service reckons with, not rebuilt."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as the base
        clocks = value.get("clocks") if isinstance(value, Mapping) else None
        if not isinstance(clocks, Mapping) or not all(map(_is_clock, clocks.values())):
            raise ValidationError("clocks")
        if not all(_is_list_of_ids(value.get(name)) for name in ("steps", "papers", "outcomes")):
            raise ValidationError("lists")
        rules: Mapping[str, Any] = value
        return rules


class TokensSchema(MessageSchema):
    """The tokens of one person in one agency's blind index; what is not known is null."""

    key_id = fields.String(required=True)
    name = fields.String(load_default=None, allow_none=True)
    initials = fields.String(load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True)
    last4 = fields.String(load_default=None, allow_none=True)


_SEALED_MOST = 65_536


class LegSchema(MessageSchema):
    """One leg: its ids, the rules that travel with it, and what is sealed to its agency."""

    id = Id(required=True)
    number = fields.String(required=True)
    agency = fields.String(required=True)
    programme = fields.String(required=True)
    rules = Rules(required=True)
    packet = fields.String(required=True, validate=validate.Length(min=1, max=_SEALED_MOST))
    badge = fields.String(required=True, validate=validate.Length(min=1, max=_SEALED_MOST))
    index = fields.Nested(TokensSchema, load_default=None, allow_none=True)


class SubmittedSchema(MessageSchema):
    """``request.submitted.v1``."""

    number = fields.String(required=True)
    unit = fields.String(required=True)
    # Of a request filed at the district's own desk, which lies in no street, there is none.
    street = fields.String(required=True, allow_none=True)
    urgency = fields.String(required=True)
    pack = fields.String(required=True)
    legs = fields.List(fields.Nested(LegSchema), required=True, validate=validate.Length(min=1))


class CancelRequestedSchema(MessageSchema):
    """``referral.cancel-requested.v1``: the leg, and why (a code)."""

    referral = Id(required=True)
    reason = fields.String(required=True)


class StaffSchema(MessageSchema):
    """``staff.disabled.v1`` and ``staff.changed.v1``: the envelope says whom and when."""
