"""What this service reads of the commands of the help desk, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields

from services.referrals.schemas.messages import LONGEST_SEALED, is_index
from shared.http.schema import Id, Length, MessageSchema, Range

CODE = Length(min=1, max=64)
SEALED = Length(min=1, max=LONGEST_SEALED)


def _tokens(value: object) -> None:
    if not is_index(value):
        raise ValidationError("not the tokens of an index")


class Command(MessageSchema):
    """What every command names: the leg it is about."""

    referral = Id(required=True)


class WithReason(Command):
    """``cancel``, ``freeze``, and the refusal of a successor: why, as a code."""

    reason = fields.String(required=True, validate=CODE)


class Reopen(WithReason):
    """``reopen``: what the person says to it, sealed to the agency; an earlier release kept that at the help desk."""

    message = fields.String(load_default=None, allow_none=True, validate=SEALED)


class Sealed(Command):
    """What brings a packet anew, with its badge and the tokens to find it by.

    ``unpublished``: the leg is not to be put on public notice from now on. ``counts_as`` stands for whom it is for.
    """

    packet = fields.String(required=True, validate=SEALED)
    badge = fields.String(required=True, validate=SEALED)
    index = fields.Dict(load_default=None, allow_none=True, validate=_tokens)
    unpublished = fields.Boolean(load_default=False)
    counts_as = Id(load_default=None, allow_none=True)


class Unfreeze(Sealed):
    """``unfreeze``: the packet as a new consent lets it be."""


class Supply(Sealed):
    """``supply``: which papers are there now."""

    papers = fields.List(fields.String(validate=CODE), required=True, validate=Length(max=40))


class Reseal(Sealed):
    """``reseal``: which fields have changed, or for what other reason the packet comes again."""

    changed = fields.List(fields.String(validate=CODE), required=True, validate=Length(max=200))
    reason = fields.String(load_default=None, allow_none=True, validate=CODE)


class Message(Command):
    """``message``: sealed to the agency."""

    message = fields.String(required=True, validate=SEALED)


class Rate(Command):
    """``rate``: 1 to 5, 5 the best."""

    grade = fields.Integer(required=True, strict=True, validate=Range(min=1, max=5))


class Scan(MessageSchema):
    """A scanned slip: what its content is, and, ``sealed`` to the agency, where it lies and what opens it."""

    sealed = fields.String(required=True, validate=SEALED)
    type = fields.String(required=True, validate=CODE)
    size = fields.Integer(required=True, strict=True, validate=Range(min=0))


class Record(Command):
    """``record``: what the agency answered on paper, the id of the scanned slip, and the slip itself.

    A help desk of an earlier release named its slip alone.
    """

    action = fields.String(required=True, validate=CODE)
    fields_: fields.Field[Any] = fields.Dict(
        keys=fields.String(), data_key="fields", attribute="fields", load_default=dict
    )
    slip = Id(required=True)
    scan = fields.Nested(Scan, load_default=None, allow_none=True)


class Moved(MessageSchema):
    """``request.moved.v1``: whose the request is now; at the district's own desk there is no street."""

    unit = fields.String(required=True, validate=CODE)
    street = fields.String(required=True, allow_none=True, validate=CODE)


class Erased(MessageSchema):
    """``person.erased.v1``: whose, and since when, stands in the envelope."""


READERS: Mapping[str, MessageSchema] = MappingProxyType(
    {
        "cancel": WithReason(),
        "supply": Supply(),
        "reseal": Reseal(),
        "freeze": WithReason(),
        "unfreeze": Unfreeze(),
        "reopen": Reopen(),
        "more-time": Command(),
        "message": Message(),
        "rate": Rate(),
        "record": Record(),
    }
)
"""The reader of each command, by its verb."""

REISSUE_REFUSED, MOVED, ERASED = WithReason(), Moved(), Erased()
