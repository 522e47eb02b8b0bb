"""Late referrals are moved on: urged, under notices that only grow, and closed with the reason for being late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask
import pytest

from services.referrals.use_cases.tick import tick
from tests.integration.referrals.desk import Caller, Road
from tests.integration.referrals.test_assigning import listed

CLOSING: dict[str, Any] = {"outcome": "approved", "amount": 650, "period": "monthly"}


@pytest.fixture
def leg(road: Road) -> str:
    """A referral issued to civil affairs on a Monday."""
    return str(road.file("dibao")["legs"][0]["id"])


def at(road: Road, moment: str, *callers: Caller) -> None:
    """Put the clock to a moment of the district's own time; the callers sign in again."""
    road.installation.clock.move_to(datetime.fromisoformat(f"{moment}+08:00"))
    for caller in callers:
        now = road.installation.clock.now()
        caller.token = road.installation.keyring("intake").tokens.sign(caller.principal, now)


def told(road: Road, leg: str, fact: str) -> list[dict[str, Any]]:
    """Give the data of each event of a fact."""
    return [dict(event.data) for event in road.told(leg) if event.type == f"referral.{fact}.v1"]


def test_a_delay_is_offered_to_be_explained_where_there_is_one_and_nowhere_else(
    road: Road, desk: Caller, leg: str
) -> None:
    path, reason = f"/referrals/{leg}", {"reason": "other"}
    for moment, status in (("2026-11-23T10:00:00", 409), ("2026-11-26T09:00:00", 200)):
        at(road, moment, desk)
        offered = "explain-delay" in desk.get(path).json["side_actions"]
        assert (offered, desk.post(f"{path}/explain-delay", reason).status_code) == (status == 200, status)
    (listed_one,) = desk.get("/referrals").json["items"]
    assert "explain-delay" in listed_one["side_actions"]
    desk.post(f"{path}/accept", version=listed_one["version"])
    assert "explain-delay" not in desk.get(path).json["side_actions"]


def test_the_coordinator_urges_once_a_working_day_and_it_is_on_the_record(
    road: Road, coordinator: Caller, desk: Caller, leg: str
) -> None:
    assert coordinator.post(f"/referrals/{leg}/urge").status_code == 200
    refused = coordinator.post(f"/referrals/{leg}/urge")
    assert (refused.status_code, refused.json["type"]) == (409, "urn:aid:problem:urged-today")
    assert desk.post(f"/referrals/{leg}/urge").status_code == 403
    at(road, "2026-11-24T09:00:00", coordinator)
    assert coordinator.post(f"/referrals/{leg}/urge").status_code == 200
    assert [data["by_post"] for data in told(road, leg, "urged")] == ["coordinator", "coordinator"]
    lines = coordinator.get(f"/referrals/{leg}/history").json["items"]
    assert [line["action"] for line in lines] == ["issue", "urge", "urge"]
    assert len(road.audited("referral.urge")) == 2


def test_many_are_urged_at_once_and_each_is_answered_for_itself(
    road: Road, coordinator: Caller, leg: str
) -> None:
    other = road.file("pension")["legs"][0]["id"]
    coordinator.post(f"/referrals/{leg}/urge")
    answer = coordinator.post("/referrals/batch", {"action": "urge", "items": [{"id": leg}, {"id": other}]})
    assert [item["status"] for item in answer.json["items"]] == [409, 200]


def test_a_notice_by_hand_is_told_with_copies_kept_on_record_and_goes_up_by_one_level_a_day(
    road: Road, coordinator: Caller, desk: Caller, leg: str
) -> None:
    at_once = coordinator.post(f"/referrals/{leg}/supervise", {"level": "red"})
    assert (at_once.status_code, [error["field"] for error in at_once.json["errors"]]) == (422, ["level"])
    blue = coordinator.post(f"/referrals/{leg}/supervise", {"level": "blue"})
    assert (blue.status_code, blue.json["supervised"]) == (200, "blue")
    assert coordinator.post(f"/referrals/{leg}/supervise", {"level": "blue"}).status_code == 409
    at(road, "2026-11-24T09:00:00", coordinator, desk)
    assert coordinator.post(f"/referrals/{leg}/supervise", {"level": "yellow"}).status_code == 422
    at(road, "2026-11-26T09:00:00", coordinator, desk)
    yellow = coordinator.post(f"/referrals/{leg}/supervise", {"level": "yellow"})
    assert (yellow.status_code, yellow.json["supervised"]) == (200, "yellow")
    assert desk.post(f"/referrals/{leg}/supervise", {"level": "red"}).status_code == 403
    at(road, "2026-11-27T09:00:00", coordinator, desk)
    milder = coordinator.post(f"/referrals/{leg}/supervise", {"level": "blue"})
    assert (milder.status_code, [error["field"] for error in milder.json["errors"]]) == (422, ["level"])
    assert [
        (data["level"], data["cause"], data.get("copy_to")) for data in told(road, leg, "supervised")
    ] == [
        ("blue", "person", None),
        ("yellow", "person", ["leader"]),
    ]
    lines = coordinator.get(f"/referrals/{leg}/history").json["items"]
    assert [line["fields"] for line in lines[1:]] == [
        {"level": "blue", "cause": "person"},
        {"level": "yellow", "cause": "person", "copy_to": ["leader"]},
    ]
    assert [entry.detail["level"] for entry in road.audited("referral.supervise")] == ["yellow", "blue"]


