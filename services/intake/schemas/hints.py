"""What an answer to a filing tells besides the request: hints, and what its legs lack."""

from __future__ import annotations

from marshmallow import fields

from shared.http.openapi import BothLanguages
from shared.http.schema import Schema


class Hint(Schema):
    """What the desk should know though the request was accepted."""

    code = fields.String()
    field = fields.String()
    message = fields.String()
    messages = fields.Nested(BothLanguages)
    number = fields.String()


class ChecklistLine(Schema):
    """What a leg needs that nobody is known to have: the programme to be had first."""

    leg = fields.UUID()
    code = fields.String(metadata={"enum": ["needs-first"]})
    programme = fields.String()
    agency = fields.String()
    names = fields.Nested(BothLanguages)
