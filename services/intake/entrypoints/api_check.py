"""The JSON API of decisions about a request as a whole: the street's check, the follow-up call, the household."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.domain.follow_up import Call
from services.intake.domain.household import Member
from services.intake.entrypoints.api_legs import version_seen
from services.intake.schemas.life import (
    Decided,
    FollowUpBody,
    HouseholdBody,
    HouseholdShown,
    SendBackBody,
)
from services.intake.use_cases import household as households
from services.intake.use_cases import street_check
from services.intake.use_cases.context import Context
from services.intake.use_cases.follow_up import FollowUp, follow_up
from services.intake.use_cases.household import LinkHousehold
from services.intake.use_cases.street_check import SendBack
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit

OK = 200
SEEN = {**IF_MATCH, "required": False}


def blueprint(context: Context) -> Blueprint:
    """Make the API of these decisions."""
    api = Blueprint("check", __name__, description="Decisions about a request as a whole")

    @api.post("/requests/<uuid:request>/approve")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.response(OK, Decided)
    @permit("requests.check")
    def approve(request: uuid.UUID) -> flask.Response:
        """Approve a request that waits for the street's check: its legs are issued to their agencies."""
        once = once_for(flask.request, OK, dict)
        return _decided(
            street_check.approve(
                context, current_principal(), str(request), version=version_seen(), once=once
            )
        )

    @api.post("/requests/<uuid:request>/send-back")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(SendBackBody)
    @api.response(OK, Decided)
    @permit("requests.check")
    def send_back(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Send a request back to its desk with reasons; corrected, it is submitted again."""
        once = once_for(flask.request, OK, dict)
        command = SendBack(
            request=str(request),
            reasons=tuple(dict.fromkeys(body["reasons"])),
            words=(body.get("words") or "").strip() or None,
            version=version_seen(),
        )
        return _decided(street_check.send_back(context, current_principal(), command, once=once))

    @api.post("/requests/<uuid:request>/submit")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.response(OK, Decided)
    @permit("requests.file")
    def submit(request: uuid.UUID) -> flask.Response:
        """Submit a request again that was sent back, after it was corrected."""
        once = once_for(flask.request, OK, dict)
        return _decided(
            street_check.submit_again(
                context, current_principal(), str(request), version=version_seen(), once=once
            )
        )

    @api.post("/requests/<uuid:request>/follow-up")
    @api.doc(parameters=[SEEN, IDEMPOTENCY_KEY])
    @api.arguments(FollowUpBody)
    @api.response(OK, Decided)
    @permit("requests.follow-up")
    def record_call(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Record the follow-up call: it closes the request, and its rating goes to the agencies."""
        once = once_for(flask.request, OK, dict)
        call = Call(**{**body, "words": (body.get("words") or "").strip() or None})
        command = FollowUp(request=str(request), call=call, version=version_seen())
        return _decided(follow_up(context, current_principal(), command, once=once))

    @api.put("/requests/<uuid:request>/household")
    @api.doc(parameters=[SEEN])
    @api.arguments(HouseholdBody)
    @api.response(OK, HouseholdShown)
    @permit("requests.link-household")
    def link(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Link requests of one's own desk as one household, headed by the person of this one."""
        members = tuple(Member(**member) for member in body["members"])
        command = LinkHousehold(request=str(request), members=members, version=version_seen())
        linked = households.link_household(context, current_principal(), command)
        return json_response(linked, headers={"ETag": etag(linked["version"])})

    @api.get("/requests/<uuid:request>/household")
    @api.response(OK, HouseholdShown)
    @permit("requests.read")
    def read(request: uuid.UUID) -> flask.Response:
        """Read the household a request belongs to; names are masked."""
        found = households.read_household(context, current_principal(), str(request))
        return json_response(found, headers={"ETag": etag(found["version"])})

    return api


def _decided(request: Mapping[str, Any]) -> flask.Response:
    return json_response(request, headers={"ETag": etag(request["version"])})
