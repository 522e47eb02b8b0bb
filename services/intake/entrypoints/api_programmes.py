"""The JSON API of the catalogue: what the district can help with, who decides it and by which rules."""

from __future__ import annotations

import flask

from services.intake.schemas.programmes import Catalogue
from services.intake.use_cases.catalogue import read_catalogue
from services.intake.use_cases.context import Context
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.policy import current_principal, permit

OK = 200


def blueprint(context: Context) -> Blueprint:
    """Make the API of the catalogue."""
    api = Blueprint("programmes", __name__, description="The programmes, agencies and fields of the district")

    @api.get("/programmes")
    @api.response(OK, Catalogue)
    @permit("programmes.read")
    def catalogue() -> flask.Response:
        """List the programmes with their rules, and the agencies and fields they name.

        It changes with the district's pack alone: send its ETag as If-None-Match, and 304 says that it has not.
        """
        version, told = read_catalogue(context, current_principal())
        answer = json_response(told)
        answer.set_etag(version)
        answer.make_conditional(flask.request)
        return answer

    return api
