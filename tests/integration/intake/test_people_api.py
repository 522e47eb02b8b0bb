"""What a person may ask for, over HTTP: by the desk for its own, decided by whoever is bound to data protection."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.use_cases.context import Context
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from tests.builders import OTHER_UNIT, a_person, a_principal
from tests.integration.intake.paper_desk import Call, caller, file
from tests.integration.intake.test_mirror import Tell, tell

__all__ = ["tell"]  # a fixture

API = "/intake/api/v1"
AUDITOR = a_principal("auditor")


@pytest.fixture
def call(context: Context) -> Call:
    """Call the web of intake."""
    return caller(context)


def person_of(call: Call, request: str) -> str:
    return str(call("GET", f"{API}/requests/{request}").get_json()["person_id"])


def ended(context: Context, call: Call, tell: Tell) -> str:
    """File, withdraw and see it cancelled; gives the person."""
    made = file(call, "dibao")
    leg = made["legs"][0]["id"]
    withdraw_request(
        context, a_principal(), WithdrawRequest(request=made["id"], reason="withdrawn-by-person")
    )
    tell(["issued", "cancelled"], leg)
    return person_of(call, made["id"])


def test_a_copy_bears_the_mark_of_who_took_it_and_why(call: Call) -> None:
    who = a_person()
    person = person_of(call, file(call, "dibao", person=who)["id"])
    for begun in (who, a_person()):
        assert call("POST", f"{API}/drafts", json={"person": begun}).status_code == 201
    answer = call("GET", f"{API}/people/{person}/export", query_string={"reason": "本人申请查阅"})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    copy: Any = answer.get_json()
    assert copy["watermark"]["reason"] == "本人申请查阅"
    assert copy["watermark"]["by"] in copy["watermark"]["text"]["zh"]
    assert copy["requests"][0]["person"]["id_number"] == who["id_number"]
    assert [draft["body"]["person"]["id_number"] for draft in copy["drafts"]] == [who["id_number"]]
    refused = call("GET", f"{API}/people/{person}/export")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "reason")


def test_another_desk_finds_nobody(call: Call) -> None:
    person = person_of(call, file(call, "dibao")["id"])
    stranger = a_principal("hut", unit=OTHER_UNIT)
    for method, path in (
        *(("GET", "export?reason=xx"), ("GET", "disclosures"), ("GET", "erasure")),
        ("POST", "erasure"),
    ):
        body = {} if method == "GET" else {"json": {"reason": "unlawful"}}
        answer = call(method, f"{API}/people/{person}/{path}", stranger, **body)
        assert answer.status_code == 404, path


def test_erasure_is_asked_for_at_the_desk_and_decided_elsewhere(
    context: Context, call: Call, tell: Tell
) -> None:
    person = ended(context, call, tell)
    asked = call("POST", f"{API}/people/{person}/erasure", json={"reason": "no-longer-needed"})
    assert (asked.status_code, asked.get_json()["state"]) == (202, "asked")
    erasure = asked.get_json()["id"]
    assert call("POST", f"{API}/erasures/{erasure}/approve", json={}).status_code == 404
    (listed,) = call("GET", f"{API}/erasures", AUDITOR).get_json()["items"]
    assert (listed["id"], "person" in listed) == (erasure, False)
    hold = {"basis": "appeal", "until": "2027-03-01T00:00:00+08:00"}
    held = call("POST", f"{API}/erasures/{erasure}/approve", AUDITOR, json={"hold": hold})
    assert (held.get_json()["state"], held.get_json()["hold"]["basis"]) == ("held", "appeal")
    again = call("POST", f"{API}/erasures/{erasure}/approve", AUDITOR, json={})
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:aid:problem:erasure-settled")


def test_open_legs_are_named_with_what_to_do(call: Call) -> None:
    made = file(call, "dibao")
    answer = call("POST", f"{API}/people/{person_of(call, made['id'])}/erasure", json={"reason": "unlawful"})
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:aid:problem:legs-open")
    assert "Withdraw them" in answer.get_json()["detail"]
