"""The message centre: what one's posts were told, newest first; works without JavaScript."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from services.notifications.schemas.http import MarkAllForm, MessagesQuery
from services.notifications.use_cases import read
from services.notifications.use_cases.context import Context
from services.notifications.use_cases.read import Item
from shared.http import paging
from shared.http.blueprint import read_form, read_query
from shared.http.policy import current_grant, current_principal, permit
from shared.http.redirects import safe_next, see_other
from shared.text import Text

LIST = "/notifications/messages"
NOTICES = {
    "message-read": Text("已标为已读。", "Marked as read."),
    "messages-read": Text("已全部标为已读。", "All marked as read."),
}
_QUERY = MessagesQuery()
_MARK_ALL = MarkAllForm()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the pages of this service."""
    pages = flask.Blueprint("centre", __name__, template_folder="../templates", url_prefix="/notifications")

    @pages.get("/")
    @permit("messages.read")
    def home() -> Response:
        """Lead to the messages."""
        return flask.redirect(LIST)

    @pages.get("/messages")
    @permit("messages.read")
    def messages() -> str:
        """Show one's messages, all or only those not read."""
        query = read_query(flask.request, _QUERY)
        page = paging.page_of(query.get("limit"), query.get("cursor"))
        principal, grant = current_principal(), current_grant()
        found = read.list_messages(
            context,
            principal,
            grant,
            unread=query["unread"],
            after=None if page.after is None else str(page.after[0]),
            limit=page.limit + 1,
        )
        shown = paging.answer(found, page, lambda item: (item.id,))
        return flask.render_template(
            "notifications/messages.html",
            items=[(item, link(item)) for item in shown["items"]],
            unread_only=query["unread"],
            unread=read.count_unread(context, principal, grant),
            first=address(unread=query["unread"]) if page.after else None,
            next=address(unread=query["unread"], cursor=shown["next"]) if shown["next"] else None,
            here=flask.request.full_path if flask.request.query_string else flask.request.path,
        )

    @pages.post("/messages/read")
    @permit("messages.mark")
    def mark_all() -> Response:
        """Mark everything the reader could see as read."""
        form = read_form(flask.request, _MARK_ALL)
        read.mark_all_read(context, current_principal(), current_grant(), form["until"])
        return see_other(safe_next(form.get("next"), LIST), "messages-read")

    @pages.post("/messages/<uuid:message>/read")
    @permit("messages.mark")
    def mark(message: uuid.UUID) -> Response:
        """Mark one message as read and go back to the list."""
        read.mark_read(context, current_principal(), current_grant(), str(message))
        return see_other(safe_next(flask.request.form.get("next"), LIST), "message-read")

    return pages


def link(item: Item) -> str:
    """Give the page a message leads to: the request at the desk that filed it, the referral elsewhere."""
    return f"/referrals/{item.subject}" if item.request is None else f"/intake/requests/{item.request}"


def address(*, unread: bool, cursor: str | None = None) -> str:
    """Give the address of a part of the list."""
    query = {
        name: value for name, value in (("unread", "true" if unread else ""), ("cursor", cursor)) if value
    }
    return f"{LIST}?{urlencode(query)}" if query else LIST
