"""The JSON API of drafts: begun, saved as they are typed, submitted once, deleted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.entrypoints.api import submitted
from services.intake.schemas.drafts import DraftBody, DraftPage, DraftQuery, DraftShown
from services.intake.schemas.http import Submitted
from services.intake.use_cases import drafts
from services.intake.use_cases.context import Context
from services.intake.use_cases.drafts import ChangeDraft
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit

OK, CREATED, NO_CONTENT = 200, 201, 204
MAY_MATCH = {**IF_MATCH, "required": False}


def blueprint(context: Context) -> Blueprint:
    """Make the API of drafts."""
    api = Blueprint("drafts", __name__, description="What is written down at the desk before it is filed")

    @api.post("/drafts")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(DraftBody)
    @api.response(CREATED, DraftShown)
    @permit("drafts.edit")
    def create(body: Mapping[str, Any]) -> flask.Response:
        """Begin a draft, in whatever state it is."""
        once = once_for(flask.request, CREATED, shown)
        draft = drafts.create_draft(context, current_principal(), body, once=once)
        headers = {"Location": f"/intake/api/v1/drafts/{draft['id']}", "ETag": etag(draft["version"])}
        return json_response(shown(draft), CREATED, headers)

    @api.get("/drafts")
    @api.arguments(DraftQuery, location="query")
    @api.response(OK, DraftPage)
    @permit("drafts.read")
    def list_drafts(query: Mapping[str, Any]) -> flask.Response:
        """List the drafts of one's own unit, newest first; names are masked."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        after = None if page.after is None else str(page.after[0])
        items = drafts.list_drafts(context, current_principal(), limit=page.limit, after=after)
        return json_response(paging.answer(items, page, lambda item: (item["id"],)))

    @api.get("/drafts/<uuid:draft>")
    @api.response(OK, DraftShown)
    @permit("drafts.read")
    def read(draft: uuid.UUID) -> flask.Response:
        """Read one draft, and what it still lacks to be submitted."""
        found = drafts.read_draft(context, current_principal(), str(draft))
        return json_response(shown(found), headers={"ETag": etag(found["version"])})

    @api.patch("/drafts/<uuid:draft>")
    @api.doc(parameters=[IF_MATCH])
    @api.arguments(DraftBody)
    @api.response(OK, DraftShown)
    @permit("drafts.edit")
    def change(body: Mapping[str, Any], draft: uuid.UUID) -> flask.Response:
        """Save what was typed: objects are merged member by member, lists replaced, null takes a member away."""
        command = ChangeDraft(draft=str(draft), version=if_match(flask.request))
        changed = drafts.change_draft(context, current_principal(), command, body)
        return json_response(shown(changed), headers={"ETag": etag(changed["version"])})

    @api.delete("/drafts/<uuid:draft>")
    @api.doc(parameters=[MAY_MATCH])
    @api.response(NO_CONTENT)
    @permit("drafts.edit")
    def delete(draft: uuid.UUID) -> flask.Response:
        """Delete a draft and all that was in it."""
        drafts.delete_draft(context, current_principal(), _change(draft))
        return flask.Response(status=NO_CONTENT)

    @api.post("/drafts/<uuid:draft>/submit")
    @api.doc(parameters=[MAY_MATCH, IDEMPOTENCY_KEY])
    @api.response(CREATED, Submitted)
    @permit("requests.file")
    def submit(draft: uuid.UUID) -> flask.Response:
        """File what the draft holds as the request of the same id; the draft is no more."""
        once = once_for(flask.request, CREATED, submitted)
        filed = drafts.submit_draft(context, current_principal(), _change(draft), once=once)
        headers = {"Location": f"/intake/api/v1/requests/{filed['id']}", "ETag": etag(filed["version"])}
        return json_response(submitted(filed), CREATED, headers)

    return api


def shown(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Write a draft as the API answers it: what it lacks also in the reader's language."""
    lang = language()
    missing = [{**fault, "message": fault["messages"][lang]} for fault in draft["missing"]]
    return {**draft, "missing": missing}


def _change(draft: uuid.UUID) -> ChangeDraft:
    version = if_match(flask.request) if "If-Match" in flask.request.headers else None
    return ChangeDraft(draft=str(draft), version=version)
