"""The agency's desk makes an appointment: what cannot be is refused by field, a day off is a warning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import flask
import pytest
import sqlalchemy as sa

from services.referrals.entrypoints.forms import drawn
from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.read import read_referral
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road, leg_of
from tests.integration.referrals.test_own_key import AGENCY as OWN_KEY
from tests.integration.referrals.test_own_key import with_own_key

TUESDAY, SATURDAY = "2026-11-24", "2026-11-28"
AT_THE_HALL = {"at": "09:30-11:00", "place": "民政局二楼3号窗口"}


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """The demo district's road, with one agency that keeps its own key."""
    return Road(an_installation(sqlite_database, district=with_own_key()))


@pytest.fixture
def leg(road: Road) -> str:
    """A referral just issued to civil affairs."""
    return leg_of(road.file("dibao"))


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"on": TUESDAY}, ["at", "place"]),
        ({"on": TUESDAY, "at": "09:30", "place": "  "}, ["place"]),
        ({**AT_THE_HALL, "on": TUESDAY, "at": "11:30-09:30"}, ["at"]),
        ({**AT_THE_HALL, "on": "2027-11-28"}, ["on"]),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_nothing_is_told(
    road: Road, desk: Caller, leg: str, body: dict[str, Any], wrong: list[str]
) -> None:
    refused = desk.post(f"/referrals/{leg}/appointment", body)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, wrong)
    assert [event.type for event in road.told(leg)] == ["referral.issued.v1"]


def test_a_day_off_is_taken_with_a_warning_until_another_day_is_named_or_it_has_gone_by(
    road: Road, app: flask.Flask, desk: Caller, leg: str
) -> None:
    path = f"/referrals/{leg}"
    made = desk.post(f"{path}/appointment", {**AT_THE_HALL, "on": SATURDAY})
    assert (made.status_code, made.json["appointment_on"]) == (200, SATURDAY)
    (warning,) = made.json["warnings"]
    assert (warning["code"], warning["field"]) == ("day-off", "on")
    assert SATURDAY in warning["messages"]["en"]
    client = app.test_client()
    client.set_cookie("sid", desk.token)
    assert warning["messages"]["zh"] in client.get(path, headers={"Accept": "text/html"}).text
    coordinator = road.caller(app, "coordinator").get(path).json
    assert (coordinator["appointment_on"], coordinator["warnings"]) == (None, [])
    assert desk.post(f"{path}/appointment", {**AT_THE_HALL, "on": TUESDAY}).json["warnings"] == []
    desk.post(f"{path}/appointment", {**AT_THE_HALL, "on": SATURDAY})
    road.installation.clock.move_to(datetime(2026, 11, 29, 2, tzinfo=UTC))
    assert read_referral(road.parts, desk.principal, leg).warnings == ()


def test_the_same_appointment_twice_is_refused_and_another_hour_or_place_is_another(
    road: Road, desk: Caller, leg: str
) -> None:
    path, tuesday = f"/referrals/{leg}/appointment", {**AT_THE_HALL, "on": TUESDAY}
    first = desk.post(path, tuesday).json["version"]
    again = desk.post(path, {**tuesday, "at": "09:30 - 11:00"})
    assert (again.status_code, again.json["type"]) == (409, "urn:aid:problem:appointment-stands")
    assert desk.get(f"/referrals/{leg}").json["version"] == first
    for other in ({"place": "一楼大厅"}, {"bring": "身份证"}, {"on": SATURDAY}, {}):
        assert desk.post(path, {**tuesday, **other}).status_code == 200
    assert len([event for event in road.told(leg) if event.type == "referral.appointment-made.v1"]) == 5
    with road.parts.database.read() as connection:
        kept = str(connection.execute(sa.select(referrals.c.life)).all())
    assert "大厅" not in kept


def test_an_agency_whose_own_system_holds_the_key_names_the_day_alone(road: Road, app: flask.Flask) -> None:
    leg, desk = leg_of(road.file("med-enrol"), OWN_KEY), road.caller(app, "desk", agency=OWN_KEY)
    view = read_referral(road.parts, desk.principal, leg)
    district = road.parts.directory.current()
    assert [each.name for each in drawn("appointment", view, district)] == ["on"]
    assert [desk.post(f"/referrals/{leg}/appointment", {"on": TUESDAY}).status_code for _ in range(2)] == [
        200,
        409,
    ]
