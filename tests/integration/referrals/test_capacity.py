"""Places of a programme: counted down by decisions, never given twice, kept in turn, set by the leader alone."""

from __future__ import annotations

import threading
from typing import Any

import flask
import orjson
import pytest

from services.referrals.domain.capacity import NoPlaceLeft
from services.referrals.use_cases.offer_places import offer_places
from tests.contracts.golden import assert_has_golden_shape
from tests.integration.referrals.desk import Caller, Road

PLACED = {
    "outcome": "approved",
    "amount": 1990,
    "period": "monthly",
    "post": "保洁员",
    "employer": "社区居委会",
}
TRAINED = {"outcome": "service-delivered", "course": "中式烹调", "passed": True}
FIGURES = {"places": 40, "free": 1, "as_of": "2026-11-20"}
JOBS: dict[str, Any] = {"agency": "employment"}


@pytest.fixture
def officer(road: Road, app: flask.Flask) -> Caller:
    """An officer of the employment office."""
    return road.caller(app, "desk", agency="employment")


@pytest.fixture
def leader(road: Road, app: flask.Flask) -> Caller:
    """Its leader."""
    return road.caller(app, "leader", agency="employment")


def places(who: Caller, programme: str = "pub-job") -> Any:
    items = who.get("/capacities").json["items"]
    return next(item for item in items if item["programme"] == programme)


def put(who: Caller, figures: dict[str, Any], version: int | None, programme: str = "pub-job") -> Any:
    headers = {"Authorization": f"Bearer {who.token}"}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return who.client.put(
        f"/referrals/api/v1/capacities/{programme}",
        data=orjson.dumps(figures),
        content_type="application/json",
        headers=headers,
    )


def accepted(road: Road, programme: str = "pub-job") -> str:
    """File for a place and have it accepted."""
    leg = str(road.file(programme)["legs"][0]["id"])
    road.act(leg, "accept", 1, **JOBS)
    return leg


def test_counting_starts_with_the_districts_figures_and_goes_down_with_a_decision(
    road: Road, officer: Caller
) -> None:
    assert {name: places(officer)[name] for name in ("places", "free", "waiting", "version")} == {
        "places": 40,
        "free": 40,
        "waiting": 0,
        "version": 0,
    }
    road.act(accepted(road), "close", 2, PLACED, **JOBS)
    assert (places(officer)["free"], places(officer)["version"]) == (39, 1)
    (told,) = road.told("pub-job")
    assert_has_golden_shape(told)
    assert (told.type, told.agency, told.sequence) == ("capacity.changed.v1", "employment", 1)
    assert told.data == {
        "programme": "pub-job",
        "places": 40,
        "free": 39,
        "as_of": "2026-11-01",
        "waiting": 0,
    }


def test_another_outcome_takes_no_place(road: Road, officer: Caller) -> None:
    road.act(accepted(road), "close", 2, {"outcome": "withdrawn"}, **JOBS)
    assert places(officer)["free"] == 40
    assert road.told("pub-job") == []


def test_the_leader_sets_the_figures_over_the_version_seen(road: Road, leader: Caller) -> None:
    assert put(leader, FIGURES, None).status_code == 428
    answer = put(leader, FIGURES, 0)
    assert (answer.status_code, answer.headers["ETag"], answer.json["free"]) == (200, '"1"', 1)
    stale = put(leader, FIGURES, 0)
    assert (stale.status_code, stale.json["current_version"]) == (412, 1)
    (line,) = road.audited("capacity.set")
    assert line.detail["free"] == [40, 1]


@pytest.mark.parametrize(
    ("figures", "fields"),
    [
        ({**FIGURES, "free": 41}, ["free"]),
        ({**FIGURES, "as_of": "2027-01-01"}, ["as_of"]),
        ({**FIGURES, "places": -1}, ["places"]),
        ({"places": "many"}, ["as_of", "free", "places"]),
    ],
)
def test_wrong_figures_are_named_by_field(leader: Caller, figures: dict[str, Any], fields: list[str]) -> None:
    answer = put(leader, figures, 0)
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json["errors"]) == fields
    assert places(leader)["version"] == 0


def test_only_the_agencys_own_leader_sets_them_and_only_where_places_are_counted(
    road: Road, app: flask.Flask, officer: Caller, leader: Caller
) -> None:
    assert put(officer, FIGURES, 0).status_code == 403
    assert put(road.caller(app, "leader", agency="housing"), FIGURES, 0).status_code == 404
    assert put(leader, FIGURES, 0, "unemp-reg").status_code == 404
    assert put(leader, FIGURES, 0, "psy").status_code == 404


def test_without_a_place_an_approval_answers_409_and_changes_nothing(
    road: Road, officer: Caller, leader: Caller
) -> None:
    put(leader, {**FIGURES, "free": 0}, 0)
    leg = accepted(road)
    answer = officer.post(f"/referrals/{leg}/close", PLACED, version=2)
    assert answer.status_code == 409
    problem = answer.json
    assert problem["type"] == "urn:aid:problem:no-place-left"
    assert road.installation.district.programmes["pub-job"].name.en in problem["messages"]["en"]
    assert (problem["programme"], problem["free"], problem["ahead"], problem["places"]) == (
        "pub-job",
        0,
        0,
        40,
    )
    assert officer.get(f"/referrals/{leg}").json["status"] == "accepted"
    assert officer.post(f"/referrals/{leg}/close", {"outcome": "waitlisted"}, version=2).status_code == 200


