"""A leg for somebody else of the family is held against what is open for that one, under whichever person it stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.exclusions import Excluded
from services.intake.domain.household import Member
from services.intake.use_cases.add_legs import Added, AddLegs, add_legs
from services.intake.use_cases.context import Context
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest, correct_request
from services.intake.use_cases.household import LinkHousehold, link_household
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from tests.builders import (
    OTHER_UNIT,
    Installation,
    a_command,
    a_filing,
    a_person,
    a_principal,
    an_installation,
    id_number,
)
from tests.conftest import MakeDatabase

HUT, OTHER = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)
CHILD = {"relation": "child", "name": "李小雨", "id_number": id_number(date(2012, 5, 4), 901)}
BROTHER = id_number(date(2012, 5, 4), 902)
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
    legs = changes.pop("legs", [a_leg(programme, beneficiary)])
    command = a_command(programme, legs=legs, **changes)
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
    brother = {**CHILD, "name": "李小明", "id_number": BROTHER}
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
        context,
        "tekun",
        {"relation": "child", "name": "李小雨", "id_number": id_number(date(2012, 5, 4), 903)},
    )
    right = a_command("tekun", legs=[a_leg("tekun", CHILD)]).needs[0].beneficiary
    leg = CorrectedLeg(filed["legs"][0]["id"], {"beneficiary": right})
    correct_request(context, HUT, CorrectRequest(request=filed["id"], legs=(leg,)))
    with pytest.raises(Excluded):
        file(context, "dibao", CHILD)


def at_the_desk(context: Context) -> list[tuple[str, str]]:
    kinds = ListTasks(kinds=["duplicate", "exclusion"])
    return [(task["kind"], task["request"]) for task in list_tasks(context, HUT, kinds)]


def test_a_number_put_right_is_held_to_the_rules_of_filing(context: Context) -> None:
    first = file(context, "tekun", CHILD)
    later = file(context, "dibao", NAMELESS)
    right = a_command("dibao", legs=[a_leg("dibao", CHILD)]).needs[0].beneficiary
    leg = CorrectedLeg(later["legs"][0]["id"], {"beneficiary": right})
    with pytest.raises(Excluded) as refused:
        correct_request(context, HUT, CorrectRequest(request=later["id"], legs=(leg,)))
    assert refused.value.number == first["number"]


def test_a_number_put_right_warns_of_what_was_filed_twice_at_this_desk(context: Context) -> None:
    person = a_person()
    first = file(context, "pension", person=person)
    later = file(context, "pension")
    given = {"id_number": person["id_number"]}
    answer = correct_request(context, HUT, CorrectRequest(request=later["id"], person=given))
    (warning,) = answer["warnings"]
    assert (warning["code"], warning["field"]) == ("duplicate", "person.id_number")
    assert warning["number"] == first["number"]


def test_two_of_one_request_are_not_made_the_same_person(context: Context) -> None:
    legs = [a_leg("tekun", CHILD), a_leg("tekun", {**CHILD, "name": "李小明", "id_number": BROTHER})]
    filed = file(context, "tekun", legs=legs)
    same = a_command("tekun", legs=legs[:1]).needs[0].beneficiary
    leg = CorrectedLeg(filed["legs"][1]["id"], {"beneficiary": same})
    with pytest.raises(InvalidFiling) as refused:
        correct_request(context, HUT, CorrectRequest(request=filed["id"], legs=(leg,)))
    assert [fault.field for fault in refused.value.faults] == ["legs.0.beneficiary"]


def test_what_is_open_in_a_request_is_not_added_to_it_again(context: Context) -> None:
    legs = [a_leg("tekun", CHILD), a_leg("pension")]
    filed = file(context, "tekun", legs=legs, consents=a_filing("tekun", "pension")["consents"])
    brother = {**CHILD, "name": "李小明", "id_number": BROTHER}
    needs = a_command("tekun", legs=[a_leg("tekun", brother), *legs]).needs

    def add(*wanted: int) -> None:
        again = tuple(Added(needs[place]) for place in wanted)
        add_legs(context, HUT, AddLegs(request=filed["id"], legs=again))

    with pytest.raises(InvalidFiling) as refused:
        add(0, 1, 2)
    assert [fault.field for fault in refused.value.faults] == ["legs.1.programme", "legs.2.programme"]
    add(0)


def test_dates_of_birth_that_do_not_fit_are_told(context: Context) -> None:
    person = a_person(birth_date="1985-06-01", id_number=None)
    older = {"relation": "child", "name": "李小雨", "birth_date": "1980-01-01"}
    assert codes(file(context, "edu", older, person=person)) == ["beneficiary-age-differs"]
    grown_up = {**older, "birth_date": "2006-01-01"}
    assert codes(file(context, "child-fact", grown_up, person=person)) == ["beneficiary-grown-up"]


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
