"""What a leader fills in to give all that an officer has in hand to a colleague, and the answer."""

from __future__ import annotations

from marshmallow import fields

from services.referrals.domain.reasons import HANDOVER_REASONS
from shared.http.schema import Length, Schema


class HandOverBody(Schema):
    """Whose open referrals go to whom and why; with `until` they are lent and come back after that day."""

    from_ = fields.String(
        required=True,
        validate=Length(min=1, max=64),
        data_key="from",
        metadata={"description": "staff id, also of somebody who holds no post any more"},
    )
    to = fields.String(
        required=True,
        validate=Length(min=1, max=64),
        metadata={"description": "an officer of the same agency"},
    )
    # Which code is known is checked by the domain, whose message names them all.
    reason = fields.String(required=True, validate=Length(max=64), metadata={"enum": list(HANDOVER_REASONS)})
    until = fields.Date(
        metadata={
            "description": "the last day of a leave, which cannot do without one, within a year; none for who leaves"
        }
    )


class HandOverOut(Schema):
    """How many changed hands, how many are left (the same again goes on with those), how many were lent so before."""

    handed_over = fields.Integer(required=True)
    left = fields.Integer(required=True)
    already = fields.Integer(
        required=True,
        metadata={
            "description": "lent to this colleague until that day before: nothing was to be done about them"
        },
    )
