"""Messages go with the person they are about, or with the years: nobody reads them after that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.use_cases.retire import retire
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.notifications.post_room import PostRoom, issued, then


@pytest.fixture
def room(database: MakeDatabase) -> PostRoom:
    """Notifications with its inbox open."""
    return PostRoom(an_installation(database))


def test_messages_about_an_erased_person_go_from_every_inbox(room: PostRoom) -> None:
    (first,), (other,) = issued(), issued()
    room.receive(first, other)
    room.receive(then(first, "referral.acknowledged.v1", 2), then(other, "referral.acknowledged.v1", 2))
    (read, *_) = room.reader("hut").get("/messages").json["items"]
    assert room.reader("hut").mark(read["id"]).status_code == 200
    room.receive(then(first, "referral.erased.v1", 3))
    for reader in (room.reader("hut"), room.reader("desk", agency=str(first.agency))):
        assert {item["subject"] for item in reader.get("/messages").json["items"]} == {other.subject}
    assert room.letters() == []


def test_messages_are_kept_no_longer_than_a_closed_case(room: PostRoom) -> None:
    room.receive(*issued())
    clock = room.installation.clock
    clock.move_to(clock.now() + timedelta(days=5 * 366 - 30))
    assert retire(room.parts) == 0
    clock.move_to(clock.now() + timedelta(days=60))
    assert retire(room.parts) > 0
    assert (retire(room.parts), room.reader("hut").texts()) == (0, [])
