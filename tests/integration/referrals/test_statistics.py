"""``GET /statistics``: the figures of one's own scope, exact for one's own work and suppressed for anybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import flask
import pytest

from services.referrals.use_cases.add_up_figures import add_up
from tests.builders import HUT_UNIT, MONDAY, OTHER_UNIT, STREET
from tests.integration.referrals.desk import Caller, Road, leg_of

DAY = timedelta(days=1)
Ask = Callable[..., Any]
OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "civil-affairs": {"outcome": "approved", "amount": 560.5, "period": "monthly"},
    "social-security": {"outcome": "enrolled"},
    "employment": {"outcome": "approved", "post": "保洁员", "employer": "社区居委会"},
    "health": {"outcome": "service-delivered"},
}
TAKEN = {"for": "export", "reason": "月度通报"}


def row(answer: Any, programme: str = "dibao") -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = next(each for each in answer.json["programmes"] if each["programme"] == programme)
    return found


@pytest.fixture
def ask(road: Road, app: flask.Flask) -> Ask:
    """Call with a question to ask it as the coordinator; signed in anew, for time goes on."""
    return lambda **query: road.caller(app, "coordinator").get(
        "/statistics", **{**query, "reason": "月度通报"}
    )


def granted(road: Road, programme: str = "dibao", *, people: int = 1, **filed: Any) -> None:
    """File for so many people on one day, and have all of it approved three working days later."""
    legs = [next(leg["id"] for leg in road.file(programme, **filed)["legs"]) for _ in range(people)]
    begun = road.installation.clock.now()
    agency = road.installation.district.programmes[programme].agency
    road.installation.clock.move_to(begun + DAY)
    for leg in legs:
        road.act(leg, "accept", 1, agency=agency)
    road.installation.clock.move_to(begun + 3 * DAY)
    for leg in legs:
        road.act(leg, "close", 2, OUTCOMES[agency], agency=agency)
    road.installation.clock.move_to(begun)


def test_a_programmes_row_tells_what_came_in_was_decided_and_granted(road: Road, ask: Ask) -> None:
    granted(road, people=2)
    road.file("dibao")
    answer = ask()
    assert {**row(answer), "programme_name": None, "satisfaction": None} == {
        "programme": "dibao",
        "programme_name": None,
        "received": 3,
        "people": 3,
        "decided": 2,
        "granted": {"people": 2, "referrals": 2, "amount": 1121.0},
        "on_time": {"late": 0, "share": 1.0},
        "returned": 0,
        "ended_otherwise": 0,
        "satisfaction": None,
    }
    assert (answer.json["scope"], answer.json["suppression"]) == ("district", "exempt")
    assert {note["id"] for note in answer.json["notes"]} == {"people", "people_by_programme", "exempt"}
    assert len(road.audited("statistics.opened")) == 1


def test_the_days_an_agency_needs_are_told_by_step(road: Road, ask: Ask) -> None:
    granted(road, people=3)
    (agency,) = ask().json["agencies"]
    assert (agency["agency"], agency["agency_name"]["zh"]) == ("civil-affairs", "盘龙区民政局")
    steps = {each["step"]: (each["referrals"], each["median"], each["p90"]) for each in agency["steps"]}
    assert steps == {"acknowledge": (3, 1, 1), "accept": (3, 1, 1), "decide": (3, 3, 3)}


def test_the_days_between_a_programmes_own_steps_are_told_by_their_names(road: Road, ask: Ask) -> None:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    days = {"home-visit": 2, "data-check": 4, "publicity": 7}
    for version, (step, day) in enumerate(days.items(), 2):
        road.installation.clock.move_to(MONDAY + day * DAY)
        road.act(leg, "start", version, {"step": step})
    for added_up in (False, True):
        if added_up:
            add_up(road.parts)
        (agency,) = ask().json["agencies"]
        steps = {each["step"]: (each["name"]["zh"], each["median"], each["p90"]) for each in agency["steps"]}
        assert {step: steps[step] for step in days} == {
            "home-visit": ("入户调查", 2, 2),
            "data-check": ("家庭经济状况核对", 2, 2),
            "publicity": ("公示", 1, 1),
        }


def test_what_was_decided_is_not_told_to_others_without_what_was_not_granted(road: Road, ask: Ask) -> None:
    granted(road, "pub-job", people=6)
    leg = leg_of(road.file("pub-job"), "employment")
    road.act(leg, "accept", 1, agency="employment")
    road.act(leg, "close", 2, {"outcome": "waitlisted"}, agency="employment")
    a_month_later(road)
    told = row(ask(**{"for": "wall"}), "pub-job")
    assert (told["received"], told["granted"]["people"], told["decided"]) == (7, 6, None)
    assert row(ask(), "pub-job")["decided"] == 7


def test_health_services_are_counted_under_one_name_only(road: Road, ask: Ask) -> None:
    granted(road, "psy")
    text = ask().text
    assert '"health-service"' in text
    assert '"psy"' not in text
    assert row(ask(), "health-service")["granted"]["people"] == 1


@pytest.mark.parametrize("added_up", [False, True])
def test_groups_stand_side_by_side_and_add_up_to_the_whole(road: Road, ask: Ask, *, added_up: bool) -> None:
    granted(road, people=2)
    granted(road, "pub-job")
    road.installation.clock.move_to(MONDAY + 14 * DAY)
    granted(road)
    if added_up:
        add_up(road.parts)
    for by, keys in (
        ("month", ["2026-11", "2026-12"]),
        ("street", [STREET]),
        ("agency", ["civil-affairs", "employment"]),
    ):
        answer = ask(by=by).json
        assert [group["key"] for group in answer["groups"]] == keys
        assert (
            sum(group["total"]["received"] for group in answer["groups"]) == answer["total"]["received"] == 4
        )
    months = ask(by="month").json["groups"]
    assert [group["total"]["granted"]["referrals"] for group in months] == [3, 1]


@pytest.mark.parametrize("added_up", [False, True])
def test_months_can_be_chosen(road: Road, ask: Ask, *, added_up: bool) -> None:
    granted(road)
    road.installation.clock.move_to(MONDAY + 14 * DAY)
    granted(road, people=2)
    if added_up:
        add_up(road.parts)
    asked = ({"until": "2026-11"}, {"from": "2026-12"}, {"from": "2026-11", "until": "2026-12"})
    assert [row(ask(**months))["received"] for months in asked] == [1, 2, 3]


WRONG = (
    {"from": "2026"},
    {"until": "2026-13"},
    {"by": "person"},
    {"for": "press"},
    {"unit": "x"},
    {"q": "李"},
)


def test_a_wrong_question_names_the_field(ask: Ask) -> None:
    for query in WRONG:
        answer = ask(**query)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, next(iter(query)))


def test_months_the_wrong_way_round_are_told(ask: Ask) -> None:
    answer = ask(**{"from": "2026-12", "until": "2026-11"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "until")


@pytest.mark.parametrize("added_up", [False, True])
def test_everybody_sees_their_own_scope_alone(road: Road, app: flask.Flask, *, added_up: bool) -> None:
    granted(road)
    granted(road, "pension")
    if added_up:
        add_up(road.parts)
    places: tuple[tuple[str, dict[str, str], str, int], ...] = (
        ("coordinator", {}, "district", 2),
        ("specialist", {"unit": STREET}, "street", 2),
        ("specialist", {"unit": "530103001"}, "street", 0),
        ("hut", {"unit": HUT_UNIT}, "unit", 2),
        ("hut", {"unit": OTHER_UNIT}, "unit", 0),
        ("leader", {"agency": "civil-affairs"}, "agency", 1),
        ("leader", {"agency": "health"}, "agency", 0),
    )
    for role, place, scope, received in places:
        answer = road.caller(app, role, **place).get("/statistics").json
        assert (answer["scope"], answer["total"]["received"]) == (scope, received), (role, place)


def test_who_has_no_figures_is_told_of_none(road: Road, app: flask.Flask) -> None:
    for role in ("grid", "auditor", "operator"):
        assert road.caller(app, role).get("/statistics").status_code in {403, 404}
    assert road.caller(app, "desk", agency="civil-affairs").get("/statistics").status_code == 404


def test_nobody_asks_beyond_their_own_scope(road: Road, app: flask.Flask) -> None:
    beyond: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
        ("leader", {"agency": "health"}, {"agency": "civil-affairs"}),
        ("specialist", {"unit": STREET}, {"unit": "530103001"}),
        ("hut", {"unit": HUT_UNIT}, {"unit": OTHER_UNIT}),
        ("hut", {"unit": HUT_UNIT}, {"unit": STREET}),
    )
    for role, place, asked in beyond:
        assert road.caller(app, role, **place).get("/statistics", **asked).status_code == 404, (role, asked)


def test_a_street_may_look_at_one_of_its_communities(road: Road, app: flask.Flask) -> None:
    granted(road)
    specialist = road.caller(app, "specialist", unit=STREET)
    assert row(specialist.get("/statistics", unit=HUT_UNIT))["received"] == 1
    assert row(specialist.get("/statistics", unit=OTHER_UNIT))["received"] == 0


def a_month_later(road: Road) -> None:
    add_up(road.parts)
    road.installation.clock.move_to(road.installation.clock.now() + 31 * DAY)


def nothing_in(total: dict[str, Any]) -> bool:
    """Tell whether no number is in it."""
    return all(nothing_in(each) if isinstance(each, dict) else each is None for each in total.values())


@pytest.mark.parametrize("purpose", ["export", "wall"])
def test_what_is_under_five_people_is_not_for_others(road: Road, ask: Ask, purpose: str) -> None:
    granted(road, people=9)
    granted(road, "pub-job")
    a_month_later(road)
    answer = ask(**{"for": purpose})
    assert (answer.json["suppression"], answer.json["for"]) == ("applied", purpose)
    assert row(answer)["granted"] == {"people": 9, "referrals": 9, "amount": 5044.5}
    assert row(answer, "pub-job")["received"] is None
    assert row(answer, "pub-job")["granted"] == {"people": None, "referrals": None, "amount": None}
    # Neither a total nor the other rows tell what is missing.
    assert nothing_in(answer.json["total"])
    assert answer.json["shown"]["received"] == answer.json["shown"]["granted"]["referrals"] == 9
    assert [each["agency"] for each in answer.json["agencies"]] == ["civil-affairs"]
    assert all(step["referrals"] is None for step in answer.json["agencies"][0]["steps"])
    notes = {note["id"] for note in answer.json["notes"]}
    assert notes == {"people", "people_by_programme", "suppressed", "shown"}
    assert len(road.audited("statistics.exported")) == 1


def test_what_others_are_shown_moves_on_by_five_people_at_least(road: Road, ask: Ask) -> None:
    granted(road, people=8)
    a_month_later(road)
    seen = [row(ask(**{"for": "export"}))["received"]]
    for people in (4, 1, 2):
        granted(road, people=people)
        a_month_later(road)
        seen.append(row(ask(**{"for": "export"}))["received"])
    assert seen == [8, 8, 13, 13]


def test_the_month_that_still_runs_is_not_for_others(road: Road, ask: Ask) -> None:
    granted(road, people=8)
    add_up(road.parts)
    assert row(ask(**{"for": "export"}))["received"] is None
    assert row(ask())["received"] == 8


def test_groups_for_others_leave_out_who_could_be_told_by_subtraction(road: Road, ask: Ask) -> None:
    granted(road, people=8)
    a_month_later(road)
    ask(**{"for": "wall"})
    granted(road, people=2)
    a_month_later(road)
    answers = {by: ask(**{"for": "export", "by": by}).json for by in ("month", "street", "agency")}
    for by, key in (("month", "2026-11"), ("street", STREET), ("agency", "civil-affairs")):
        groups = [(group["key"], group["shown"]["received"]) for group in answers[by]["groups"]]
        assert groups == [(key, 8)]
        assert answers[by]["shown"]["received"] == 8
        assert all(nothing_in(each["total"]) for each in (answers[by], *answers[by]["groups"]))


def test_places_and_months_are_not_told_together_to_others(road: Road, app: flask.Flask) -> None:
    hut, all_over = road.caller(app, "hut"), road.caller(app, "coordinator")
    asked: tuple[tuple[Caller, dict[str, str]], ...] = (
        (hut, {"by": "month"}),
        (hut, {"from": "2026-11"}),
        (all_over, {"by": "street", "until": "2026-11"}),
        (all_over, {"by": "month", "unit": STREET}),
    )
    for caller, query in asked:
        assert caller.get("/statistics", **TAKEN, **query).status_code == 422, query
    assert hut.get("/statistics", by="month").status_code == 200


def test_a_hut_exports_its_own_unit_as_the_district_shows_it(road: Road, app: flask.Flask) -> None:
    granted(road, people=9)
    a_month_later(road)
    assert row(road.caller(app, "hut").get("/statistics", **TAKEN))["received"] == 9
    other = road.caller(app, "hut", unit=OTHER_UNIT).get("/statistics", **TAKEN)
    assert row(other)["received"] is None
