"""The bodies of places: what the leader sets, and what is shown."""

from __future__ import annotations

from marshmallow import fields

from shared.http.schema import Id, Moment, Range, Schema

MOST_PLACES = 1_000_000


class CapacityBody(Schema):
    """How many places a programme has and how many of them are free, as of a day."""

    places = fields.Integer(required=True, strict=True, validate=Range(0, MOST_PLACES))
    free = fields.Integer(required=True, strict=True, validate=Range(0, MOST_PLACES))
    as_of = fields.Date(required=True)


class Waiting(Schema):
    """One referral that waits for a place."""

    id = Id(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    since = Moment(required=True)


class CapacityOut(Schema):
    """The places of one programme."""

    programme = fields.String(required=True)
    agency = fields.String(required=True)
    places = fields.Integer(required=True)
    free = fields.Integer(required=True)
    as_of = fields.Date(required=True)
    version = fields.Integer(required=True)
    waiting = fields.Integer(required=True, metadata={"description": "how many wait for a place"})
    line = fields.List(
        fields.Nested(Waiting),
        required=True,
        allow_none=True,
        metadata={"description": "who waits, in turn; null for all but its own agency"},
    )


class Capacities(Schema):
    """All programmes whose places are counted."""

    items = fields.List(fields.Nested(CapacityOut), required=True)
