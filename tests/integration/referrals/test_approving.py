"""The street's check as referrals sees it: planned legs reach nobody, and are issued at the moment of the approval."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.use_cases.street_check import approve
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.use_cases.tick import tick
from tests.builders import MONDAY, a_checking_district, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation whose district wants the street to check what is filed."""
    return Road(an_installation(database, district=a_checking_district()))


def the_check(road: Road, request: dict[str, Any]) -> None:
    approve(road.installation.intake(), a_principal("specialist"), request["id"])
    road.carry()


def referral_of(road: Road, leg: str) -> Referral:
    with road.parts.database.read() as connection:
        return referrals.load(connection, [leg])[leg]


def types_told(road: Road, leg: str) -> list[str]:
    return [event.type for event in road.told(leg)]


def test_before_the_check_a_leg_is_planned_and_only_the_streets_clock_runs(road: Road) -> None:
    leg = leg_of(road.file("dibao"))
    planned = referral_of(road, leg)
    assert (planned.status, planned.clock, planned.due_on) == (Status.PLANNED, "assign", date(2026, 11, 24))
    assert types_told(road, leg) == ["referral.planned.v1"]


def test_before_the_check_its_agency_neither_sees_nor_opens_it(road: Road) -> None:
    request = road.file("dibao")
    leg, app = leg_of(request), road.app()
    desk = road.caller(app, "desk", agency="civil-affairs")
    assert desk.get("/referrals").get_json()["items"] == []
    assert desk.get(f"/referrals/{leg}").status_code == 404
    assert desk.post(f"/referrals/{leg}/packet/open", {"reason": "查看"}).status_code == 404
    assert desk.post(f"/referrals/{leg}/acknowledge", {}, version=1).status_code == 404
    for role in ("coordinator", "hut", "specialist"):
        assert road.caller(app, role).get(f"/referrals/{leg}").get_json()["status"] == "planned"
    the_check(road, request)
    assert [one["id"] for one in desk.get("/referrals").get_json()["items"]] == [leg]
    assert desk.post(f"/referrals/{leg}/packet/open", {"reason": "查看"}).status_code == 200


def test_a_check_that_is_late_is_told_once_and_never_to_the_agency(road: Road) -> None:
    leg = leg_of(road.file("dibao"))
    for days in (1, 2, 2, 8, 30):
        road.installation.clock.move_to(MONDAY + timedelta(days))
        tick(road.parts)
    assert types_told(road, leg) == ["referral.planned.v1", *["referral.reminded.v1"] * 4]
    assert referral_of(road, leg).timer is None
    assert all(event.data["whose"] == "specialist" for event in road.told(leg)[1:])


def test_withdrawn_before_the_check_it_is_never_its_agencys(road: Road) -> None:
    request = road.file("dibao", "pension")
    road.withdraw(request["id"], leg_of(request))
    desk = road.caller(road.app(), "desk", agency="civil-affairs")
    assert desk.get(f"/referrals/{leg_of(request)}").status_code == 404


def test_approved_its_clocks_start_at_the_approval(road: Road) -> None:
    request = road.file("dibao")
    leg = leg_of(request)
    road.installation.clock.move_to(MONDAY + timedelta(1))
    the_check(road, request)
    issued = referral_of(road, leg)
    assert (issued.status, issued.issued_at) == (Status.ISSUED, MONDAY + timedelta(1))
    assert (issued.clock, issued.due_on) == ("acknowledge", date(2026, 11, 26))
    assert types_told(road, leg) == ["referral.planned.v1", "referral.issued.v1"]
    told = road.told(leg)[-1]
    assert told.data["acknowledge_by"] == "2026-11-26"
    assert "packet" not in told.data


def test_every_leg_of_the_request_is_issued_and_none_of_another(road: Road) -> None:
    request, other = road.file("dibao", "pension", "psy"), road.file("dibao")
    the_check(road, request)
    assert {referral_of(road, leg["id"]).status for leg in request["legs"]} == {Status.ISSUED}
    assert referral_of(road, leg_of(other)).status is Status.PLANNED


def test_a_leg_withdrawn_before_the_check_is_not_issued(road: Road) -> None:
    request = road.file("dibao", "pension")
    road.withdraw(request["id"], leg_of(request))
    the_check(road, request)
    assert referral_of(road, leg_of(request)).status is Status.CANCELLED
    assert referral_of(road, leg_of(request, "social-security")).status is Status.ISSUED
    assert road.letters() == []


def test_the_approval_stands_in_history_and_audit(road: Road) -> None:
    request = road.file("dibao")
    the_check(road, request)
    (line,) = road.audited("referral.issue")
    assert line.object_id == leg_of(request)
