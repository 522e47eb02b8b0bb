"""A note is for colleagues: kept sealed to the agency itself, read by its staff alone, and told to nobody in words."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.referrals.persistence.tables import history, messages
from shared.directory import forbidden_word
from tests.integration.referrals.desk import Caller, Road, leg_of

WORDS = "已电话核实，周三上门"


def page(reader: Caller, leg: str) -> str:
    headers = {"Authorization": f"Bearer {reader.token}", "Accept": "text/html"}
    return str(reader.client.get(f"/referrals/{leg}", headers=headers).text)


def open_messages(reader: Caller, leg: str, what: str = "messages") -> Any:
    headers = {"Authorization": f"Bearer {reader.token}", "Accept": "text/html"}
    return reader.client.post(f"/referrals/{leg}/{what}", headers=headers)


@pytest.fixture
def leg(road: Road) -> str:
    return leg_of(road.file("dibao"))


def test_a_colleague_reads_who_left_which_words(road: Road, desk: Caller, leg: str) -> None:
    assert desk.post(f"/referrals/{leg}/note", {"text": WORDS}).status_code == 200
    leader = road.caller(desk.client.application, "leader", agency="civil-affairs")
    (item,) = leader.get(f"/referrals/{leg}/messages").json["items"]
    assert (item["text"], item["author"]) == (WORDS, "desk-civil-affairs")


def test_the_words_are_nowhere_in_the_clear_and_in_no_event(road: Road, desk: Caller, leg: str) -> None:
    desk.post(f"/referrals/{leg}/note", {"text": WORDS})
    with road.parts.database.read() as connection:
        rows = [
            *connection.execute(sa.select(messages)).mappings(),
            *connection.execute(sa.select(history)).mappings(),
        ]
    assert WORDS not in "".join(str(dict(row)) for row in rows)
    noted = road.told(leg)[-1]
    assert noted.type == "referral.noted.v1"
    assert WORDS not in noted.internal().decode()
    assert "answer" not in noted.data


def test_what_is_sent_twice_is_left_once(desk: Caller, leg: str) -> None:
    for _ in range(2):
        desk.post(f"/referrals/{leg}/note", {"text": WORDS}, key="one-note")
    assert len(desk.get(f"/referrals/{leg}/messages").json["items"]) == 1


def test_messages_and_notes_are_read_on_the_page_once_opened_and_each_opening_is_audited(
    road: Road, desk: Caller, leg: str
) -> None:
    desk.post(f"/referrals/{leg}/note", {"text": WORDS})
    assert WORDS not in page(desk, leg)
    opened = open_messages(desk, leg)
    assert opened.status_code == 200
    assert WORDS in opened.text
    assert forbidden_word(opened.text) is None
    assert WORDS not in page(desk, leg)
    assert [line.object_id for line in road.audited("messages.opened")] == [leg]


def test_nobody_else_opens_them_by_the_page(road: Road, desk: Caller, leg: str) -> None:
    coordinator = road.caller(desk.client.application, "coordinator", agency=None)
    other = road.caller(desk.client.application, "desk", agency="health")
    assert open_messages(coordinator, leg).status_code == 403
    assert open_messages(other, leg).status_code == 404
    assert 'id="messages"' not in page(coordinator, leg)


def test_a_leader_reads_on_the_page_what_is_put_to_them(road: Road, desk: Caller, leg: str) -> None:
    road.act(leg, "accept", 1)
    refusal = {"outcome": "refused", "reason": "criteria-not-met", "note": WORDS}
    assert desk.post(f"/referrals/{leg}/close", refusal, version=2).status_code == 200
    leader = road.caller(desk.client.application, "leader", agency="civil-affairs")
    assert WORDS not in page(leader, leg)
    opened = open_messages(leader, leg, "pending").text
    for words in (WORDS, "不予同意", "不符合条件"):
        assert words in opened
    assert [line.object_id for line in road.audited("referral.pending-opened")] == [leg]
