"""The JSON API: one's messages, and what was delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.errors import NoSuchMessage
from services.notifications.schemas.http import (
    DELIVERED,
    PERSONS,
    POSTS,
    Deliveries,
    DeliveriesQuery,
    Message,
    Messages,
    MessagesQuery,
)
from services.notifications.use_cases import read
from services.notifications.use_cases.context import Context
from shared.http import paging
from shared.http.blueprint import Blueprint
from shared.http.locale import language
from shared.http.policy import current_grant, current_principal, permit
from shared.http.problems import NotFound, Problem
from shared.identity import outward_role

CHANNEL = "in-app"


def not_found(_: NoSuchMessage) -> Problem:
    """Answer 404 also for a message that exists in somebody else's inbox."""
    return NotFound()


def blueprint(context: Context) -> Blueprint:
    """Make the API of this service."""
    api = Blueprint("messages", __name__, description="Messages in the inboxes of one's posts")

    @api.get("/messages")
    @api.arguments(MessagesQuery, location="query")
    @api.response(200, Messages)
    @permit("messages.read")
    def list_messages(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """List one's messages, newest first."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        items = read.list_messages(
            context,
            current_principal(),
            current_grant(),
            unread=query["unread"],
            after=None if page.after is None else str(page.after[0]),
            limit=page.limit + 1,
        )
        return paging.answer([as_json(item) for item in items], page, lambda item: (item["id"],))

    @api.post("/messages/<uuid:message>/read")
    @api.response(200, Message)
    @permit("messages.mark")
    def mark_read(message: object) -> Mapping[str, Any]:
        """Mark a message as read; doing so again changes nothing."""
        return as_json(read.mark_read(context, current_principal(), current_grant(), str(message)))

    @api.get("/deliveries")
    @api.arguments(DeliveriesQuery, location="query")
    @api.response(200, Deliveries)
    @permit("deliveries.read")
    def list_deliveries(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """List what went where and when, without any content; of what persons were sent, without any address."""
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        after = None if page.after is None else str(page.after[0])
        listed, counted = _LOGS[query["to"]]
        items = listed(context, after, page.limit + 1)
        return {**paging.answer(items, page, lambda item: (item["id"],)), "totals": counted(context)}

    return api


def as_json(item: read.Item) -> dict[str, Any]:
    """Write a message as the API shows it, in the language of the reader."""
    return {
        "id": item.id,
        "type": item.type,
        "subject": item.subject,
        "number": item.number,
        "agency": item.agency,
        "at": item.at,
        "read_at": item.read_at,
        "text": item.text.of(language()),
    }


def _to_posts(context: Context, after: str | None, limit: int) -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "channel": CHANNEL,
            "inbox": _shown(row["inbox"]),
            "at": row["at"],
            "state": DELIVERED,
        }
        for row in read.list_deliveries(context, after=after, limit=limit)
    ]


def _to_persons(context: Context, after: str | None, limit: int) -> list[dict[str, Any]]:
    return [{**row, "inbox": None} for row in read.list_sendings(context, after=after, limit=limit)]


_LOGS: Mapping[str, tuple[Callable[..., list[dict[str, Any]]], Callable[[Context], dict[str, int]]]] = {
    POSTS: (_to_posts, read.totals),
    PERSONS: (_to_persons, read.sending_totals),
}


def _shown(inbox: str) -> str:
    role, _, place = inbox.partition(":")
    return f"{outward_role(role)}:{place}" if place else outward_role(role)
