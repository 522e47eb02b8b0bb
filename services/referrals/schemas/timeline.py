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
    """One thing that was done with one leg, in codes and without a word."""

    at = Moment(required=True)
    leg = Id(required=True)
    number = fields.String(required=True)
    agency = fields.String(required=True)
    agency_name = fields.Nested(BothLanguages, required=True)
    programme = fields.String(required=True)
    action = fields.String(required=True)
    action_name = fields.Nested(BothLanguages, required=True)
    from_status = fields.String(required=True, allow_none=True)
    to_status = fields.String(required=True)
    by = fields.Nested(ByOut, required=True)
    codes = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "reason, outcome, step and the like"}
    )
    days_used = fields.Integer(
        required=True, metadata={"description": "working days of the agency's time that were gone by then"}
    )


class WholeCase(CaseOut):
    """One request with all its legs, and what was done with them, oldest first."""

    timeline = fields.List(fields.Nested(EntryOut), required=True)
