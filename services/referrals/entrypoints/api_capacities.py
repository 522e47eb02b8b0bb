"""The JSON API of places: how many each programme has, who waits, and the leader's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from services.referrals.schemas.capacity import Capacities, CapacityBody, CapacityOut
from services.referrals.use_cases.capacity import CapacityView, Figures, list_capacities, set_capacity
from services.referrals.use_cases.context import Context
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.openapi import IF_MATCH
from shared.http.policy import current_principal, permit


def blueprint(context: Context) -> Blueprint:
    """Make the API of places."""
    api = Blueprint("capacities", __name__, description="Places of programmes, and who waits for one")

    @api.get("/capacities")
    @api.response(200, Capacities)
    @permit("capacities.read")
    def read_capacities() -> Mapping[str, Any]:
        """Show the places of every programme that counts them; who waits, in turn, to its own agency."""
        return {"items": [_shown(found) for found in list_capacities(context, current_principal())]}

    @api.put("/capacities/<programme>")
    @api.doc(parameters=[IF_MATCH])
    @api.arguments(CapacityBody)
    @api.response(200, CapacityOut)
    @permit("capacities.set")
    def put_capacity(body: Mapping[str, Any], programme: str) -> Any:  # noqa: ANN401 - body and headers
        """Set a programme's places and how many are free: needs `If-Match`, for decisions count them down too."""
        figures = Figures(programme=programme, version=if_match(flask.request), **body)
        found = set_capacity(context, current_principal(), figures)
        return _shown(found), {"ETag": etag(found.capacity.version)}

    return api


def _shown(found: CapacityView) -> dict[str, Any]:
    capacity = found.capacity
    return {
        "programme": capacity.programme,
        "agency": capacity.agency,
        "places": capacity.places,
        "free": capacity.free,
        "as_of": capacity.as_of,
        "version": capacity.version,
        "waiting": found.waiting,
        "line": None if found.line is None else [dict(row) for row in found.line],
    }
