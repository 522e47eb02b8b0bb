"""The request's life over HTTP: drafts, leads, tasks, the street's check, the follow-up call, households."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.use_cases.context import Context
from shared.identity import Principal
from tests.builders import (
    HUT_UNIT,
    OTHER_UNIT,
    Installation,
    a_checking_district,
    a_filing,
    a_principal,
    an_installation,
)
from tests.conftest import MakeDatabase
from tests.integration.intake.test_api import Call, app, call, client, fields_of
from tests.integration.intake.test_mirror import Tell, tell
from tests.integration.intake.test_submit import events_of

__all__ = ["app", "call", "client", "tell"]  # fixtures

API = "/intake/api/v1"
SPECIALIST, GRID = a_principal("specialist"), a_principal("grid")


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """Three databases of a district that wants the street to check what is filed."""
    return an_installation(database, district=a_checking_district())


@pytest.fixture
def filed(call: Call) -> dict[str, Any]:
    """A request that waits for the check."""
    answer: dict[str, Any] = call("POST", f"{API}/requests", json=a_filing("dibao", "pension")).get_json()
    return answer


def problem(response: Any) -> str:
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert body["messages"]["zh"] != body["messages"]["en"]
    return str(body["type"]).rpartition(":")[2]


def test_a_draft_is_saved_on_the_version_that_was_seen(call: Call) -> None:
    made = call("POST", f"{API}/drafts", json={"person": {"name": "李"}})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    path = made.headers["Location"]
    assert call("PATCH", path, json={}).status_code == 428
    saved = call("PATCH", path, json={"person": {"name": "李明"}}, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"2"')
    stale = call("PATCH", path, json={}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.get_json()["current_version"], stale.get_json()["current_status"]) == (
        412,
        2,
        "draft",
    )
    found = call("GET", path).get_json()
    assert found["body"] == {"person": {"name": "李明"}}
    assert {"field", "message", "messages"} <= found["missing"][0].keys()


def test_an_unknown_member_of_a_draft_is_named(call: Call) -> None:
    answer = call("POST", f"{API}/drafts", json={"person": {"shoe": 42}, "hat": 1})
    assert answer.status_code == 422
    assert set(fields_of(answer)) == {"person.shoe", "hat"}


def test_a_draft_is_submitted_once_however_often_it_is_sent(call: Call, context: Context) -> None:
    path = call("POST", f"{API}/drafts", json=a_filing("dibao")).headers["Location"]
    headers = {"Idempotency-Key": "one-and-only"}
    first, second = (call("POST", f"{path}/submit", headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert len(events_of(context)) == 1
    third = call("POST", f"{path}/submit")
    assert (third.status_code, problem(third)) == (409, "illegal-transition")
    assert third.get_json()["current_status"] == "submitted"


def test_what_a_draft_lacks_is_named_when_it_is_submitted(call: Call) -> None:
    path = call("POST", f"{API}/drafts", json={}).headers["Location"]
    answer = call("POST", f"{path}/submit")
    assert answer.status_code == 422
    assert {"legs", "person.name"} <= set(fields_of(answer))


def test_drafts_are_listed_page_by_page_and_deleted(call: Call) -> None:
    for _ in range(3):
        call("POST", f"{API}/drafts", json={})
    page = call("GET", f"{API}/drafts?limit=2").get_json()
    rest = call("GET", f"{API}/drafts?limit=2&cursor={page['next']}").get_json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    path = f"{API}/drafts/{rest['items'][0]['id']}"
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404


def test_who_may_not_keep_drafts_is_told_nothing_of_them(call: Call) -> None:
    path = call("POST", f"{API}/drafts", json={}).headers["Location"]
    for who in (SPECIALIST, GRID, a_principal("desk", agency="health"), a_principal("hut", unit=OTHER_UNIT)):
        assert call("GET", path, who).status_code == 404


def test_a_lead_goes_from_the_grid_to_the_desk(call: Call) -> None:
    lead = {"name": "李明华", "errand": "想找工作", "community": HUT_UNIT}
    told = call("POST", f"{API}/leads", GRID, json=lead)
    assert (told.status_code, told.get_json()["name"]) == (201, "李明华")
    assert call("GET", f"{API}/drafts/{told.get_json()['id']}").status_code == 200
    assert call("GET", f"{API}/tasks", GRID).get_json()["items"] == []
    call("DELETE", f"{API}/drafts/{told.get_json()['id']}")
    (seen,) = call("GET", f"{API}/tasks?status=done", GRID).get_json()["items"]
    assert {"name", "errand"} <= seen.keys()
    assert not {"request", "detail"} & seen.keys()
    wrong = call("POST", f"{API}/leads", GRID, json={**lead, "community": OTHER_UNIT})
    assert fields_of(wrong) == ["community"]


def test_an_errand_goes_from_the_desk_to_the_grid(call: Call) -> None:
    errand = {"kind": "visit", "name": "李明华", "errand": "上门看望"}
    given = call("POST", f"{API}/tasks", json=errand)
    assert given.status_code == 201
    done = call("POST", f"{API}/tasks/{given.get_json()['id']}/done", GRID)
    assert done.status_code == 200
    again = call("POST", f"{API}/tasks/{given.get_json()['id']}/done", GRID)
    assert (again.status_code, problem(again)) == (409, "task-done")


def test_the_street_checks_over_http(call: Call, filed: dict[str, Any]) -> None:
    path = f"{API}/requests/{filed['id']}"
    (task,) = call("GET", f"{API}/tasks", SPECIALIST).get_json()["items"]
    by_hand = call("POST", f"{API}/tasks/{task['id']}/done", SPECIALIST)
    assert (by_hand.status_code, problem(by_hand)) == (409, "task-ends-otherwise")
    assert call("POST", f"{path}/approve").status_code == 403
    stale = call("POST", f"{path}/approve", SPECIALIST, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert fields_of(call("POST", f"{path}/send-back", SPECIALIST, json={"reasons": ["other"]})) == ["words"]
    body = {"reasons": ["data-wrong"], "words": "请核对电话"}
    back = call("POST", f"{path}/send-back", SPECIALIST, json=body)
    assert (back.status_code, back.get_json()["status"], back.headers["ETag"]) == (200, "sent-back", '"2"')
    phone = {"person": {"phone": "13900001234"}}
    assert call("PATCH", path, json=phone, headers={"If-Match": '"2"'}).status_code == 200
    assert call("POST", f"{path}/submit").get_json()["status"] == "submitted"
    approved = call("POST", f"{path}/approve", SPECIALIST)
    assert approved.status_code == 200
    twice = call("POST", f"{path}/approve", SPECIALIST)
    assert (twice.status_code, problem(twice)) == (409, "illegal-transition")
    assert twice.get_json()["current_status"] == "submitted"
    assert twice.get_json()["possible"] == ["move", "merge"]  # what the street itself can do


def test_the_call_closes_the_request_over_http(call: Call, filed: dict[str, Any], tell: Tell) -> None:
    path = f"{API}/requests/{filed['id']}"
    call("POST", f"{path}/approve", SPECIALIST)
    early = call("POST", f"{path}/follow-up", json={"reached": True, "outcome": "settled"})
    assert (early.status_code, problem(early)) == (409, "illegal-transition")
    tell(["issued", "acknowledged", "accepted", "closed"], *(leg["id"] for leg in filed["legs"]))
    wrong = call("POST", f"{path}/follow-up", json={"reached": False, "outcome": "no-answer", "satisfied": 9})
    assert fields_of(wrong) == ["satisfied"]
    body = {"reached": True, "outcome": "settled", "satisfied": 4, "words": "谢谢"}
    assert call("POST", f"{path}/follow-up", json=body).get_json()["status"] == "closed"
    found = call("GET", path).get_json()
    possible = ["correct", "withdraw-consent", "reopen", "household"]
    assert (found["status"], found["possible"]) == ("closed", possible)
    closed = call("GET", f"{API}/requests?status=closed").get_json()["items"]
    assert [one["id"] for one in closed] == [filed["id"]]


def test_a_household_is_linked_over_http(call: Call, filed: dict[str, Any]) -> None:
    other = call("POST", f"{API}/requests", json=a_filing("dibao")).get_json()
    path = f"{API}/requests/{filed['id']}/household"
    body = {"members": [{"request": other["id"], "relation": "spouse"}]}
    linked = call("PUT", path, json=body)
    assert (linked.status_code, len(linked.get_json()["members"])) == (200, 2)
    assert call("GET", path, SPECIALIST).get_json()["members"] == linked.get_json()["members"]
    assert call("PUT", path, json=body, headers={"If-Match": '"1"'}).status_code == 412
    wrong: Principal = a_principal("hut", unit=OTHER_UNIT)
    assert call("PUT", path, wrong, json=body).status_code == 404
