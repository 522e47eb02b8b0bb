"""A leg cancelled while it waited for the street's check was never its agency's: no list, count or look-up has it."""

from __future__ import annotations

from typing import Any, NamedTuple

import flask
import pytest

from services.intake.use_cases.street_check import approve
from services.referrals.persistence import queries
from services.referrals.use_cases.read import count_by_status
from services.referrals.use_cases.search import MOST_FOUND
from tests.builders import a_checking_district, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import PERSON, Caller, Road

AGENCY = "civil-affairs"


class Filed(NamedTuple):
    """One person's two legs at one agency: ``never`` was withdrawn before the check, ``issued`` after it."""

    request: str
    never: str
    issued: str
    number: str


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation whose district wants the street to check what is filed."""
    return Road(an_installation(database, district=a_checking_district()))


@pytest.fixture
def filed(road: Road) -> Filed:
    """File, withdraw one leg, approve the rest, and withdraw that, too: both are cancelled now."""
    request = road.file("dibao", "temp-spend", person=PERSON)
    never, issued = (leg["id"] for leg in request["legs"])
    road.withdraw(request["id"], never)
    approve(road.installation.intake(), a_principal("specialist"), request["id"])
    road.carry()
    road.withdraw(request["id"], issued)
    with road.parts.database.read() as connection:
        legs = queries.legs_of(connection, [request["id"]])[request["id"]]
    assert [leg.status.value for leg in legs] == ["cancelled", "cancelled"]
    return Filed(request["id"], never, issued, next(leg.number for leg in legs if leg.id == never))


@pytest.fixture
def app(road: Road) -> flask.Flask:
    """The web application of referrals."""
    return road.app()


@pytest.fixture
def desk(road: Road, app: flask.Flask) -> Caller:
    """An officer of the agency."""
    return road.caller(app, "desk", agency=AGENCY)


def listed(caller: Caller, **query: Any) -> list[str]:
    return [item["id"] for item in caller.get("/referrals", **query).json["items"]]


def test_no_list_of_its_agency_shows_it_and_no_page_of_one_stops_at_it(filed: Filed, desk: Caller) -> None:
    for query in ({}, {"status": "cancelled"}, {"light": "blue"}, {"agency": AGENCY}):
        assert listed(desk, **query) == [filed.issued]
    first = desk.get("/referrals", limit=1).json
    assert ([item["id"] for item in first["items"]], first["next"]) == ([filed.issued], None)
    page = desk.client.get("/referrals/queue?tab=done", headers=desk._headers()).text
    assert filed.issued in page
    assert filed.never not in page


def test_no_look_up_finds_it_or_counts_it_among_what_was_found(
    road: Road, filed: Filed, desk: Caller
) -> None:
    assert [listed(desk, q=text) for text in (filed.number, "李秀英", "lxy", "13800001234")] == [
        [],
        *[[filed.issued]] * 3,
    ]
    with road.parts.database.read() as connection:
        by_number = queries.candidates(
            connection, number=filed.number, agencies=frozenset({AGENCY}), tokens=[], limit=MOST_FOUND
        )
    assert by_number == []


def test_its_agency_counts_one_ended_referral_and_its_leaders_figures_one_received(
    road: Road, filed: Filed, app: flask.Flask
) -> None:
    counts, _ = count_by_status(road.parts, a_principal("desk", agency=AGENCY), None, most=100)
    assert {status.value: number for status, number in counts.items()} == {"closed": 1}
    figures = road.caller(app, "leader", agency=AGENCY).get("/statistics").json
    assert {each["programme"]: each["received"] for each in figures["programmes"] if each["received"]} == {
        "temp-spend": 1
    }


def test_whoever_has_its_id_at_its_agency_is_told_there_is_no_such_thing(filed: Filed, desk: Caller) -> None:
    reads = ("", "/history", "/clock", "/messages", "/papers?reason=查看材料")
    for leg, status in ((filed.never, 404), (filed.issued, 200)):
        for read in reads:
            path, _, reason = read.partition("?reason=")
            answer = desk.get(f"/referrals/{leg}{path}", **({"reason": reason} if reason else {}))
            assert (read, answer.status_code) == (read, status)


def test_those_who_follow_the_case_read_that_it_was_planned_and_never_issued(
    road: Road, filed: Filed, app: flask.Flask
) -> None:
    for role in ("hut", "specialist", "coordinator"):
        caller = road.caller(app, role)
        assert sorted(listed(caller)) == sorted([filed.never, filed.issued])
        whole = caller.get(f"/cases/{filed.request}").json["timeline"]
        by_leg = {leg: [line["action"] for line in whole if line["leg"] == leg] for leg in filed[1:3]}
        assert by_leg == {filed.never: ["plan", "cancel"], filed.issued: ["issue", "cancel"]}
        for leg, lines in by_leg.items():
            history = caller.get(f"/referrals/{leg}/history").json["items"]
            assert [line["action"] for line in history] == lines


def test_a_case_that_waits_for_its_check_is_called_as_at_intake_until_a_leg_is_issued(
    road: Road, app: flask.Flask
) -> None:
    request = road.file("dibao", person=PERSON)

    def shown() -> tuple[Any, ...]:
        case = road.caller(app, "coordinator").get(f"/cases/{request['id']}").json
        return case["status"], case["issued_at"], case["legs"][0]["issued_at"]

    assert shown() == (request["status"], None, None) == ("submitted", None, None)
    page = road.caller(app, "coordinator")
    assert "待街道核对" in page.client.get(f"/referrals/cases/{request['id']}", headers=page._headers()).text
    approve(road.installation.intake(), a_principal("specialist"), request["id"])
    road.carry()
    status, of_case, of_leg = shown()
    assert (status, of_case) == ("in-progress", of_leg)
    assert of_leg is not None
