"""All that an officer has in hand goes to a colleague: when they leave, or while they are away."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.referrals.use_cases import handover
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road
from tests.integration.referrals.test_assigning import (
    AGENCY,
    COLLEAGUE,
    FRIDAY,
    LEADER,
    OFFICER,
    listed,
    signed_in,
    with_colleague,
)

LEAVING: dict[str, Any] = {"from": OFFICER, "to": COLLEAGUE, "reason": "leaves"}


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation whose civil affairs has two officers."""
    return Road(an_installation(database, district=with_colleague()))


@pytest.fixture
def leader(road: Road, app: flask.Flask) -> Caller:
    """The leader of civil affairs."""
    return road.caller(app, "leader", agency=AGENCY)


@pytest.fixture
def in_hand(road: Road) -> list[str]:
    """Three referrals that an officer has in hand; a fourth is closed."""
    legs = [str(road.file("dibao")["legs"][0]["id"]) for _ in range(4)]
    for leg in legs:
        road.act(leg, "claim", 1)
    road.act(legs[3], "accept", 2)
    road.act(legs[3], "close", 3, {"outcome": "withdrawn"})
    return legs[:3]


def test_who_leaves_hands_over_all_that_is_open_and_each_says_so(
    road: Road, leader: Caller, in_hand: list[str]
) -> None:
    answer = leader.post("/handovers", LEAVING)
    assert (answer.status_code, answer.json) == (200, {"handed_over": 3, "left": 0, "already": 0})
    assert sorted(listed(leader, assignee=COLLEAGUE)) == sorted(in_hand)
    for leg in in_hand:
        told = road.told(leg)[-1]
        assert (told.type, told.data["assignee"], told.data["reason"]) == (
            "referral.reassigned.v1",
            COLLEAGUE,
            "leaves",
        )
    (line,) = road.audited("referrals.handed-over")
    assert (line.actor, line.object_id, line.detail["to"], line.detail["referrals"]) == (
        LEADER,
        OFFICER,
        COLLEAGUE,
        3,
    )
    assert len(road.audited("referral.reassign")) == 3
    assert leader.post("/handovers", LEAVING).json == {"handed_over": 0, "left": 0, "already": 0}


def test_the_same_key_hands_over_once(leader: Caller, road: Road, in_hand: list[str]) -> None:
    first = leader.post("/handovers", LEAVING, key="away")
    road.act(road.file("dibao")["legs"][0]["id"], "claim", 1)
    again = leader.post("/handovers", LEAVING, key="away")
    assert first.json == again.json == {"handed_over": len(in_hand), "left": 0, "already": 0}
    assert len(listed(leader, assignee=OFFICER, status="issued")) == 1


def test_a_leave_lends_them_until_a_day(leader: Caller, in_hand: list[str]) -> None:
    leave = LEAVING | {"reason": "leave", "until": FRIDAY}
    assert leader.post("/handovers", leave).json == {"handed_over": 3, "left": 0, "already": 0}
    shown = leader.get(f"/referrals/{in_hand[0]}").json
    assert (shown["assignee"], shown["delegated_to"], shown["delegated_until"]) == (
        OFFICER,
        COLLEAGUE,
        FRIDAY,
    )
    assert leader.post("/handovers", leave).json == {"handed_over": 0, "left": 0, "already": 3}


def test_who_leaves_stands_in_for_nobody_any_more(
    road: Road, app: flask.Flask, leader: Caller, in_hand: list[str]
) -> None:
    leader.post("/handovers", LEAVING | {"reason": "leave", "until": FRIDAY})
    assert leader.post("/handovers", {"from": COLLEAGUE, "to": LEADER, "reason": "other-post"}).json == {
        "handed_over": 3,
        "left": 0,
        "already": 0,
    }
    shown = leader.get(f"/referrals/{in_hand[0]}").json
    assert (shown["assignee"], shown["delegated_to"], shown["delegated_until"]) == (OFFICER, LEADER, FRIDAY)
    leader.post("/handovers", {"from": LEADER, "to": OFFICER, "reason": "workload"})
    shown = leader.get(f"/referrals/{in_hand[0]}").json
    assert (shown["assignee"], shown["delegated_to"]) == (OFFICER, None)


def test_more_than_fit_one_go_are_handed_over_by_going_on(
    leader: Caller, in_hand: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "MOST", 2)
    answers = [leader.post("/handovers", LEAVING).json for _ in range(3)]
    assert [answer["handed_over"] for answer in answers] == [2, 1, 0]
    assert [answer["left"] for answer in answers] == [1, 0, 0]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"to": OFFICER}, ["to"]),
        ({"to": "desk-employment"}, ["to"]),
        ({"from": "nobody-at-all"}, ["from"]),
        ({"reason": "because"}, ["reason"]),
        ({"reason": "leave"}, ["until"]),
        ({"reason": "leave", "until": "2126-11-27"}, ["until"]),
        ({"until": FRIDAY}, ["until"]),
        ({"until": "2026-11-20", "reason": "because", "to": "hut"}, ["to", "until", "reason"]),
        ({"to": None}, ["to"]),
    ],
)
def test_a_wrong_handover_names_every_field_and_changes_nothing(
    road: Road, leader: Caller, in_hand: list[str], changes: dict[str, Any], fields: list[str]
) -> None:
    before = len(road.told())
    refused = leader.post("/handovers", LEAVING | changes)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == fields
    assert all(error["message"] for error in refused.json["errors"])
    assert len(road.told()) == before


def test_only_the_leader_of_the_agency_hands_over(
    road: Road, app: flask.Flask, desk: Caller, coordinator: Caller, in_hand: list[str]
) -> None:
    assert desk.post("/handovers", LEAVING).status_code == 403
    assert coordinator.post("/handovers", LEAVING).status_code == 403
    elsewhere = road.caller(app, "leader", agency="employment")
    assert elsewhere.post("/handovers", LEAVING).status_code == 422
    mine = signed_in(road, app, OFFICER, *desk.principal.posts)
    assert sorted(listed(mine, assignee="me", status="issued")) == sorted(in_hand)
