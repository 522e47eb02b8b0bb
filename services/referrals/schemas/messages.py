"""What this service reads of the events it consumes: the fields it needs and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from marshmallow import ValidationError, fields

from shared.http.schema import MessageSchema


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
    index: Tokens | None
    position: int | None
    replaces: str | None
    days_used: int | None
    desk_street: str | None
    counts_as: str | None


class Submitted(TypedDict):
    """The data of ``request.submitted.v1`` and ``request.legs-added.v1``, as far as this service reads them."""

    number: str
    unit: str
    street: str | None
    urgency: str
    pack: str
    check: bool
    sent_back: bool
    legs: list[Leg]


UNITS = ("working_day", "calendar_day", "hour")
STARTS = ("issued", "received", "accepted")
_LONGEST_CLOCK = 10_000
_LONGEST_TEXT = 200
LONGEST_SEALED = 65_536
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT


def _is_text_or_null(value: object) -> bool:
    return value is None or _is_text(value)


def _is_sealed(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SEALED


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_clock(rule: object) -> bool:
    if not isinstance(rule, dict):
        return False
    total = rule.get("total")
    return (
        rule.get("unit") in UNITS
        and rule.get("starts_on") in STARTS
        and type(total) is int
        and 0 < total <= _LONGEST_CLOCK
    )


def _is_rules(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    clocks = value.get("clocks")
    if not isinstance(clocks, dict) or not all(map(_is_clock, clocks.values())):
        return False
    if not all(_is_list_of_texts(value.get(name)) for name in ("steps", "papers", "outcomes")):
        return False
    # Rules of requests filed before they named them have none.
    asks = value.get("asks")
    return asks is None or (isinstance(asks, dict) and all(map(_is_list_of_texts, asks.values())))


def _is_id_or_null(value: object) -> bool:
    return value is None or _is_id(value)


def _is_count_or_null(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= _LONGEST_CLOCK)


def is_index(value: object) -> bool:
    """Tell whether something may be the tokens of one person in an agency's index; null is none."""
    if value is None:
        return True
    return isinstance(value, dict) and all(check(value.get(name)) for name, check in _TOKENS)


_TOKENS: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("key_id", _is_text),
    ("name", _is_text_or_null),
    ("initials", _is_text_or_null),
    ("phone", _is_text_or_null),
    ("last4", _is_text_or_null),
)
_LEG: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("id", _is_id),
    ("number", _is_text),
    ("agency", _is_text),
    ("programme", _is_text),
    ("rules", _is_rules),
    ("packet", _is_sealed),
    ("badge", _is_sealed),
    ("index", is_index),
    ("position", _is_count_or_null),
    ("replaces", _is_id_or_null),
    ("days_used", _is_count_or_null),
    ("desk_street", _is_text_or_null),
    ("counts_as", _is_id_or_null),
)
"""What each part of a leg must be; from ``index`` on each may be missing or null, and a token in it too."""


class Legs(fields.Field[list[Leg]]):
    """The legs of a request: checked part by part, and kept as they are, without what is not listed.

    A table and not a nested schema, because this is the hot path: four legs cost a tenth of what they would there.
    """

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Leg]:  # noqa: ANN401 - as the base
        if not isinstance(value, list) or not value:
            raise ValidationError("a list of at least one leg")
        wrong = {place: faults for place, leg in enumerate(value) if (faults := _faults(leg))}
        if wrong:
            raise ValidationError(wrong)
        return [cast("Leg", {name: leg.get(name) for name, _ in _LEG}) for leg in value]


def _faults(leg: object) -> dict[str, list[str]]:
    if not isinstance(leg, dict):
        return {"leg": ["not an object"]}
    return {name: ["missing or wrong"] for name, check in _LEG if not check(leg.get(name))}


class SubmittedSchema(MessageSchema):
    """``request.submitted.v1`` and ``request.legs-added.v1``; with ``check`` the legs wait for the street.

    With ``sent_back`` they wait for their own desk before that. Where aid comes first a leg waits for neither.
    """

    number = fields.String(required=True)
    unit = fields.String(required=True)
    # Of a request filed at the district's own desk, which lies in no street, there is none.
    street = fields.String(required=True, allow_none=True)
    urgency = fields.String(required=True)
    pack = fields.String(required=True)
    check = fields.Boolean(load_default=False)
    sent_back = fields.Boolean(load_default=False)
    legs = Legs(required=True)


class ApprovedSchema(MessageSchema):
    """``request.approved.v1``: the envelope says which request and when."""


class CheckSchema(MessageSchema):
    """``request.sent-back.v1`` and ``request.resubmitted.v1``: the same; why it was sent back concerns nobody here."""


class StaffSchema(MessageSchema):
    """``staff.disabled.v1`` and ``staff.changed.v1``: the envelope says whom and when."""
