"""A case that goes to another help desk takes its messages along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import HUT_UNIT, OTHER_UNIT, an_installation
from tests.conftest import MakeDatabase
from tests.integration.notifications.post_room import PostRoom, issued, then


@pytest.fixture
def room(database: MakeDatabase) -> PostRoom:
    """Notifications with its inbox open."""
    return PostRoom(an_installation(database))


def test_the_messages_of_a_case_go_with_it_and_the_new_desk_is_told(room: PostRoom) -> None:
    (first,) = issued()
    (other,) = issued()
    room.receive(first, other)
    room.receive(then(first, "referral.acknowledged.v1", 2), then(other, "referral.acknowledged.v1", 2))
    here, there = room.reader("hut"), room.reader("hut", unit=OTHER_UNIT)
    assert len(here.texts()) == 2
    (old, *_) = here.get("/messages").json["items"]
    assert here.mark(old["id"]).status_code == 200
    moved = then(first, "referral.moved.v1", 3)
    data = {**moved.data, "unit": OTHER_UNIT, "from_unit": HUT_UNIT}
    room.receive(replace(moved, data=data))
    assert [item["subject"] for item in here.get("/messages").json["items"]] == [other.subject]
    types = [item["type"] for item in there.get("/messages", unread="true").json["items"]]
    assert sorted(types) == ["referral.acknowledged.v1", "referral.moved.v1"]
    assert room.letters() == []
