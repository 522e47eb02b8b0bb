"""A leg for somebody else of the family is held against what is open for that one, under whichever person it stands."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.exclusions import Excluded
from services.intake.domain.household import Member
from services.intake.use_cases.context import Context
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest, correct_request
from services.intake.use_cases.household import LinkHousehold, link_household
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from tests.builders import (
    OTHER_UNIT,
    Installation,
    a_command,
    a_person,
    a_principal,
    an_installation,
    id_number,
)
from tests.conftest import MakeDatabase

HUT, OTHER = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)
CHILD = {"relation": "child", "name": "李小雨", "id_number": id_number(sequence=901)}
NAMELESS = {"relation": "child", "name": "李小雨"}


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """An installation on SQLite alone: the same questions are asked of PostgreSQL for people and households."""
    return an_installation(sqlite_database)


def a_leg(programme: str, beneficiary: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"programme": programme, **({"beneficiary": beneficiary} if beneficiary else {})}


def file(
    context: Context, programme: str, beneficiary: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    desk = changes.pop("desk", HUT)
    command = a_command(programme, legs=[a_leg(programme, beneficiary)], **changes)
    return submit_request(context, desk, command)


def codes(filed: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in filed["warnings"]]


def tasks(context: Context, kind: str) -> list[dict[str, Any]]:
    return list_tasks(context, a_principal("specialist"), ListTasks(kinds=[kind]))


def test_what_one_parent_asked_for_a_child_excludes_what_the_other_asks_for_it(context: Context) -> None:
    first = file(context, "tekun", CHILD)
    with pytest.raises(Excluded) as refused:
        file(context, "dibao", CHILD)
    assert refused.value.number == first["number"]


def test_what_was_asked_for_somebody_excludes_what_they_ask_for_themselves(context: Context) -> None:
    grown_up = a_person()
    file(context, "dibao", {"relation": "parent", **{name: grown_up[name] for name in ("name", "id_number")}})
    with pytest.raises(Excluded):
        file(context, "tekun", person=grown_up)


def test_another_child_is_another_person(context: Context) -> None:
    person = a_person()
    file(context, "tekun", CHILD, person=person)
    brother = {**CHILD, "name": "李小明", "id_number": id_number(sequence=902)}
    assert codes(file(context, "tekun", brother, person=person)) == []


def test_a_child_without_an_id_number_is_known_by_name_under_the_same_person(context: Context) -> None:
    person = a_person()
    file(context, "edu", NAMELESS, person=person)
    assert codes(file(context, "edu", NAMELESS, person=person)) == ["duplicate"]
    assert codes(file(context, "edu", CHILD, person=person)) == ["duplicate"]
    assert codes(file(context, "edu", NAMELESS)) == []
    assert codes(file(context, "edu", person=person)) == []


def test_a_child_asked_for_at_two_desks_is_told_to_the_specialists_alone(context: Context) -> None:
    for programme in ("tekun", "edu"):
        file(context, programme, CHILD, desk=OTHER)
    assert codes(file(context, "edu", CHILD)) == []
    assert codes(file(context, "dibao", CHILD)) == []
    assert len(tasks(context, "duplicate")) == 1
    assert len(tasks(context, "exclusion")) == 1


def test_a_beneficiary_put_right_is_found_by_the_right_number(context: Context) -> None:
    filed = file(
        context, "tekun", {"relation": "child", "name": "李小雨", "id_number": id_number(sequence=903)}
    )
    right = a_command("tekun", legs=[a_leg("tekun", CHILD)]).needs[0].beneficiary
    leg = CorrectedLeg(filed["legs"][0]["id"], {"beneficiary": right})
    correct_request(context, HUT, CorrectRequest(request=filed["id"], legs=(leg,)))
    with pytest.raises(Excluded):
        file(context, "dibao", CHILD)


def at_the_desk(context: Context) -> list[tuple[str, str]]:
    kinds = ListTasks(kinds=["duplicate", "exclusion"])
    return [(task["kind"], task["request"]) for task in list_tasks(context, HUT, kinds)]


def test_what_comes_to_light_with_a_number_put_right_is_the_desks_to_sort_out(context: Context) -> None:
    file(context, "tekun", CHILD)
    later = file(context, "dibao", NAMELESS)
    right = a_command("dibao", legs=[a_leg("dibao", CHILD)]).needs[0].beneficiary
    leg = CorrectedLeg(later["legs"][0]["id"], {"beneficiary": right})
    correct_request(context, HUT, CorrectRequest(request=later["id"], legs=(leg,)))
    assert at_the_desk(context) == [("exclusion", later["id"])]


def test_what_comes_to_light_at_another_desk_is_told_to_the_specialists_alone(context: Context) -> None:
    person = a_person()
    file(context, "dibao", person=person, desk=OTHER)
    later = file(context, "dibao", person=a_person(id_number=None))
    given = {"id_number": person["id_number"]}
    correct_request(context, HUT, CorrectRequest(request=later["id"], person=given))
    assert at_the_desk(context) == []
    assert [task["request"] for task in tasks(context, "duplicate")] == [later["id"]]


def test_a_household_that_is_linked_shows_what_two_of_it_have_asked_for(context: Context) -> None:
    first, second = file(context, "dibao"), file(context, "dibao")
    members = (Member(second["id"], "spouse"),)
    link_household(context, HUT, LinkHousehold(request=first["id"], members=members))
    assert at_the_desk(context) == [("duplicate", first["id"])]
