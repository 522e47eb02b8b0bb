"""The JSON API of screenings: a few answers in, programmes out; and the places programmes have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas.screenings import CapacityList, Questions, Screening, ScreeningBody
from services.intake.use_cases.capacities import list_capacities
from services.intake.use_cases.context import Context
from services.intake.use_cases.screen import questions, screen
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.policy import current_principal, permit

OK = 200


def blueprint(context: Context) -> Blueprint:
    """Make the API of screenings."""
    api = Blueprint("screenings", __name__, description="Which programmes may fit; nothing of it is stored")

    @api.get("/screenings/questions")
    @api.response(OK, Questions)
    @permit("screenings.run")
    def ask() -> flask.Response:
        """Give the eight to ten questions of the district."""
        return json_response({"items": questions(context, current_principal())})

    @api.post("/screenings")
    @api.arguments(ScreeningBody)
    @api.response(OK, Screening)
    @permit("screenings.run")
    def suggest(body: Mapping[str, Any]) -> flask.Response:
        """Rank the programmes by a few answers. It suggests, stores nothing and turns nobody away."""
        return json_response({"items": screen(context, current_principal(), body["answers"])})

    @api.get("/capacities")
    @api.response(OK, CapacityList)
    @permit("screenings.run")
    def places() -> flask.Response:
        """Show the places of programmes as their agencies last told."""
        return json_response({"items": list_capacities(context, current_principal())})

    return api
