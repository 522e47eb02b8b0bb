"""The JSON API of short messages from the help desk, for the staff of the agency they were sealed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.referrals.schemas.desk_messages import Messages
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.desk_messages import read_messages
from shared.http.blueprint import Blueprint
from shared.http.policy import current_principal, permit


def blueprint(context: Context) -> Blueprint:
    """Make the API of messages."""
    api = Blueprint("desk-messages", __name__, description="What the help desk wrote to an agency's desk")

    @api.get("/referrals/<uuid:referral_id>/messages")
    @api.response(200, Messages)
    @permit("referrals.open-packet")
    def list_messages(referral_id: UUID) -> Mapping[str, Any]:
        """Read the messages about a referral of one's own agency; the look is written to the audit log."""
        return {"items": read_messages(context, current_principal(), str(referral_id))}

    return api
