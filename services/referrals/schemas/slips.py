"""Slips over HTTP: a form with one file, and what there is."""

from __future__ import annotations

from marshmallow import fields

from services.referrals.schemas.http import OpenPacket
from shared.blobs.files import ENDINGS
from shared.http.schema import Id, Schema
from shared.http.uploads import File


class SlipForm(Schema):
    """One file, as multipart/form-data: PDF, JPEG or PNG by its content, at most 10 MiB."""

    file = File(required=True)


class SlipQuery(OpenPacket):
    """Why a slip is looked at; kept in the audit log."""


class SlipOut(Schema):
    """The scan of an agency's answer on paper."""

    id = Id(required=True, metadata={"description": "what `record-on-behalf` takes as its `slip`"})
    type = fields.String(required=True, metadata={"enum": list(ENDINGS)})
    size = fields.Integer(required=True, metadata={"description": "in bytes"})
    added_at = fields.DateTime(required=True)
    added_by = fields.String(
        required=True,
        metadata={"description": "staff id, or `intake-desk` for the desk that filed the request"},
    )


class SlipsOut(Schema):
    """The slips of a referral that one may open."""

    items = fields.List(fields.Nested(SlipOut), required=True)
