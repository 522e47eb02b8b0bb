"""The auditor's page of one service's audit log: the same in each, ``/<service>/audit``, without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import flask
from marshmallow import fields

from shared.audit import ACTING_FOR, ACTIONS, RESULTS, AuditQuery, AuditRecord
from shared.http import paging
from shared.http.audit_log import SHOWN_ROLES, AuditWords, found, kept_role
from shared.http.blueprint import load
from shared.http.policy import permit
from shared.http.state import state
from shared.text import Text

SERVICES: Mapping[str, Text] = {
    "intake": Text("受理", "Requests"),
    "referrals": Text("办理", "Referrals"),
    "notifications": Text("消息", "Messages"),
}
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(9000, 1, 1)
_EXACT = ("actor", "acting_for", "action", "object_type", "object_id", "result")


class AuditPageQuery(AuditWords):
    """What to look for; days are of the district's calendar, the last one included."""

    since = fields.Date()
    until = fields.Date()
    limit = fields.String()
    cursor = fields.String()


_QUERY = AuditPageQuery()


def blueprint(service: str) -> flask.Blueprint:
    """Make the page of a service's log."""
    pages = flask.Blueprint("audit_page", __name__, url_prefix=f"/{service}")

    @pages.get("/audit")
    @permit("audit.read")
    def log() -> str:
        """Show the search and what it found, newest first. The search is itself written to the log."""
        # A form of the method GET sends its empty fields too.
        query = load(
            _QUERY, {name: value.strip() for name, value in flask.request.args.items() if value.strip()}
        )
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        records = found(_wanted(query), page)
        answer = paging.answer(records, page, lambda record: (record.at, record.id))
        asked = {name: str(value) for name, value in query.items() if name != "cursor"}
        here = f"/{service}/audit"
        return flask.render_template(
            "aid/audit.html",
            rows=[(record, _post(record), _facts(record.detail)) for record in answer["items"]],
            acting_for=ACTING_FOR,
            query=query,
            here=here,
            tabs=[(name, words, _address(f"/{name}/audit", asked)) for name, words in SERVICES.items()],
            service=service,
            actions=sorted(ACTIONS.items()),
            results=list(RESULTS.items()),
            names={**ACTIONS, **RESULTS},
            roles=[(shown, kept_role(shown)) for shown in SHOWN_ROLES],
            first=_address(here, asked) if page.after else None,
            next=_address(here, {**asked, "cursor": answer["next"]}) if answer["next"] else None,
        )

    return pages


def _wanted(query: Mapping[str, Any]) -> AuditQuery:
    timezone = ZoneInfo(state().directory.current().timezone)

    def begins(day: dt.date | None, *, after: int = 0) -> dt.datetime | None:
        if day is None:
            return None
        # What is beyond all entries anyway must not leave the calendar.
        inside = min(max(day, _EARLIEST), _LATEST) + dt.timedelta(days=after)
        return dt.datetime.combine(inside, dt.time(), timezone)

    return AuditQuery(
        **{name: query.get(name) for name in _EXACT},
        role=kept_role(query.get("role")),
        since=begins(query.get("since")),
        until=begins(query.get("until"), after=1),
    )


def _post(record: AuditRecord) -> tuple[str, str]:
    role, _, place = record.post.partition("@")
    return role, place


def _facts(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    # For whom somebody acted stands beside who it was.
    return [(name, _plain(value)) for name, value in detail.items() if name != ACTING_FOR]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_plain(value[name])}" for name in sorted(value))
    return str(value)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
