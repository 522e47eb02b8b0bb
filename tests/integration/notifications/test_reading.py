"""Reading one's messages by API and page, marking them, and what the operator sees of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared import ids
from shared.directory.neutral import forbidden_word
from shared.identity import csrf
from tests.integration.notifications.post_room import PostRoom, issued, then

ITEM = {"id", "type", "subject", "number", "agency", "at", "read_at", "text"}


def test_a_message_has_these_fields_and_no_more(room: PostRoom) -> None:
    (event,) = issued()
    room.receive(event)
    (item,) = room.reader("desk", agency="civil-affairs").get("/messages").json["items"]
    assert set(item) == ITEM
    assert item["type"] == "referral.issued.v1"
    assert item["subject"] == event.subject
    assert item["number"] == event.data["number"]
    assert item["agency"] == "civil-affairs"
    assert item["read_at"] is None


def test_the_text_is_in_the_readers_language(room: PostRoom) -> None:
    (event,) = issued()
    room.receive(event)
    (item,) = room.reader("desk", agency="civil-affairs").get("/messages", language="en").json["items"]
    assert item["text"] == (
        f"New referral {event.data['number']} (Minimum living allowance): please acknowledge it."
    )


def test_pages_of_a_list_follow_each_other_without_gap_or_repetition(room: PostRoom) -> None:
    room.receive(*issued(25))
    reader = room.reader("desk", agency="civil-affairs")
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = reader.get("/messages", limit=10, **({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert len(set(seen)) == len(seen) == 25
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query", [{"cursor": "made-up"}, {"limit": 0}, {"limit": 1000}, {"unread": "perhaps"}, {"x": 1}]
)
def test_a_query_that_cannot_be_read_is_refused_by_field(room: PostRoom, query: dict[str, Any]) -> None:
    answer = room.reader("desk", agency="civil-affairs").get("/messages", **query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == list(query)


def test_reading_is_each_persons_own(room: PostRoom) -> None:
    room.receive(*issued(2))
    mine = room.reader("desk", agency="civil-affairs")
    first = mine.get("/messages").json["items"][0]
    marked = mine.mark(first["id"])
    assert marked.status_code == 200
    assert marked.json["read_at"] is not None
    assert len(mine.texts(unread="true")) == 1
    assert len(mine.texts()) == 2
    colleague = room.reader("desk", agency="civil-affairs")
    token = room.installation.keyring("intake").tokens
    other = type(colleague.principal)(staff="somebody-else", session="s", posts=colleague.principal.posts)
    colleague.token = token.sign(other, room.installation.clock.now())
    assert len(colleague.texts(unread="true")) == 2


def test_reading_again_keeps_the_first_time(room: PostRoom) -> None:
    room.receive(*issued())
    reader = room.reader("desk", agency="civil-affairs")
    (item,) = reader.get("/messages").json["items"]
    first = reader.mark(item["id"]).json["read_at"]
    room.installation.clock.move_to(room.installation.clock.now() + timedelta(minutes=5))
    assert reader.mark(item["id"]).json["read_at"] == first


def test_a_message_in_another_inbox_is_not_there(room: PostRoom) -> None:
    room.receive(*issued())
    (item,) = room.reader("desk", agency="civil-affairs").get("/messages").json["items"]
    assert room.reader("desk", agency="health").mark(item["id"]).status_code == 404
    assert room.reader("desk", agency="civil-affairs").mark(ids.new()).status_code == 404


def test_the_operator_sees_where_things_went_and_nothing_of_what_they_say(room: PostRoom) -> None:
    (first,) = issued()
    room.receive(first, then(first, "referral.accepted.v1", 2))
    answer = room.reader("operator").get("/deliveries").json
    assert answer["totals"] == {"referral.issued.v1": 1, "referral.accepted.v1": 1}
    assert {item["inbox"] for item in answer["items"]} == {"desk:civil-affairs", "intake-desk:530103004007"}
    assert all(set(item) == {"id", "type", "channel", "inbox", "at", "state"} for item in answer["items"])
    assert str(first.data["number"]) not in str(answer)


@pytest.mark.parametrize(
    ("role", "path"), [("operator", "/messages"), ("coordinator", "/deliveries"), ("grid", "/messages")]
)
def test_who_has_no_business_here_is_refused(room: PostRoom, role: str, path: str) -> None:
    assert room.reader(role).get(path).status_code == 403


def test_nobody_reads_without_signing_in(room: PostRoom) -> None:
    assert room.app.test_client().get("/notifications/api/v1/messages").status_code == 401


def test_the_page_lists_what_is_new_with_a_way_to_it(room: PostRoom) -> None:
    (first,) = issued()
    room.receive(first, then(first, "referral.accepted.v1", 2))
    desk = room.reader("desk", agency="civil-affairs").page("/notifications/messages").text
    assert f'href="/referrals/{first.subject}"' in desk
    assert "1 条未读" in desk
    hut = room.reader("hut").page("/notifications/messages").text
    assert f'href="/intake/requests/{first.correlation}"' in hut


def test_the_page_speaks_english_and_says_nothing_of_anybody(room: PostRoom) -> None:
    room.receive(*issued())
    page = room.reader("desk", agency="civil-affairs").page("/notifications/messages", language="en").text
    assert "1 unread" in page
    assert "Mark as read" in page
    assert not forbidden_word(page)


def test_an_empty_inbox_says_so(room: PostRoom) -> None:
    assert "暂无消息" in room.reader("coordinator").page("/notifications/messages").text


def test_the_button_marks_and_comes_back_to_the_list(room: PostRoom) -> None:
    room.receive(*issued())
    reader = room.reader("desk", agency="civil-affairs")
    reader.client.set_cookie("sid", reader.token)
    page = reader.client.get("/notifications/messages?unread=true").text
    found = re.search(r'action="(/notifications/messages/[^"]+/read)"', page)
    assert found is not None
    form = {"csrf_token": csrf(reader.principal.session), "next": "/notifications/messages?unread=true"}
    answer = reader.client.post(found[1], data=form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/notifications/messages?unread=true"
    again = reader.client.get(answer.headers["Location"]).text
    assert "已标为已读" in again
    assert "没有未读消息" in again


def test_all_is_marked_at_once_but_not_what_came_meanwhile(room: PostRoom) -> None:
    room.receive(*issued(3))
    reader = room.reader("desk", agency="civil-affairs")
    reader.client.set_cookie("sid", reader.token)
    newest = reader.get("/messages").json["items"][0]["id"]
    room.installation.clock.move_to(room.installation.clock.now() + timedelta(minutes=5))
    (late,) = issued()
    room.receive(replace(late, time=late.time + timedelta(days=1)))
    form = {"csrf_token": csrf(reader.principal.session), "until": newest}
    answer = reader.client.post("/notifications/messages/read", data=form)
    assert answer.headers["Location"] == "/notifications/messages"
    assert len(reader.texts(unread="true")) == 1
    again = reader.client.post("/notifications/messages/read", data=form)
    assert again.status_code == 303
    assert len(room.reader("desk", agency="health").texts(unread="true")) == 0


def test_marking_all_needs_to_know_up_to_where(room: PostRoom) -> None:
    reader = room.reader("desk", agency="civil-affairs")
    reader.client.set_cookie("sid", reader.token)
    form = {"csrf_token": csrf(reader.principal.session)}
    assert reader.client.post("/notifications/messages/read", data=form).status_code == 422


def test_a_form_without_its_token_changes_nothing(room: PostRoom) -> None:
    room.receive(*issued())
    reader = room.reader("desk", agency="civil-affairs")
    (item,) = reader.get("/messages").json["items"]
    reader.client.set_cookie("sid", reader.token)
    assert reader.client.post(f"/notifications/messages/{item['id']}/read").status_code == 403
    assert len(reader.texts(unread="true")) == 1
