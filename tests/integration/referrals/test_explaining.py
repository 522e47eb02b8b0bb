"""What the clock of a referral tells: each day, pauses, extension, notice, steps, and what is not final yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import flask
import pytest

from services.referrals.domain.reasons import SUSPEND_REASONS
from services.referrals.persistence import referrals
from tests.builders import MONDAY, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """An installation on SQLite alone: what is explained here is reckoned, not queried."""
    return Road(an_installation(sqlite_database))


@pytest.fixture
def told(road: Road, app: flask.Flask) -> Callable[[str], Any]:
    """Ask what the clock of a referral tells now, with a token that is good now."""
    return lambda leg: road.caller(app, "desk", agency="civil-affairs").get(f"/referrals/{leg}/clock").json


Told = Callable[[str], Any]


def named(answer: Any, name: str) -> Any:
    """Find one clock in an answer."""
    return next(clock for clock in answer["clocks"] if clock["clock"] == name)


def accepted(road: Road, programme: str = "dibao") -> str:
    """File and accept a leg at civil affairs on Monday, 23 November."""
    leg = leg_of(road.file(programme))
    road.act(leg, "accept", 1)
    return leg


def wait_until(road: Road, day: int, hour: int = 9) -> None:
    """Move the clock to an hour of a day of November in the district."""
    road.installation.clock.move_to(datetime(2026, 11, day, hour - 8, tzinfo=UTC))


def papers_of(road: Road, leg: str) -> list[str]:
    """Name the papers its programme may ask for."""
    with road.parts.database.read() as connection:
        papers: list[str] = referrals.load(connection, [leg])[leg].rules["papers"]
    return papers


def test_once_relief_was_paid_the_time_is_told_to_count_from_there(road: Road, told: Told) -> None:
    leg = accepted(road, "temp-urgent")
    before = named(told(leg), "decide")
    road.installation.clock.move_to(MONDAY + timedelta(hours=2))
    road.act(leg, "start", 2, {"step": "relief-paid"})
    after = named(told(leg), "decide")
    assert [clock["starts_on"] for clock in (before, after)] == ["issued", "relief-paid"]
    assert after["started_at"] > before["started_at"]


def test_the_days_of_the_running_clock_add_up_to_its_total(road: Road, told: Told) -> None:
    leg = accepted(road)
    answer = told(leg)
    decide = named(told(leg), "decide")
    assert sum(day["units"] for day in decide["days"]) == decide["total"] == decide["left"]
    assert decide["days"][-1]["on"] == answer["due_on"] == decide["due_on"]
    assert {day["why"] for day in decide["days"]} == {"counted", "day-off"}
    assert decide["days"][0]["why_name"] == {"zh": "计入", "en": "counts"}


def test_a_due_day_that_stands_on_next_years_days_is_said_to_be_provisional(road: Road, told: Told) -> None:
    far, near = accepted(road), leg_of(road.file("dibao"))
    assert told(far)["provisional"] is True
    assert told(near)["provisional"] is False
    days = named(told(far), "decide")["days"]
    assert {day["on"][:4] for day in days if day["provisional"]} == {"2027"}


def test_while_papers_are_awaited_the_clock_says_what_is_left_and_since_when(road: Road, told: Told) -> None:
    leg = accepted(road)
    wait_until(road, 25)
    road.act(leg, "request-documents", 2, {"papers": papers_of(road, leg)[:1], "note": "请补交"})
    wait_until(road, 27)
    answer = told(leg)
    assert (answer["light"], answer["clock"], answer["due_on"]) == ("grey", None, None)
    (pause,) = answer["pauses"]
    assert (pause["kind"], pause["from"], pause["to"]) == ("papers", "2026-11-25T01:00:00.000Z", None)
    decide = named(told(leg), "decide")
    assert (decide["due_on"], decide["running"], decide["left"]) == (None, False, 28)
    assert [(day["on"][-2:], day["why"], day["pause"]) for day in decide["days"]] == [
        ("24", "counted", None),
        ("25", "counted", None),
        ("26", "paused", "papers"),
        ("27", "paused", "papers"),
    ]


def test_after_a_pause_its_days_are_shown_as_not_counted_and_the_due_day_has_moved(
    road: Road, told: Told
) -> None:
    leg = accepted(road)
    before = named(told(leg), "decide")["due_on"]
    wait_until(road, 25)
    review = (MONDAY + timedelta(days=30)).date()
    road.act(leg, "suspend", 2, {"reason": next(iter(SUSPEND_REASONS)), "review_on": review})
    wait_until(road, 30)
    road.act(leg, "resume", 3)
    decide = named(told(leg), "decide")
    assert date.fromisoformat(decide["due_on"]) > date.fromisoformat(before)
    assert [day["on"][-2:] for day in decide["days"] if day["why"] == "paused"] == [
        "26",
        "27",
        "28",
        "29",
        "30",
    ]
    assert sum(day["units"] for day in decide["days"]) == decide["total"]


def test_each_step_with_a_limit_of_its_own_says_by_when(road: Road, told: Told) -> None:
    leg = accepted(road)
    wait_until(road, 25)
    road.act(leg, "start", 2, {"step": "home-visit"})
    answer = told(leg)
    assert [(step["step"], step["due_on"], step["reached_at"] is not None) for step in answer["steps"]] == [
        ("home-visit", "2026-11-26", True),
        ("data-check", "2026-11-30", False),
        ("district-decision", None, False),
    ]


def test_a_public_notice_is_told_with_its_days_and_whether_they_count(road: Road, told: Told) -> None:
    leg = accepted(road)
    assert told(leg)["publicity"] is None
    wait_until(road, 25)
    road.act(leg, "start", 2, {"step": "publicity"})
    assert told(leg)["publicity"] == {
        "from": "2026-11-25T01:00:00.000Z",
        "to": "2026-12-02T15:59:59.000Z",
        "counts": True,
    }


def test_a_grant_without_a_recorded_notice_is_taken_with_a_warning(road: Road, app: flask.Flask) -> None:
    leg = accepted(road)
    desk = road.caller(app, "desk", agency="civil-affairs")
    granted = {"outcome": "approved", "amount": 650, "period": "monthly"}
    answer = desk.post(f"/referrals/{leg}/close", granted, version=2)
    assert answer.status_code == 200
    assert [(each["code"], each["field"]) for each in answer.json["warnings"]] == [
        ("no-public-notice", "step")
    ]
    other = accepted(road)
    road.act(other, "start", 2, {"step": "publicity"})
    refused = desk.post(f"/referrals/{other}/close", granted, version=3)
    assert (refused.status_code, refused.json["type"]) == (409, "urn:aid:problem:public-notice-hangs")


def test_an_hour_clock_is_explained_by_the_hours_of_each_day(road: Road, told: Told) -> None:
    leg = leg_of(road.file("temp-urgent"))
    road.act(leg, "accept", 1)
    decide = named(told(leg), "decide")
    assert decide["unit"] == "hour"
    assert sum(day["units"] for day in decide["days"]) == decide["total"]
    assert decide["left"] is None


def test_the_page_tells_of_a_pause_in_words(road: Road, app: flask.Flask) -> None:
    leg = accepted(road)
    wait_until(road, 25)
    road.act(leg, "request-documents", 2, {"papers": papers_of(road, leg)[:1], "note": "请补交"})
    wait_until(road, 27)
    desk = road.caller(app, "desk", agency="civil-affairs")
    headers = {"Authorization": f"Bearer {desk.token}", "Accept-Language": "en"}
    assert "waiting for papers" in desk.client.get(f"/referrals/{leg}", headers=headers).text