def test_who_waits_is_served_in_turn_and_others_after_them(
    road: Road, officer: Caller, leader: Caller, coordinator: Caller
) -> None:
    put(leader, {**FIGURES, "free": 0}, 0)
    first, second, late = (accepted(road) for _ in range(3))
    for leg in (first, second):
        road.act(leg, "close", 2, {"outcome": "waitlisted"}, **JOBS)
    assert [row["id"] for row in places(officer)["line"]] == [first, second]
    assert (places(coordinator)["waiting"], places(coordinator)["line"]) == (2, None)
    put(leader, FIGURES, 3)
    with pytest.raises(NoPlaceLeft):
        road.act(late, "close", 2, PLACED, **JOBS)
    again = {"reason": "place-free"}
    road.act(first, "reopen", 3, again, role="coordinator", agency=None)
    twice = coordinator.post(f"/referrals/{second}/reopen", again, version=3)
    assert (twice.json["type"], twice.json["ahead"]) == ("urn:aid:problem:no-place-left", 1), (
        "one place, once"
    )
    road.act(second, "reopen", 3, {"reason": "error"}, role="coordinator", agency=None)
    assert [row["id"] for row in places(officer)["line"]] == [first, second], "reopened, they keep their turn"
    answer = officer.post(f"/referrals/{second}/close", PLACED, version=4)
    assert (answer.json["type"], answer.json["ahead"]) == ("urn:aid:problem:no-place-left", 1)
    assert "No place is left" not in answer.json["messages"]["en"]
    assert "1 free" in answer.json["messages"]["en"]
    road.act(first, "close", 4, PLACED, **JOBS)
    assert [row["id"] for row in places(officer)["line"]] == [second]
    assert places(officer)["free"] == 0
    road.act(second, "close", 4, {"outcome": "unreachable"}, **JOBS)
    assert places(officer)["line"] == []


def offered(road: Road) -> list[str]:
    """Name the legs of which was told that it is their turn, in order."""
    offer_places(road.parts)
    return [event.subject for event in road.told() if event.data.get("about") == "place-free"]


def test_a_freed_place_is_told_once_to_each_whose_turn_it_is(
    road: Road, officer: Caller, leader: Caller
) -> None:
    put(leader, {**FIGURES, "free": 0}, 0)
    first, second = (accepted(road) for _ in range(2))
    for leg in (first, second):
        road.act(leg, "close", 2, {"outcome": "waitlisted"}, **JOBS)
    assert offered(road) == []
    put(leader, FIGURES, 3)
    assert offered(road) == offered(road) == [first]
    put(leader, {**FIGURES, "free": 0}, 4)
    offer_places(road.parts)
    put(leader, {**FIGURES, "free": 2}, 5)
    assert offered(road) == [first, first, second], "what was taken back is offered anew"


def test_a_place_that_somebody_gives_up_is_told_to_whoever_comes_after(
    road: Road, officer: Caller, leader: Caller
) -> None:
    first, second = accepted(road), accepted(road)
    put(leader, FIGURES, 0)
    for leg in (first, second):
        road.act(leg, "close", 2, {"outcome": "waitlisted"}, **JOBS)
    assert offered(road) == [], "whoever put the first on the list saw that a place was free"
    road.act(first, "reopen", 3, {"reason": "place-free"}, role="coordinator", agency=None)
    assert offered(road) == []
    road.act(first, "close", 4, {"outcome": "unreachable"}, **JOBS)
    assert offered(road) == [second]


def test_a_decision_that_is_opened_again_keeps_its_place_though_others_wait(
    road: Road, officer: Caller, leader: Caller
) -> None:
    put(leader, FIGURES, 0)
    leg, behind = accepted(road), accepted(road)
    road.act(leg, "close", 2, PLACED, **JOBS)
    road.act(behind, "close", 2, {"outcome": "waitlisted"}, **JOBS)
    road.act(leg, "reopen", 3, {"reason": "error"}, role="coordinator", agency=None)
    assert places(officer)["free"] == 0
    road.act(leg, "close", 4, PLACED, **JOBS)
    assert (places(officer)["free"], places(officer)["waiting"]) == (0, 1)
    road.act(leg, "reopen", 5, {"reason": "error"}, role="coordinator", agency=None)
    road.act(leg, "close", 6, {"outcome": "withdrawn"}, **JOBS)
    assert places(officer)["free"] == 1


def test_of_two_who_give_the_last_place_at_once_one_is_told_that_none_is_left(
    road: Road, officer: Caller, leader: Caller
) -> None:
    put(leader, FIGURES, 0)
    legs = [accepted(road) for _ in range(4)]
    start, outcomes = threading.Barrier(len(legs)), []

    def decide(leg: str) -> None:
        start.wait(30)
        try:
            road.act(leg, "close", 2, PLACED, **JOBS)
        except NoPlaceLeft as error:
            outcomes.append(f"none left in {error.capacity.programme}")
        else:
            outcomes.append("placed")

    threads = [threading.Thread(target=decide, args=(leg,)) for leg in legs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["none left in pub-job"] * 3 + ["placed"]
    assert places(officer)["free"] == 0
    assert [event.sequence for event in road.told("pub-job")] == [1, 2]


def test_the_first_two_decisions_ever_count_both(road: Road, officer: Caller) -> None:
    legs = [accepted(road, "train") for _ in range(2)]
    start = threading.Barrier(len(legs))

    def decide(leg: str) -> None:
        start.wait(30)
        road.act(leg, "close", 2, TRAINED, **JOBS)

    threads = [threading.Thread(target=decide, args=(leg,)) for leg in legs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert places(officer, "train")["free"] == 118
