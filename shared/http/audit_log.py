"""The audit log of one service for the auditor: the same address in each, ``/<service>/api/v1/audit``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
from marshmallow import fields

from shared.audit import AuditEntry, AuditQuery, search
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.policy import current_grant, current_principal, permit
from shared.http.schema import Length, Schema
from shared.http.state import state
from shared.identity import outward_role

SEARCHED = ("actor", "action", "object_type", "object_id", "since", "until")
LINE = ("id", "at", "actor", "post", "action", "object_type", "object_id", "reason", "detail")
WORD = Length(min=1, max=64)


class AuditSearch(Schema):
    """What to look for; every field that is given must match."""

    actor = fields.String(validate=WORD)
    action = fields.String(validate=WORD)
    object_type = fields.String(validate=WORD)
    object_id = fields.String(validate=WORD)
    since = fields.AwareDateTime()
    until = fields.AwareDateTime()
    limit = fields.String()
    cursor = fields.String()


class AuditLine(Schema):
    """Who did what, under which post, to which object, and why."""

    id = fields.UUID()
    at = fields.DateTime()
    actor = fields.String()
    post = fields.String()
    action = fields.String()
    object_type = fields.String()
    object_id = fields.String()
    reason = fields.String(allow_none=True)
    detail = fields.Dict()


class AuditPage(Schema):
    """One page of the log, newest first."""

    items = fields.List(fields.Nested(AuditLine))
    next = fields.String(allow_none=True)


def blueprint() -> Blueprint:
    """Make the API of the audit log."""
    api = Blueprint("audit", __name__, description="Who did what; no content of any case")

    @api.get("/audit")
    @api.arguments(AuditSearch, location="query")
    @api.response(200, AuditPage)
    @permit("audit.read")
    def search_log(query: Mapping[str, Any]) -> flask.Response:
        """Search the log, newest first. The search is itself written to it."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        wanted = {name: query[name] for name in SEARCHED if name in query}
        spec = state()
        after = None if page.after is None else (page.after[0], page.after[1])
        with spec.database.unit_of_work() as uow:
            found = search(uow.connection, AuditQuery(**wanted), limit=page.limit + 1, after=after)
            uow.audit(
                AuditEntry(
                    at=spec.clock.now(),
                    actor=current_principal().staff,
                    post=str(current_grant().post),
                    action="audit.searched",
                    object_type="audit",
                    object_id=spec.service,
                    detail={name: str(value) for name, value in wanted.items()},
                )
            )
        items = [
            {name: getattr(record, name) for name in LINE} | {"post": _shown(record.post)} for record in found
        ]
        return json_response(paging.answer(items, page, lambda item: (item["at"], item["id"])))

    return api


def _shown(post: str) -> str:
    role, at, place = post.partition("@")
    return f"{outward_role(role)}{at}{place}"