def test_notices_are_found_by_their_colour_until_what_was_late_is_done(
    road: Road, coordinator: Caller, desk: Caller, leg: str
) -> None:
    road.file("dibao")
    at(road, "2026-11-26T09:00:00", coordinator, desk)
    tick(road.parts)
    coordinator.post(f"/referrals/{leg}/supervise", {"level": "red"})
    assert listed(coordinator, supervised="red") == [leg]
    assert len(listed(coordinator, supervised="yellow")) == 1
    assert [data["level"] for data in told(road, leg, "supervised")] == ["blue", "yellow", "red"]
    version = desk.get(f"/referrals/{leg}").json["version"]
    assert desk.post(f"/referrals/{leg}/acknowledge", version=version).json["supervised"] is None
    assert listed(desk, supervised="red") == []


def test_a_late_decision_needs_its_reason_in_both_languages_and_tells_it(
    road: Road, desk: Caller, coordinator: Caller, leg: str
) -> None:
    road.act(leg, "accept", 1)
    at(road, "2027-01-12T09:00:00", desk, coordinator)
    refused = desk.post(f"/referrals/{leg}/close", CLOSING, version=2)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (
        422,
        ["overdue_reason"],
    )
    assert told(road, leg, "closed") == []
    closed = desk.post(f"/referrals/{leg}/close", CLOSING | {"overdue_reason": "staff-short"}, version=2)
    assert (closed.status_code, closed.json["overdue_reason"]) == (200, "staff-short")
    assert told(road, leg, "closed")[0]["overdue_reason"] == "staff-short"
    line = coordinator.get(f"/referrals/{leg}/history").json["items"][-1]
    assert line["fields"] == {"outcome": "approved", "overdue_reason": "staff-short"}


def test_a_delay_that_was_explained_needs_no_second_reason(road: Road, desk: Caller, leg: str) -> None:
    road.act(leg, "accept", 1)
    at(road, "2027-01-12T09:00:00", desk)
    wrong = desk.post(f"/referrals/{leg}/explain-delay", {"reason": "because"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "reason")
    explained = desk.post(f"/referrals/{leg}/explain-delay", {"reason": "waiting-for-data"})
    assert explained.json["overdue_reason"] == "waiting-for-data"
    assert told(road, leg, "noted")[-1]["reason"] == "waiting-for-data"
    again = desk.post(f"/referrals/{leg}/explain-delay", {"reason": "waiting-for-data"})
    assert (again.status_code, again.json["type"]) == (409, "urn:aid:problem:delay-explained")
    version = explained.json["version"]
    assert desk.post(f"/referrals/{leg}/close", CLOSING, version=version).json["status"] == "closed"


def test_a_late_refusal_carries_its_reason_through_the_leader(
    road: Road, app: flask.Flask, desk: Caller, leg: str
) -> None:
    road.act(leg, "accept", 1)
    leader = road.caller(app, "leader", agency="civil-affairs")
    at(road, "2027-01-12T09:00:00", desk, leader)
    refusal = {"outcome": "refused", "reason": "criteria-not-met"}
    assert desk.post(f"/referrals/{leg}/close", refusal, version=2).status_code == 422
    asked = desk.post(f"/referrals/{leg}/close", refusal | {"overdue_reason": "other"}, version=2)
    assert asked.json["pending"]["action"] == "close"
    settled = leader.post(f"/referrals/{leg}/approve", version=asked.json["version"])
    assert (settled.json["status"], settled.json["overdue_reason"]) == ("closed", "other")


def test_the_page_asks_for_the_reason_of_a_delay_where_one_is_owed(
    road: Road, desk: Caller, leg: str
) -> None:
    road.act(leg, "accept", 1)
    asked = 'name="overdue_reason"'

    def page() -> str:
        headers = {"Authorization": f"Bearer {desk.token}"}
        return str(desk.client.get(f"/referrals/{leg}", headers=headers).get_data(as_text=True))

    explained = 'id="explain-delay"'
    assert asked not in page()
    assert explained not in page()
    at(road, "2027-01-12T09:00:00", desk)
    assert asked in page()
    assert explained in page()
    desk.post(f"/referrals/{leg}/explain-delay", {"reason": "other"})
    assert asked not in page()
