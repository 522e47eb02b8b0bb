"""The JSON API by which a leader gives all that an officer has in hand to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from services.referrals.schemas.handover import HandOverBody, HandOverOut
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.handover import HandedOver, HandOver, hand_over
from shared.http.blueprint import Blueprint
from shared.http.idempotency import once_for
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit


def blueprint(context: Context) -> Blueprint:
    """Make the API of handovers."""
    api = Blueprint("handovers", __name__, description="All of one officer's referrals at once")

    @api.post("/handovers")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(HandOverBody)
    @api.response(200, HandOverOut)
    @permit("referrals.hand-over")
    def post_handover(body: Mapping[str, Any]) -> HandedOver:
        """Give an officer's open referrals to a colleague: for good, or `until` a day while they are away."""
        once = once_for(flask.request, 200, HandOverOut().dump)
        return hand_over(context, current_principal(), HandOver(**body), once=once)

    return api
