"""The road of one request as another system walks it: by the API alone, through the front door."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.builders import a_filing, a_person
from tests.flows.integrator import INTAKE, NOTIFICATIONS, REFERRALS, REQUESTS, Integrator
from tests.running import running
from tests.waiting import until

SERVICES = ("intake", "referrals", "notifications")
EVERYBODY = (
    "hut",
    "specialist",
    "coordinator",
    "desk-civil-affairs",
    "leader-civil-affairs",
    "desk-health",
    "grid",
    "operator",
    "auditor",
)
NEVER = "01a20080-4aee-7947-8ebc-7fca2d4ecb6b"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Integrator]:
    """Somebody at the door of a fresh embedded run."""
    with (
        running(tmp_path_factory.mktemp("road") / "home") as run,
        httpx.Client(base_url=run.url, trust_env=False) as client,
    ):
        yield Integrator(run, client)


def of(filed: Any, programme: str) -> Any:
    return next(leg for leg in filed["legs"] if leg["programme"] == programme)


def test_one_request_becomes_four_referrals_and_everyone_sees_how_each_of_them_goes(api: Integrator) -> None:
    filed = api.file(a_filing("dibao", "pension", "pub-job", "psy"))
    endings: dict[str, dict[str, Any]] = {
        "dibao": {"outcome": "approved", "amount": 680.5, "period": "monthly", "note": "自下月发放"},
        "pension": {"outcome": "enrolled"},
        "pub-job": {"outcome": "waitlisted"},
        "psy": {"outcome": "service-delivered"},
    }
    for programme, ending in endings.items():
        leg = of(filed, programme)
        queue = api.get(f"desk-{leg['agency']}", f"{REFERRALS}/referrals")["items"]
        assert {shown["agency"] for shown in queue} == {leg["agency"]}
        (shown,) = [shown for shown in queue if shown["id"] == leg["id"]]
        assert shown["actions"] == ["acknowledge", "accept", "propose-return"]
        for seen, (action, fields) in enumerate(
            (
                ("acknowledge", {}),
                ("accept", {}),
                ("start", {"step": shown["steps"][0]}),
                ("close", ending),
            ),
            start=shown["version"],
        ):
            done = api.act(leg, action, seen, **fields)
            assert (done.status_code, done.headers["ETag"]) == (200, f'"{seen + 1}"'), done.text
    api.until_at_desk(filed["id"], lambda legs: all(leg["outcome"] for leg in legs))

    desk = api.get("hut", f"{REQUESTS}/{filed['id']}")
    assert {leg["programme"]: leg["outcome"] for leg in desk["legs"]} == {
        programme: ending["outcome"] for programme, ending in endings.items()
    }
    assert of(desk, "dibao")["answer"]["note"] == "自下月发放"
    assert desk["status"] == "ended"
    moments = [line["at"] for line in desk["history"]]
    assert moments == sorted(moments)
    assert {len(moment) for moment in moments} == {len("2026-11-23T01:30:00.420Z")}

    case = api.get("coordinator", f"{REFERRALS}/cases/{filed['id']}")
    assert (case["number"], case["status"]) == (filed["number"], "ended")
    assert {leg["programme"] for leg in case["legs"]} == {"dibao", "pension", "pub-job", "health-service"}
    assert all(leg["badge"] is None and leg["outcome_fields"] is None for leg in case["legs"])


def test_who_files_is_told_every_later_fact_and_an_agency_only_of_what_arrives(api: Integrator) -> None:
    leg = api.file(a_filing("dibao"))["legs"][0]
    assert api.act(leg, "acknowledge", 1).status_code == 200
    assert api.act(leg, "accept", 2).status_code == 200

    def told(staff: str) -> list[Any]:
        inbox = api.pages(staff, f"{NOTIFICATIONS}/messages", limit=2)
        return [message for message in inbox if message["subject"] == leg["id"]]

    until(lambda: len(told("hut")) == 2, what="both facts at the desk")
    assert [message["type"] for message in told("hut")] == [
        "referral.accepted.v1",
        "referral.acknowledged.v1",
    ]
    (arrival,) = told("desk-civil-affairs")
    assert arrival["type"] == "referral.issued.v1"
    assert set(arrival) == {"id", "type", "subject", "number", "agency", "at", "read_at", "text"}
    for stranger in ("desk-health", "leader-civil-affairs", "coordinator"):
        assert told(stranger) == []

    mark = f"{NOTIFICATIONS}/messages/{arrival['id']}/read"
    assert api.call("desk-health", "POST", mark).status_code == 404
    assert api.call("desk-civil-affairs", "POST", mark).json()["read_at"]
    unread = api.pages("desk-civil-affairs", f"{NOTIFICATIONS}/messages", unread="true")
    assert arrival["id"] not in {message["id"] for message in unread}


def test_a_withdrawal_is_202_then_cancels_what_nobody_has_accepted_and_says_what_it_could_not(
    api: Integrator,
) -> None:
    filed = api.file(a_filing("dibao", "pension"))
    assert api.act(of(filed, "dibao"), "accept", 1).status_code == 200
    withdraw = f"{REQUESTS}/{filed['id']}/withdraw"
    asked = api.call("hut", "POST", withdraw, json={})
    assert asked.status_code == 202
    api.until_at_desk(
        filed["id"],
        lambda legs: (
            {leg["status"] for leg in legs} == {"accepted", "cancelled"}
            and any(leg["cancel_refusal"] for leg in legs)
        ),
    )
    desk = api.get("hut", f"{REQUESTS}/{filed['id']}")
    assert (desk["status"], of(desk, "dibao")["cancel_refusal"]) == ("in-progress", "already-accepted")
    gone = api.act(of(filed, "pension"), "accept", 2)
    assert (gone.status_code, gone.json()["current_status"], gone.json()["possible"]) == (
        409,
        "cancelled",
        [],
    )
    # The agency has been told of the wish since, so what was seen before is no longer all there is.
    assert api.act(of(filed, "dibao"), "close", 2, outcome="withdrawn").status_code == 412
    assert api.act(of(filed, "dibao"), "close", 3, outcome="withdrawn").status_code == 200
    until(lambda: api.get("hut", f"{REQUESTS}/{filed['id']}")["status"] == "ended", what="the end")
    late = api.call("hut", "POST", withdraw, json={})
    assert (late.status_code, late.json()["current_status"]) == (409, "ended")


def test_one_key_sent_many_times_at_once_is_one_request_with_one_receipt(api: Integrator) -> None:
    filing = a_filing("dibao")
    key = {"Idempotency-Key": "the-same-for-all"}
    api.token("hut")
    with ThreadPoolExecutor(8) as crowd:
        answers = list(
            crowd.map(lambda _: api.call("hut", "POST", REQUESTS, json=filing, headers=key), range(8))
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    accepted = {answer.content for answer in answers if answer.status_code == 201}
    assert len(accepted) == 1
    (filed,) = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    again = api.call("hut", "POST", REQUESTS, json=filing, headers=key)
    assert again.content in accepted
    assert (
        api.call("hut", "POST", REQUESTS, json=filing | {"urgency": "urgent"}, headers=key).status_code == 422
    )
    log = api.get("auditor", f"{INTAKE}/audit", action="request.filed", object_id=filed)
    assert len(log["items"]) == 1


def test_a_second_request_for_the_same_need_is_taken_and_warned_of(api: Integrator) -> None:
    person = a_person()
    first = api.file(a_filing("dibao", person=person))
    second = api.file(a_filing("dibao", person=person))
    assert first["warnings"] == []
    assert [(warning["code"], warning["field"]) for warning in second["warnings"]] == [
        ("duplicate", "legs.0.programme")
    ]


def test_a_packet_opens_for_its_agency_alone_and_each_opening_is_in_the_log(api: Integrator) -> None:
    filing = a_filing("dibao", "psy")
    filed = api.file(filing)
    leg = of(filed, "psy")
    path = f"{REFERRALS}/referrals/{leg['id']}/packet/open"
    opened = api.call("desk-health", "POST", path, json={"reason": "first talk"}).json()
    assert set(opened) == {"referral", "rev", "opened_at", "body"}
    assert (opened["body"]["programme"], opened["body"]["person"]["name"]) == (
        "psy",
        filing["person"]["name"],
    )
    assert "household_registration" not in opened["body"]["person"]
    refused = {
        staff: api.call(staff, "POST", path, json={"reason": "curious"}).status_code
        for staff in ("desk-civil-affairs", "hut", "specialist", "coordinator", "operator", "auditor", "grid")
    }
    assert refused == {
        "desk-civil-affairs": 404,
        "hut": 403,
        "specialist": 403,
        "coordinator": 403,
        "operator": 404,
        "auditor": 404,
        "grid": 404,
    }
    log = api.get("auditor", f"{REFERRALS}/audit", object_id=leg["id"], action="packet.opened")["items"]
    assert [(line["actor"], line["post"], line["reason"]) for line in log] == [
        ("desk-health", "desk@health", "first talk")
    ]


def test_what_is_not_ones_own_is_404_and_what_is_not_ones_task_403(api: Integrator) -> None:
    filed = api.file(a_filing("dibao"))
    leg = filed["legs"][0]
    objects = (
        f"{REQUESTS}/{filed['id']}",
        f"{REFERRALS}/referrals/{leg['id']}",
        f"{REFERRALS}/cases/{filed['id']}",
    )
    seen = {staff: [api.call(staff, "GET", path).status_code for path in objects] for staff in EVERYBODY}
    assert seen == {
        "hut": [200, 200, 200],
        "specialist": [200, 200, 200],
        "coordinator": [403, 200, 200],
        "desk-civil-affairs": [404, 200, 404],
        "leader-civil-affairs": [404, 200, 404],
        "desk-health": [404, 404, 404],
        "grid": [404, 404, 404],
        "operator": [404, 404, 404],
        "auditor": [404, 404, 404],
    }
    for staff in seen:
        assert api.call(staff, "GET", f"{REFERRALS}/referrals/{NEVER}").status_code == 404
    for staff in ("hut", "coordinator", "leader-civil-affairs"):
        path = f"{REFERRALS}/referrals/{leg['id']}/accept"
        assert api.call(staff, "POST", path, seen=1, json={}).status_code == 403
    lists = {staff: api.call(staff, "GET", f"{REFERRALS}/cases").status_code for staff in seen}
    assert {staff for staff, status in lists.items() if status == 200} == {"hut", "specialist", "coordinator"}
    assert {lists["desk-health"], lists["leader-civil-affairs"]} == {404}


def test_a_list_read_by_pages_holds_everything_once_newest_first(api: Integrator) -> None:
    filed = [api.file(a_filing("dibao"))["id"] for _ in range(5)]
    walked = [item["id"] for item in api.pages("hut", REQUESTS, limit=2)]
    assert walked[:5] == filed[::-1]
    assert len(walked) == len(set(walked))
    dues = [
        item["due_on"]
        for item in api.pages("desk-civil-affairs", f"{REFERRALS}/referrals", limit=2, status="issued")
    ]
    assert all(before <= after for before, after in pairwise(dues))


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_describes_itself_in_valid_openapi(api: Integrator, service: str) -> None:
    document = api.description(service)
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert f"/{service}/api/v1/audit" in document["paths"]


def test_the_door_tells_how_it_stands(api: Integrator) -> None:
    assert api.client.get("/live").status_code == 200
    ready = api.client.get("/ready").json()
    assert ready["status"] in {"ok", "degraded"}
    assert all({"code", "since", "remedy"} <= set(problem) for problem in ready["problems"])
    assert api.client.get("/asyncapi.json").json()["asyncapi"].startswith("3.")
