"""The JSON API of legs that are under way: add some, give one a successor or none, ask something of one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.entrypoints.leg_commands import to_add
from services.intake.schemas import legs as schemas
from services.intake.use_cases.add_legs import add_legs
from services.intake.use_cases.commands import AskLeg, ask_leg
from services.intake.use_cases.context import Context
from services.intake.use_cases.filing_warnings import shown
from services.intake.use_cases.reissue import RefuseReissue, refuse_reissue
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit
from shared.http.schema import Schema

CREATED, ACCEPTED = 201, 202

ASKED: Mapping[str, tuple[str, type[Schema], str]] = {
    "supply": (
        "supply",
        schemas.SupplyBody,
        "Send the papers an agency asked for; upload them to the request first.",
    ),
    "more-time": (
        "more-time",
        schemas.MoreTimeBody,
        "Ask for more time for the person to bring papers: once for each leg.",
    ),
    "reopen": (
        "reopen",
        schemas.ReopenBody,
        "Ask for a closed leg to be worked on again: as of right after it lapsed, or on an objection.",
    ),
    "messages": ("message", schemas.MessageBody, "Send a short message, sealed to the agency's desk."),
    "rate": ("rate", schemas.RateBody, "Record how the person rates the help of a closed leg."),
    "record": (
        "record",
        schemas.RecordBody,
        "Record what an agency has answered on paper, on its behalf and with the scanned slip.",
    ),
}
"""Path → verb, body, and what it does."""


def version_seen() -> int | None:
    """Give the version of If-Match where the caller names one."""
    return if_match(flask.request) if "If-Match" in flask.request.headers else None


def blueprint(context: Context) -> Blueprint:
    """Make the API of legs."""
    api = Blueprint("legs", __name__, description="Legs that join a request later, and what is asked of them")

    @api.post("/requests/<uuid:request>/legs")
    @api.doc(parameters=[{**IF_MATCH, "required": False}, IDEMPOTENCY_KEY])
    @api.arguments(schemas.AddLegsBody)
    @api.response(CREATED, schemas.LegsAdded)
    @permit("requests.add-legs")
    def add(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Add legs and consents to an open request.

        A leg that `replaces` another is the successor that was asked for; the leg before it ends when this one has
        been issued.
        """
        once = once_for(flask.request, CREATED, lambda added: shown(added, language()))
        command = to_add(str(request), body, version_seen())
        added = add_legs(context, current_principal(), command, once=once)
        return json_response(shown(added, language()), CREATED, {"ETag": etag(added["version"])})

    @api.post("/requests/<uuid:request>/legs/<uuid:leg>/refuse-reissue")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.RefuseReissueBody)
    @api.response(ACCEPTED, schemas.Changed)
    @permit("requests.add-legs")
    def refuse(body: Mapping[str, Any], request: uuid.UUID, leg: uuid.UUID) -> flask.Response:
        """Make no successor in a leg's place: it stays with its agency and is decided about again."""
        once = once_for(flask.request, ACCEPTED, dict)
        command = RefuseReissue(request=str(request), leg=str(leg), reason=body["reason"])
        return json_response(refuse_reissue(context, current_principal(), command, once=once), ACCEPTED)

    def mount(path: str, verb: str, schema: type[Schema], told: str) -> None:
        def view(body: Mapping[str, Any], request: uuid.UUID, leg: uuid.UUID) -> flask.Response:
            once = once_for(flask.request, ACCEPTED, lambda asked: shown(asked, language()))
            command = AskLeg(request=str(request), leg=str(leg), verb=verb, fields=body)
            asked = ask_leg(context, current_principal(), command, once=once)
            return json_response(shown(asked, language()), ACCEPTED)

        view.__name__ = f"ask_{verb.replace('-', '_')}"
        view.__doc__ = told
        guarded = permit("requests.ask")(view)
        answered = api.response(ACCEPTED, schemas.Asked)(guarded)
        documented = api.doc(parameters=[IDEMPOTENCY_KEY])(api.arguments(schema)(answered))
        api.post(f"/requests/<uuid:request>/legs/<uuid:leg>/{path}", endpoint=view.__name__)(documented)

    for path, (verb, schema, told) in ASKED.items():
        mount(path, verb, schema, told)

    return api
