"""The JSON API of requests: file, list, read, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas.http import (
    ListQuery,
    SubmitBody,
    Submitted,
    Withdrawal,
    WithdrawBody,
    to_submit,
)
from services.intake.schemas.shown import ConsentList, FullRequest, History, RequestPage
from services.intake.use_cases import read_requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import ListRequests
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit

CREATED, ACCEPTED = 201, 202


def blueprint(context: Context) -> Blueprint:
    """Make the API of requests."""
    api = Blueprint("requests", __name__, description="Requests filed at the desk, and their legs")

    @api.post("/requests")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(SubmitBody)
    @api.response(CREATED, Submitted)
    @permit("requests.file")
    def file_request(body: Mapping[str, Any]) -> flask.Response:
        """File a request. Send an Idempotency-Key, and it takes effect once however often it is sent."""
        once = once_for(flask.request, CREATED, submitted)
        filed = submit_request(context, current_principal(), to_submit(body), once=once)
        headers = {"Location": f"/intake/api/v1/requests/{filed['id']}", "ETag": etag(filed["version"])}
        return json_response(submitted(filed), CREATED, headers)

    @api.get("/requests")
    @api.arguments(ListQuery, location="query")
    @api.response(200, RequestPage)
    @permit("requests.read")
    def list_requests(query: Mapping[str, Any]) -> flask.Response:
        """List the requests of one's own unit or street, newest first; names are masked."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        wanted = ListRequests(
            statuses=query["status"],
            search=query.get("q"),
            limit=page.limit,
            after=read_requests.place(page.after),
        )
        items = read_requests.list_requests(context, current_principal(), wanted)
        return json_response(paging.answer(items, page, lambda item: (item["created_at"], item["id"])))

    @api.get("/requests/<uuid:request>")
    @api.response(200, FullRequest)
    @permit("requests.read")
    def read_request(request: uuid.UUID) -> flask.Response:
        """Read one request with person, answers, legs and consents. The look is written to the audit log."""
        found = read_requests.read_request(context, current_principal(), str(request))
        return json_response(found, headers={"ETag": etag(found["version"])})

    @api.get("/requests/<uuid:request>/history")
    @api.response(200, History)
    @permit("requests.read")
    def read_history(request: uuid.UUID) -> flask.Response:
        """Read what happened to a request and its legs, oldest first."""
        return json_response(
            {"items": read_requests.read_history(context, current_principal(), str(request))}
        )

    @api.get("/requests/<uuid:request>/consents")
    @api.response(200, ConsentList)
    @permit("consents.print")
    def read_consents(request: uuid.UUID) -> flask.Response:
        """Read the consents of a request, one per agency and programme."""
        _, consents = read_requests.read_consents(context, current_principal(), str(request))
        return json_response({"items": consents})

    @api.post("/requests/<uuid:request>/withdraw")
    @api.doc(parameters=[{**IF_MATCH, "required": False}, IDEMPOTENCY_KEY])
    @api.arguments(WithdrawBody)
    @api.response(ACCEPTED, Withdrawal)
    @permit("requests.withdraw")
    def withdraw(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Ask for legs to be cancelled, all open ones if none is named.

        What an agency has already accepted is not cancelled: that leg then shows ``cancel_refusal``.
        """
        once = once_for(flask.request, ACCEPTED, dict)
        version = if_match(flask.request) if "If-Match" in flask.request.headers else None
        command = WithdrawRequest(
            request=str(request), reason=body["reason"], legs=tuple(body["legs"]), version=version
        )
        return json_response(withdraw_request(context, current_principal(), command, once=once), ACCEPTED)

    return api


def submitted(filed: Mapping[str, Any]) -> dict[str, Any]:
    """Write what was filed as the API answers it: each warning also in the reader's language."""
    lang = language()
    warnings = [{**warning, "message": warning["messages"][lang]} for warning in filed["warnings"]]
    return {**filed, "warnings": warnings}
