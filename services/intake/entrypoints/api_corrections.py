"""The JSON API of what changes about a request after it was filed: data, consents, whose it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.entrypoints.api_legs import ACCEPTED, version_seen
from services.intake.entrypoints.leg_commands import to_correct
from services.intake.schemas import legs as schemas
from services.intake.schemas.http import RefusedBody, refused_from
from services.intake.use_cases.context import Context
from services.intake.use_cases.correct import correct_request
from services.intake.use_cases.filing_warnings import shown
from services.intake.use_cases.merge_requests import MergeRequests, merge_requests
from services.intake.use_cases.move_request import MoveRequest, move_request
from services.intake.use_cases.refuse_consent import RefuseConsent, refuse_consent
from services.intake.use_cases.withdraw_consent import (
    WithdrawConsent,
    explain_withdrawal,
    withdraw_consent,
)
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit

OK, CREATED = 200, 201
SEEN = {**IF_MATCH, "required": False}


def blueprint(context: Context) -> Blueprint:
    """Make the API of corrections."""
    api = Blueprint("corrections", __name__, description="What changes about a request after it was filed")

    @api.patch("/requests/<uuid:request>")
    @api.doc(parameters=[IF_MATCH])
    @api.arguments(schemas.CorrectBody)
    @api.response(OK, schemas.Corrected)
    @permit("requests.correct")
    def correct(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Put data right. Each agency is sent what has changed as far as its consent covers it.

        Whom it is for from now on is held against what is open, as when it was filed.
        """
        command = to_correct(str(request), body, if_match(flask.request))
        corrected = correct_request(context, current_principal(), command)
        return json_response(shown(corrected, language()), OK, {"ETag": etag(corrected["version"])})

    @api.post("/requests/<uuid:request>/move")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(schemas.MoveBody)
    @api.response(OK, schemas.Moved)
    @permit("requests.move")
    def move(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Give a case to another street or community of the district; its history goes with it."""
        once = once_for(flask.request, OK, dict)
        command = MoveRequest(request=str(request), version=version_seen(), **body)
        return json_response(move_request(context, current_principal(), command, once=once))

    @api.post("/requests/<uuid:request>/merge")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(schemas.MergeBody)
    @api.response(OK, schemas.Merged)
    @permit("requests.merge")
    def merge(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Merge a request into another of the same person; what was filed twice is withdrawn."""
        once = once_for(flask.request, OK, dict)
        command = MergeRequests(request=str(request), into=body["into"], version=version_seen())
        return json_response(merge_requests(context, current_principal(), command, once=once))

    @api.post("/requests/<uuid:request>/refusals")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(RefusedBody)
    @api.response(CREATED, schemas.ConsentRefused)
    @permit("consents.refuse")
    def refuse(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Write down that the person does not consent, or does not renew: the desk does not ask again for a while.

        A no touches no other help, and the person may consent on any day.
        """
        once = once_for(flask.request, CREATED, dict)
        command = RefuseConsent(request=str(request), refused=refused_from(body), version=version_seen())
        return json_response(refuse_consent(context, current_principal(), command, once=once), CREATED)

    @api.get("/requests/<uuid:request>/consents/<uuid:consent>/withdraw")
    @api.response(OK, schemas.ConsentWithdrawal)
    @permit("consents.withdraw")
    def explain(request: uuid.UUID, consent: uuid.UUID) -> flask.Response:
        """Tell what withdrawing a consent would do, leg by leg. Nothing changes."""
        return json_response(explain_withdrawal(context, current_principal(), str(request), str(consent)))

    @api.post("/requests/<uuid:request>/consents/<uuid:consent>/withdraw")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(schemas.ExplainQuery, location="query")
    @api.response(ACCEPTED, schemas.ConsentWithdrawal)
    @permit("consents.withdraw")
    def withdraw(query: Mapping[str, Any], request: uuid.UUID, consent: uuid.UUID) -> flask.Response:
        """Take a consent back: its legs are cancelled before acceptance, and frozen after.

        With `explain=true` nothing changes, and the answer (200) tells what would follow.
        """
        if query["explain"]:
            return json_response(explain_withdrawal(context, current_principal(), str(request), str(consent)))
        once = once_for(flask.request, ACCEPTED, dict)
        command = WithdrawConsent(request=str(request), consent=str(consent), version=version_seen())
        withdrawn = withdraw_consent(context, current_principal(), command, once=once)
        return json_response(withdrawn, ACCEPTED)

    return api
