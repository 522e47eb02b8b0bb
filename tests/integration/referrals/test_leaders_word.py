"""What waits for the leader, and what becomes of it when the leader says no."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road, leg_of

MISSING = {"papers": ["household-book"], "note": "户口簿缺本人页"}
REFUSAL = {"outcome": "refused", "reason": "criteria-not-met"}


@pytest.fixture
def database(sqlite_database: MakeDatabase) -> MakeDatabase:
    """Of two who decide at once other tests tell; for these one database is enough."""
    return sqlite_database


@pytest.fixture
def leg(road: Road) -> str:
    """A minimum living allowance, accepted by civil affairs, at version 2."""
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    return leg


@pytest.fixture
def leader(road: Road, app: flask.Flask) -> Caller:
    """The leader of civil affairs."""
    return road.caller(app, "leader", agency="civil-affairs")


def settled(road: Road, leg: str) -> list[dict[str, Any]]:
    """Give what was told of approvals."""
    return [dict(event.data) for event in road.told(leg) if event.type == "referral.approval-settled.v1"]


def test_papers_are_asked_for_at_once_and_a_second_time_through_the_leader(
    road: Road, desk: Caller, leader: Caller, leg: str
) -> None:
    path = f"/referrals/{leg}"
    first = desk.post(f"{path}/request-documents", MISSING, version=2).json
    assert (first["status"], first["pending"]) == ("awaiting-documents", None)
    desk.post(f"{path}/accept", version=3)
    again = desk.post(f"{path}/request-documents", MISSING, version=4).json
    assert (again["status"], again["pending"]["action"]) == ("accepted", "request-documents")
    agreed = leader.post(f"{path}/approve", version=again["version"]).json
    assert (agreed["status"], agreed["pending"]) == ("awaiting-documents", None)
    assert [event.type.split(".")[1] for event in road.told(leg)][-3:] == [
        "approval-requested",
        "approval-settled",
        "documents-requested",
    ]


def test_what_the_leader_declines_is_told_with_its_reason_and_the_referral_stays_as_it_was(
    road: Road, desk: Caller, leader: Caller, leg: str
) -> None:
    path = f"/referrals/{leg}"
    before = desk.get(path).json
    asked = desk.post(f"{path}/close", REFUSAL, version=2).json
    assert asked["pending"]["action"] == "close"
    answer = leader.post(f"{path}/decline", {"reason": "evidence-missing"}, version=asked["version"])
    assert answer.status_code == 200
    after = desk.get(path).json
    stays = ("status", "status_since", "outcome", "due_on", "pending", "actions", "step")
    assert {name: after[name] for name in stays} == {name: before[name] for name in stays}
    (told,) = settled(road, leg)
    assert (told["approved"], told["reason"]) == (False, "evidence-missing")
    line = desk.get(f"{path}/history").json["items"][-1]
    assert (line["action"], line["actor"], line["fields"]["reason"]) == (
        "decline",
        leader.principal.staff,
        "evidence-missing",
    )


@pytest.mark.parametrize("body", [{}, {"reason": "because"}])
def test_a_leader_declines_nothing_without_a_reason_of_the_list(
    road: Road, desk: Caller, leader: Caller, leg: str, body: dict[str, str]
) -> None:
    asked = desk.post(f"/referrals/{leg}/close", REFUSAL, version=2).json
    answer = leader.post(f"/referrals/{leg}/decline", body, version=asked["version"])
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, ["reason"])
    assert desk.get(f"/referrals/{leg}").json["pending"] == asked["pending"]
    assert settled(road, leg) == []
