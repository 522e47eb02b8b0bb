"""The JSON API of a person's own consent to be told of news: written down, given anew, and taken back as easily."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas.http import ContactConsentBody, contact_from
from services.intake.schemas.shown import ContactShown
from services.intake.use_cases.contact import record_contact, withdraw_contact
from services.intake.use_cases.context import Context
from shared.http.blueprint import Blueprint
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit

OK, CREATED = 200, 201


def blueprint(context: Context) -> Blueprint:
    """Make the API of consents to be told."""
    api = Blueprint("contact", __name__, description="A person's own consent to be told of news")

    @api.post("/requests/<uuid:request>/contact-consent")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(ContactConsentBody)
    @api.response(CREATED, ContactShown)
    @permit("contact.record")
    def record(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Write down that the person wishes to be told, in fixed neutral words; it takes the place of what stood."""
        once = once_for(flask.request, CREATED, dict)
        given = record_contact(context, current_principal(), str(request), contact_from(body), once=once)
        return json_response(given, CREATED)

    @api.post("/requests/<uuid:request>/contact-consent/withdraw")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.response(OK, ContactShown)
    @permit("contact.withdraw")
    def withdraw(request: uuid.UUID) -> flask.Response:
        """Take it back: nothing more is sent, and the address that notifications holds is deleted."""
        once = once_for(flask.request, OK, dict)
        return json_response(withdraw_contact(context, current_principal(), str(request), once=once), OK)

    return api
