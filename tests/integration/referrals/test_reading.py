"""What each role is shown: queues, single referrals, how days are counted, and what stays hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask
import pytest
from openapi_spec_validator import validate

from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.transitions import TRANSITIONS
from services.referrals.persistence import queries
from services.referrals.persistence.filters import Filter
from services.referrals.schemas.actions import OFFERED
from services.referrals.use_cases.context import reach
from services.referrals.use_cases.views import light_of
from shared.identity import allow
from tests.builders import HUT_UNIT, MONDAY, OTHER_UNIT, STREET, a_principal
from tests.integration.referrals.desk import PERSON, Caller, Road, leg_of


def numbers(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json["items"]]


def test_a_queue_shows_ones_own_agency_due_first_and_ended_ones_last(road: Road, desk: Caller) -> None:
    usual, urgent, ended = (leg_of(road.file(name)) for name in ("dibao", "temp-urgent", "dibao"))
    road.file("pension")
    road.act(usual, "accept", 1)
    road.act(ended, "accept", 1)
    road.act(ended, "close", 2, {"outcome": "withdrawn"})
    assert numbers(desk.get("/referrals")) == [urgent, usual, ended]
    assert numbers(desk.get("/referrals", status=["accepted", "closed"])) == [usual, ended]
    assert numbers(desk.get("/referrals", status="issued", agency="civil-affairs")) == [urgent]


def test_a_row_tells_who_by_a_masked_name_and_opening_the_list_is_audited_once(
    road: Road, desk: Caller
) -> None:
    for _ in range(3):
        road.file("dibao")
    items = desk.get("/referrals").json["items"]
    assert all(
        item["badge"]["name"].endswith("**") and "********" in item["badge"]["id_number"] for item in items
    )
    assert {item["request_id"] for item in items} == {None}
    assert [line.detail["badges"] for line in road.audited("badges.opened")] == [3]


def test_pages_of_a_queue_hold_every_referral_once(road: Road, desk: Caller) -> None:
    for _ in range(7):
        road.file("dibao")
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = desk.get("/referrals", limit=3, **cursor)
        found += numbers(page)
        if page.json["next"] is None:
            break
        cursor = {"cursor": page.json["next"]}
    assert len(found) == len(set(found)) == 7
    assert numbers(desk.get("/referrals", limit=50)) == found
    wrong = desk.get("/referrals", cursor="nonsense")
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "cursor")


WRONG = ({"light": "pink"}, {"status": "lost"}, {"limit": 0}, {"sort": "name"}, {"unit": "x"})


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_query_names_the_field(desk: Caller, query: dict[str, Any]) -> None:
    answer = desk.get("/referrals", **query)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].split(".")[0] == next(iter(query))


def test_a_light_in_a_filter_is_the_light_on_the_row_on_every_day(road: Road) -> None:
    legs = [leg_of(road.file(name)) for name in ("dibao", "temp-urgent", "temp-spend")]
    road.act(legs[0], "accept", 1)
    road.act(legs[2], "accept", 1)
    road.act(legs[2], "close", 2, {"outcome": "unreachable"})
    desk = a_principal("desk", agency="civil-affairs")
    scope = reach(allow(desk, "referrals.read"))
    seen = set()
    for days in range(60):
        now = MONDAY + timedelta(days, hours=3 * days)
        with road.parts.database.read() as connection:
            for light in ("green", "yellow", "red", "grey", "blue"):
                wanted = Filter(reach=scope, now=now, today=now.date(), light=light)
                for row in queries.listing(connection, wanted, limit=9, after=None):
                    assert light_of(row, now) == light
                    seen.add((light, row.id, days))
    assert len(seen) == 60 * 3
    assert {light for light, _, _ in seen} == {"green", "yellow", "red", "blue"}


def test_another_agencys_queue_and_referrals_are_not_there(
    road: Road, app: flask.Flask, desk: Caller
) -> None:
    leg = leg_of(road.file("pension"), "social-security")
    assert desk.get("/referrals", agency="social-security").status_code == 404
    for path in ("", "/history", "/clock"):
        assert desk.get(f"/referrals/{leg}{path}").status_code == 404
    assert desk.post(f"/referrals/{leg}/packet/open", {"reason": "to see"}).status_code == 404
    assert [line.reason for line in road.audited("access.refused")] == ["out-of-reach"] * 5
    assert road.caller(app, "auditor").get("/referrals").status_code == 403


def test_the_coordinator_sees_status_and_clocks_of_all_but_no_badge_no_amount_and_no_packet(
    road: Road, desk: Caller, coordinator: Caller
) -> None:
    answer = road.file("dibao", "psy")
    leg = leg_of(answer)
    road.act(leg, "accept", 1)
    road.act(leg, "close", 2, {"outcome": "approved", "amount": 650, "period": "monthly"})
    items = coordinator.get("/referrals").json["items"]
    assert {item["programme"] for item in items} == {"dibao", "health-service"}
    assert {item["badge"] for item in items} == {None}
    closed = coordinator.get(f"/referrals/{leg}").json
    assert (closed["outcome"], closed["outcome_fields"], closed["actions"]) == ("approved", None, ["reopen"])
    assert closed["request_id"] == answer["id"]
    assert coordinator.get(f"/referrals/{leg}/history").json["items"][-1]["fields"] == {"outcome": "approved"}
    assert coordinator.post(f"/referrals/{leg}/packet/open", {"reason": "to see"}).status_code == 403
    assert coordinator.get("/referrals", q="1234").status_code == 403
    assert desk.get(f"/referrals/{leg}").json["outcome_fields"] == {"amount": 650, "period": "monthly"}


def test_the_clock_explains_day_by_day_what_counts(road: Road, desk: Caller) -> None:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    told = desk.get(f"/referrals/{leg}/clock").json
    clocks = {clock["clock"]: clock for clock in told["clocks"]}
    assert (told["clock"], told["light"], told["due_on"]) == ("decide", "green", clocks["decide"]["due_on"])
    assert [clocks[name]["running"] for name in ("acknowledge", "accept", "decide")] == [False, False, True]
    days = clocks["decide"]["days"]
    assert sum(day["working"] for day in days) == clocks["decide"]["total"] == told["days_left"]
    assert days[-1]["on"] == told["due_on"]
    assert all(day["name"] for day in days if not day["working"] and day["source"] == "statutory")


def test_a_packet_is_opened_for_a_reason_and_each_opening_is_audited(road: Road, desk: Caller) -> None:
    answer = road.file("dibao", person=PERSON)
    leg = leg_of(answer)
    for reason in ("核对材料", "再次核对"):
        opened = desk.post(f"/referrals/{leg}/packet/open", {"reason": reason})
    assert opened.status_code == 200
    assert (opened.json["referral"], opened.json["rev"]) == (leg, 1)
    assert opened.json["body"]["person"]["name"] == "李秀英"
    assert opened.headers["Cache-Control"] == "no-store"
    assert [(line.reason, line.object_id) for line in road.audited("packet.opened")] == [
        ("再次核对", leg),
        ("核对材料", leg),
    ]
    for body in ({}, {"reason": " "}, {"reason": "x", "more": 1}):
        assert desk.post(f"/referrals/{leg}/packet/open", body).status_code == 422
    assert len(road.audited("packet.opened")) == 2


def test_a_case_shows_all_legs_side_by_side_with_the_worst_light(road: Road, coordinator: Caller) -> None:
    answer = road.file("dibao", "pension", "psy")
    road.act(leg_of(answer), "accept", 1)
    road.installation.clock.move_to(MONDAY + timedelta(days=4))
    late = Caller(coordinator.client, coordinator.principal, _token(road, coordinator))
    case = late.get(f"/cases/{answer['id']}").json
    assert (case["id"], case["number"], case["status"], case["light"]) == (
        answer["id"],
        answer["number"],
        "in-progress",
        "red",
    )
    assert [(leg["agency"], leg["light"], leg["status"]) for leg in case["legs"]] == [
        ("civil-affairs", "green", "accepted"),
        ("social-security", "red", "issued"),
        ("health", "red", "issued"),
    ]
    assert [line.object_id for line in road.audited("case.opened")] == [answer["id"]]


def test_a_board_lists_each_case_once_and_filters_by_its_worst_light(road: Road, coordinator: Caller) -> None:
    first = road.file("dibao", "pension")
    second = road.file("dibao", "pub-job")
    for leg in second["legs"]:
        road.act(leg["id"], "accept", 1, agency=leg["agency"])
        road.act(leg["id"], "close", 2, {"outcome": "withdrawn"}, agency=leg["agency"])
    board = coordinator.get("/cases").json
    assert [(case["id"], case["light"], case["status"]) for case in board["items"]] == [
        (first["id"], "green", "in-progress"),
        (second["id"], "blue", "ended"),
    ]
    for query, expected in (
        ({"light": "green"}, [first["id"]]),
        ({"light": "blue"}, [second["id"]]),
        ({"light": "red"}, []),
        ({"agency": "employment"}, [second["id"]]),
        ({"agency": "civil-affairs"}, [first["id"], second["id"]]),
        ({"unit": HUT_UNIT}, [first["id"], second["id"]]),
        ({"unit": STREET}, [first["id"], second["id"]]),
        ({"unit": OTHER_UNIT}, []),
    ):
        assert numbers(coordinator.get("/cases", **query)) == expected, query
    page = coordinator.get("/cases", limit=1).json
    assert [case["id"] for case in page["items"]] == [first["id"]]
    assert numbers(coordinator.get("/cases", limit=1, cursor=page["next"])) == [second["id"]]


def test_whoever_files_sees_the_cases_of_their_own_unit_and_street_and_agencies_see_none(
    road: Road, app: flask.Flask, desk: Caller
) -> None:
    answer = road.file("dibao")
    path = f"/cases/{answer['id']}"
    for role, unit, status in (
        ("hut", None, 200),
        ("hut", OTHER_UNIT, 404),
        ("specialist", None, 200),
        ("specialist", "530103001", 404),
    ):
        caller = road.caller(app, role, unit=unit)
        assert caller.get(path).status_code == status
        assert len(caller.get("/cases").json["items"]) == (status == 200)
    assert desk.get(path).status_code == 404
    assert desk.get("/cases").status_code == 404
    assert road.caller(app, "auditor").get("/cases").status_code == 403


def test_the_auditor_reads_who_opened_what(road: Road, app: flask.Flask, desk: Caller) -> None:
    leg = leg_of(road.file("dibao"))
    desk.post(f"/referrals/{leg}/packet/open", {"reason": "核对"})
    answer = road.caller(app, "auditor").get("/audit", action="packet.opened")
    assert [(line["actor"], line["object_id"]) for line in answer.json["items"]] == [
        ("desk-civil-affairs", leg)
    ]
    assert desk.get("/audit").status_code == 403


def test_nobody_comes_in_without_a_token(app: flask.Flask) -> None:
    assert app.test_client().get("/referrals/api/v1/referrals").status_code == 401


def test_the_description_of_the_api_is_valid(app: flask.Flask) -> None:
    document: Any = app.test_client().get("/referrals/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert "/referrals/api/v1/referrals/{referral_id}/close" in document["paths"]


def test_the_description_says_of_each_action_what_it_needs_when_it_is_possible_and_what_comes_of_it(
    app: flask.Flask,
) -> None:
    document: Any = app.test_client().get("/referrals/openapi.json").json
    for action in OFFERED:
        operation = document["paths"][f"/referrals/api/v1/referrals/{{referral_id}}/{action}"]["post"]
        row = TRANSITIONS.get(action) or SIDE_ACTIONS[action]
        assert operation["summary"] == row.text.en
        assert "Possible while" in operation["description"]
        assert row.fact in operation["description"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        schema = document["components"]["schemas"][body]
        assert set(row.required) <= set(schema.get("required", ()))
        assert set(schema.get("required", ())) <= set(schema["properties"])


def _token(road: Road, caller: Caller) -> str:
    return road.installation.keyring("intake").tokens.sign(caller.principal, road.installation.clock.now())


@pytest.mark.parametrize("path", ["/referrals", "/cases"])
@pytest.mark.parametrize(("field", "code"), [("agency", "nope"), ("unit", "530103999")])
def test_a_code_that_nobody_knows_is_not_an_empty_list(
    coordinator: Caller, path: str, field: str, code: str
) -> None:
    answer = coordinator.get(path, **{field: code})
    assert (answer.status_code, [each["field"] for each in answer.json["errors"]]) == (422, [field])
    known = {"agency": "housing", "unit": "530103001"}
    assert coordinator.get(path, **{field: known[field]}).json["items"] == []
