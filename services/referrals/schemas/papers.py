"""Papers of a referral over HTTP."""

from __future__ import annotations

from marshmallow import fields

from services.referrals.schemas.http import OpenPacket
from shared.http.openapi import BothLanguages
from shared.http.schema import Id, Schema


class PaperQuery(OpenPacket):
    """Why papers are looked at; kept in the audit log."""


class PaperOut(Schema):
    """One paper that the newest packet names."""

    n = fields.Integer(required=True, metadata={"description": "its place, by which it is fetched"})
    id = Id(required=True)
    kind = fields.String(required=True, metadata={"example": "id-card"})
    name = fields.Nested(BothLanguages, required=True, allow_none=True)
    type = fields.String(required=True, metadata={"example": "application/pdf"})
    size = fields.Integer(required=True, metadata={"description": "in bytes"})


class PapersOut(Schema):
    """The papers of a referral."""

    items = fields.List(fields.Nested(PaperOut), required=True)
