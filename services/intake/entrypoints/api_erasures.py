"""The JSON API of erasure: asked for at the desk, decided by whoever is bound to data protection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.domain.rights import Hold
from services.intake.schemas import people as schemas
from services.intake.use_cases import erase_person, erasure_answers
from services.intake.use_cases.context import Context
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit

OK, ACCEPTED = 200, 202


def blueprint(context: Context) -> Blueprint:
    """Make the API of erasure."""
    api = Blueprint(
        "erasures", __name__, description="Erasing a person: asked for, decided, answered by agencies"
    )

    @api.post("/people/<uuid:person>/erasure")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.EraseBody)
    @api.response(ACCEPTED, schemas.Erasure)
    @permit("people.ask-erasure")
    def erase(body: Mapping[str, Any], person: uuid.UUID) -> flask.Response:
        """Ask for a person to be erased: all legs have ended first; somebody bound to data protection decides."""
        once = once_for(flask.request, ACCEPTED, dict)
        asked = erase_person.ask_erasure(context, current_principal(), str(person), body["reason"], once=once)
        return json_response(asked, ACCEPTED)

    @api.post("/people/<uuid:person>/erasure/answers")
    @api.arguments(schemas.HolderAnswerBody)
    @api.response(OK, schemas.Erasure)
    @permit("people.ask-erasure")
    def answered(body: Mapping[str, Any], person: uuid.UUID) -> flask.Response:
        """Record what an agency has answered that was asked to delete what it holds."""
        return json_response(erasure_answers.record_answer(context, current_principal(), str(person), **body))

    @api.get("/people/<uuid:person>/erasure")
    @api.response(OK, schemas.ErasurePage)
    @permit("people.ask-erasure")
    def erasures(person: uuid.UUID) -> flask.Response:
        """Tell how far the erasure of a person is, and who holds what; also after it was carried out."""
        items = erasure_answers.read_erasures(context, current_principal(), str(person))
        return json_response({"items": items, "next": None})

    @api.get("/erasures")
    @api.arguments(schemas.ErasureQuery, location="query")
    @api.response(OK, schemas.ErasurePage)
    @permit("erasures.read")
    def waiting(query: Mapping[str, Any]) -> flask.Response:
        """List the erasures that wait for a decision or for the end of a hold, oldest first."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        after = str(page.after[0]) if page.after else None
        items = erase_person.list_erasures(context, current_principal(), after=after, limit=page.limit)
        return json_response(paging.answer(items, page, lambda item: (item["id"],)))

    @api.post("/erasures/<uuid:erasure>/approve")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.ApproveBody)
    @api.response(OK, schemas.Erasure)
    @permit("erasures.decide")
    def approve(body: Mapping[str, Any], erasure: uuid.UUID) -> flask.Response:
        """Agree to an erasure: carried out at once, or as a hold ends."""
        once = once_for(flask.request, OK, dict)
        hold = Hold(**body["hold"]) if body["hold"] else None
        return json_response(
            erase_person.approve_erasure(context, current_principal(), str(erasure), hold=hold, once=once)
        )

    @api.post("/erasures/<uuid:erasure>/decline")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.DeclineBody)
    @api.response(OK, schemas.Erasure)
    @permit("erasures.decide")
    def decline(body: Mapping[str, Any], erasure: uuid.UUID) -> flask.Response:
        """Turn an erasure down, with the reason the person is told."""
        once = once_for(flask.request, OK, dict)
        return json_response(
            erase_person.decline_erasure(
                context, current_principal(), str(erasure), body["reason"], once=once
            )
        )

    return api
