"""A whole case at the HTTP edge: its legs, and one timeline across them."""

from __future__ import annotations

from marshmallow import fields

from services.referrals.schemas.http import CaseOut
from shared.http.openapi import BothLanguages
from shared.http.schema import Id, Moment, Schema


class ByOut(Schema):
    """Who did it: the role, and the agency or unit it belongs to."""

    role = fields.String(required=True)
    agency = fields.String(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    staff = fields.String(
        required=True, allow_none=True, metadata={"description": "staff id, for the reader's own side alone"}
    )


class EntryOut(Schema):
    """One thing that was done, in codes and without a word.

    It was done with one leg; or, where `leg` is null, with the request as a whole: filed, legs added, sent back by the
    street, submitted again, moved to another unit.
    """

    at = Moment(required=True)
    leg = Id(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    agency = fields.String(required=True, allow_none=True)
    agency_name = fields.Nested(BothLanguages, required=True, allow_none=True)
    programme = fields.String(required=True, allow_none=True)
    action = fields.String(required=True)
    action_name = fields.Nested(BothLanguages, required=True)
    from_status = fields.String(required=True, allow_none=True)
    to_status = fields.String(required=True, allow_none=True)
    by = fields.Nested(ByOut, required=True)
    codes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "reason, outcome, step, the action asked for or taken down, and the like"},
    )
    days_used = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "working days of the agency's time that were gone by then"},
    )


class WholeCase(CaseOut):
    """One request with all its legs, and what was done with it and them, oldest first.

    What only the desk that filed it knows is not here but in its own history (`GET
    /intake/api/v1/requests/{id}/history`) and on its page: follow-up calls, consents given and withdrawn, data put
    right, papers handed in, requests merged, households linked; and all words.
    """

    timeline = fields.List(fields.Nested(EntryOut), required=True)
