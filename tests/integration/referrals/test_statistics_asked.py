"""What may be asked of the figures: a code nobody knows is no figure, and the district is a place like its streets."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.referrals.use_cases.add_up_figures import add_up
from tests.builders import HUT_UNIT, OTHER_UNIT, STREET
from tests.integration.referrals.desk import Caller, Road

DISTRICT = "530103"


@pytest.fixture
def coordinator(road: Road, app: flask.Flask) -> Caller:
    """The coordinator of a district where two have asked for help."""
    road.file("dibao")
    road.file("pension")
    add_up(road.parts)
    return road.caller(app, "coordinator")


@pytest.mark.parametrize("purpose", ["own", "export"])
@pytest.mark.parametrize(
    ("field", "code", "remedy"),
    [
        ("programme", "nope", "低保）（dibao）"),
        ("agency", "nope", "民政局（civil-affairs）"),
        ("unit", "999999", "社区"),
    ],
)
def test_a_code_that_nobody_knows_is_refused_with_the_field_and_the_remedy(
    coordinator: Caller, field: str, code: str, remedy: str, purpose: str
) -> None:
    asked: dict[str, Any] = {field: code, "for": purpose, "reason": "月度通报"}
    answer = coordinator.get("/statistics", **asked)
    assert answer.status_code == 422
    (error,) = answer.json["errors"]
    assert error["field"] == field
    assert remedy in error["messages"]["zh"]


@pytest.mark.parametrize(
    "known", [{"programme": "health-service"}, {"unit": OTHER_UNIT}, {"unit": "530103001"}]
)
def test_what_the_district_knows_may_well_be_nought(coordinator: Caller, known: dict[str, str]) -> None:
    answer = coordinator.get("/statistics", **known)
    assert (answer.status_code, answer.json["total"]["received"]) == (200, 0)


def test_the_district_itself_is_asked_for_its_total(coordinator: Caller) -> None:
    whole, by_code = coordinator.get("/statistics").json, coordinator.get("/statistics", unit=DISTRICT).json
    assert whole["total"]["received"] == 2
    assert by_code == whole


def test_a_hut_of_a_street_reads_what_it_filed_itself_and_not_the_streets_figures(
    coordinator: Caller, road: Road, app: flask.Flask
) -> None:
    assert coordinator.get("/statistics", unit=STREET).json["total"]["received"] == 2
    hut = road.caller(app, "hut", unit=STREET)
    for asked in ({}, {"unit": STREET}):
        assert hut.get("/statistics", **asked).json["total"]["received"] == 0
    assert hut.get("/statistics", unit=HUT_UNIT).status_code == 404


def test_whoever_has_a_street_is_not_told_the_districts_total(
    coordinator: Caller, road: Road, app: flask.Flask
) -> None:
    assert coordinator.get("/statistics", unit=STREET).status_code == 200
    specialist = road.caller(app, "specialist", unit=STREET)
    assert specialist.get("/statistics", unit=DISTRICT).status_code == 404
