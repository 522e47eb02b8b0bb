"""The same person at two desks: neither learns of the other, the specialists of their streets compare."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from tests.builders import OTHER_UNIT, STREET, a_command, a_person, a_principal

HUT, NEIGHBOUR = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)
ELSEWHERE = "530103001001"
FAR = a_principal("hut", unit=ELSEWHERE)


@pytest.fixture
def person() -> dict[str, Any]:
    """Somebody who asks at two desks."""
    return a_person()


def duplicates(context: Context, **place: str) -> list[dict[str, Any]]:
    return list_tasks(context, a_principal("specialist", **place), ListTasks(kinds=["duplicate"]))


def test_at_another_desk_it_is_accepted_without_a_word(context: Context, person: dict[str, Any]) -> None:
    submit_request(context, HUT, a_command("dibao", person=person))
    again = submit_request(context, NEIGHBOUR, a_command("dibao", person=person))
    assert again["warnings"] == []
    for desk in (HUT, NEIGHBOUR):
        assert list_tasks(context, desk, ListTasks()) == []


def test_the_specialist_of_the_street_is_told_of_both(context: Context, person: dict[str, Any]) -> None:
    first = submit_request(context, HUT, a_command("dibao", "pension", person=person))
    second = submit_request(context, NEIGHBOUR, a_command("dibao", person=person))
    (task,) = duplicates(context)
    assert task["request"] == second["id"]
    assert task["detail"]["programmes"] == ["dibao"]
    assert task["detail"]["other"]["request"] == first["id"]


def test_of_another_street_a_specialist_learns_only_which_it_is(
    context: Context, person: dict[str, Any]
) -> None:
    first = submit_request(context, HUT, a_command("dibao", person=person))
    second = submit_request(context, FAR, a_command("dibao", person=person))
    (here,), (there,) = duplicates(context), duplicates(context, unit="530103001")
    assert (here["request"], there["request"]) == (first["id"], second["id"])
    assert here["detail"]["other"] == {"street": "530103001"}
    assert there["detail"]["other"] == {"street": STREET}


def test_at_the_own_desk_it_is_told_there_and_nowhere_else(context: Context, person: dict[str, Any]) -> None:
    submit_request(context, HUT, a_command("dibao", person=person))
    again = submit_request(context, HUT, a_command("dibao", person=person))
    assert [warning["code"] for warning in again["warnings"]] == ["duplicate"]
    assert duplicates(context) == []


def without_number(person: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if name != "id_number"}


def test_who_has_no_number_is_known_again_by_name_and_birth_date_as_perhaps_the_same(
    context: Context,
) -> None:
    nobody = {"id_number": None, "name": "赵无名", "birth_date": "1971-05-06"}
    first = submit_request(context, HUT, a_command("dibao", "pension", person=a_person(**nobody)))
    (warning,) = submit_request(context, HUT, a_command("dibao", person=a_person(**nobody)))["warnings"]
    assert (warning["code"], warning["field"]) == ("perhaps-duplicate", "legs.0.programme")
    assert warning["number"] == first["number"]
    others = (
        a_person(**(nobody | {"birth_date": "1971-05-07"})),
        a_person(**(nobody | {"birth_date": None})),
        a_person(**(nobody | {"name": "赵有名"})),
    )
    for other in others:
        assert submit_request(context, HUT, a_command("dibao", person=other))["warnings"] == []
    elsewhere = submit_request(context, NEIGHBOUR, a_command("dibao", person=a_person(**nobody)))
    assert elsewhere["warnings"] == []
    assert duplicates(context) == []


def test_whose_number_was_known_before_is_perhaps_the_one_who_has_brought_none(context: Context) -> None:
    known = a_person(name="赵有名")
    submit_request(context, HUT, a_command("dibao", person=known))
    again = submit_request(context, HUT, a_command("dibao", person=without_number(known)))
    assert [warning["code"] for warning in again["warnings"]] == ["perhaps-duplicate"]


def test_another_programme_is_no_duplicate(context: Context, person: dict[str, Any]) -> None:
    submit_request(context, HUT, a_command("pension", person=person))
    submit_request(context, NEIGHBOUR, a_command("dibao", person=person))
    assert duplicates(context) == []
