"""The audit log of one service for the auditor: the same address in each, ``/<service>/api/v1/audit``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import flask
from marshmallow import fields

from shared.audit import RESULTS, AuditEntry, AuditQuery, AuditRecord, search
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.paging import Page
from shared.http.policy import current_grant, current_principal, permit
from shared.http.schema import Choice, Length, Range, Schema
from shared.http.state import state
from shared.identity import Role, outward_role
from shared.identity.principal import OUTWARD_ROLES

SEARCHED = ("actor", "acting_for", "role", "action", "object_type", "object_id", "result", "since", "until")
LINE = ("id", "at", "actor", "post", "action", "object_type", "object_id", "reason", "result", "detail")
WORD = Length(min=1, max=64)
SHOWN_ROLES = tuple(outward_role(role) for role in Role)
ROLE = Choice(SHOWN_ROLES)
RESULT = Choice(RESULTS)
MOMENT = Range(min=datetime(2000, 1, 1, tzinfo=UTC), max=datetime(9000, 1, 1, tzinfo=UTC))


class AuditWords(Schema):
    """The words of a search, the same for programs and on the page."""

    actor = fields.String(validate=WORD)
    acting_for = fields.String(validate=WORD)
    role = fields.String(validate=ROLE)
    action = fields.String(validate=WORD)
    object_type = fields.String(validate=WORD)
    object_id = fields.String(validate=WORD)
    result = fields.String(validate=RESULT)


class AuditSearch(AuditWords):
    """What to look for; every field that is given must match."""

    since = fields.AwareDateTime(validate=MOMENT)
    until = fields.AwareDateTime(validate=MOMENT)
    limit = fields.String()
    cursor = fields.String()


class AuditLine(Schema):
    """Who did what, under which post (a role and its place), to which object, why, and what came of it."""

    id = fields.UUID()
    at = fields.DateTime()
    actor = fields.String()
    post = fields.String()
    action = fields.String()
    object_type = fields.String()
    object_id = fields.String()
    reason = fields.String(allow_none=True)
    result = fields.String()
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
        if "role" in wanted:
            wanted["role"] = kept_role(wanted["role"])
        records = found(AuditQuery(**wanted), page)
        items = [
            {name: getattr(record, name) for name in LINE} | {"post": _shown(record.post)}
            for record in records
        ]
        return json_response(paging.answer(items, page, lambda item: (item["at"], item["id"])))

    return api


def found(wanted: AuditQuery, page: Page) -> list[AuditRecord]:
    """Read the lines of a page and one more, if there is one, and write down that they were looked for."""
    spec = state()
    after = None if page.after is None else (page.after[0], page.after[1])
    with spec.database.unit_of_work() as uow:
        records = search(uow.connection, wanted, limit=page.limit + 1, after=after)
        asked = {name: getattr(wanted, name) for name in SEARCHED}
        uow.audit(
            AuditEntry(
                at=spec.clock.now(),
                actor=current_principal().staff,
                post=str(current_grant().post),
                action="audit.searched",
                object_type="audit",
                object_id=spec.service,
                detail={name: str(value) for name, value in asked.items() if value is not None},
            )
        )
    return records


def kept_role(shown: str | None) -> str | None:
    """Give the role id as the log keeps it, from how it is shown."""
    return next((kept for kept, outward in OUTWARD_ROLES.items() if outward == shown), shown)


def _shown(post: str) -> str:
    role, at, place = post.partition("@")
    return f"{outward_role(role)}{at}{place}"
