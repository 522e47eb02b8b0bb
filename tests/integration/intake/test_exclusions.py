"""Programmes that exclude or need one another: refused at the own desk alone, a warning where something comes first."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.intake.bootstrap import web
from services.intake.domain.exclusions import Excluded
from services.intake.persistence import tables
from services.intake.use_cases.add_legs import Added, AddLegs, add_legs
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from shared.audit import table as audit_log
from tests.builders import MONDAY, OTHER_UNIT, a_command, a_filing, a_person, a_principal
from tests.integration.intake.test_submit import STORED, rows_of

HUT, OTHER = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)
FARTHER_UNIT, FARTHER_STREET = "530103002001", "530103002"


def test_what_excludes_one_another_is_not_filed_together(context: Context) -> None:
    with pytest.raises(Excluded) as refused:
        submit_request(context, HUT, a_command("dibao", "tekun"))
    assert {refused.value.programme, refused.value.other} == {"dibao", "tekun"}
    assert not any(rows_of(context, table) for table in (tables.requests, tables.people))


def test_what_is_for_somebody_else_of_the_family_excludes_nothing(context: Context) -> None:
    child = {"relation": "child", "name": "李小雨"}
    legs = [{"programme": "dibao"}, {"programme": "tekun", "beneficiary": child}]
    assert len(submit_request(context, HUT, a_command("dibao", "tekun", legs=legs))["legs"]) == 2


def test_an_open_leg_of_the_same_person_at_this_desk_excludes_the_other_and_says_where(
    context: Context,
) -> None:
    person = a_person()
    first = submit_request(context, HUT, a_command("dibao", person=person))
    before = [len(rows_of(context, table)) for table in STORED]
    app = web(context, public_url="http://127.0.0.1")
    token = context.keyring.tokens.sign(HUT, MONDAY)
    answer = app.test_client().post(
        "/intake/api/v1/requests",
        json=a_filing("tekun", person=person),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 409
    problem: Any = answer.json
    assert problem["type"] == "urn:aid:problem:excluded"
    assert (problem["programme"], problem["excluded_by"], problem["number"]) == (
        "tekun",
        "dibao",
        first["number"],
    )
    assert first["number"] in problem["detail"]
    assert [len(rows_of(context, table)) for table in STORED[:4]] == before[:4]


def test_an_open_leg_at_another_desk_is_not_told_there_and_the_specialists_compare(context: Context) -> None:
    person = a_person()
    there = submit_request(context, OTHER, a_command("dibao", person=person))
    plain = submit_request(context, HUT, a_command("tekun"))
    here = submit_request(context, HUT, a_command("tekun", person=person))
    assert here.keys() == plain.keys()
    assert (here["warnings"], here["checklist"]) == (plain["warnings"], plain["checklist"]) == ([], [])
    tasks = _tasks(context, "specialist")
    assert {task["request"] for task in tasks} <= {here["id"], there["id"]}
    (task,) = [task for task in tasks if task["kind"] == "exclusion"]
    assert sorted(task["detail"]["programmes"]) == ["dibao", "tekun"]
    assert not [task for task in _tasks(context, "hut") if task["kind"] == "exclusion"]
    looked_up = [row for row in rows_of(context, audit_log) if row["action"] == "exclusion.looked-up"]
    assert [row["object_id"] for row in looked_up] == [here["id"]]


def test_the_specialist_of_another_street_learns_the_street_and_no_more(context: Context) -> None:
    person = a_person()
    submit_request(context, HUT, a_command("dibao", person=person))
    far = submit_request(context, a_principal("hut", unit=FARTHER_UNIT), a_command("tekun", person=person))
    (task,) = _tasks(context, "specialist")
    assert task["detail"]["other"] == {"street": FARTHER_STREET}
    (other,) = _tasks(context, "specialist", unit=FARTHER_STREET)
    assert other["request"] == far["id"]


def test_who_gives_no_id_number_is_looked_for_nowhere(context: Context) -> None:
    person = a_person(id_number=None)
    submit_request(context, HUT, a_command("dibao", person=person))
    assert submit_request(context, HUT, a_command("tekun", person=person))["legs"]


def test_a_leg_that_joins_later_is_held_to_the_same(context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao", person=a_person(id_number=None)))
    command = a_command("tekun")
    joining = AddLegs(request=filed["id"], legs=(Added(command.needs[0]),), consents=command.consents)
    with pytest.raises(Excluded):
        add_legs(context, HUT, joining)


def test_what_is_needed_first_is_a_warning_and_a_line_of_the_checklist(context: Context) -> None:
    filed = submit_request(context, HUT, a_command("pub-job"))
    (warning,) = filed["warnings"]
    assert (warning["code"], warning["field"]) == ("needs-first", "legs.0.programme")
    assert "Hard-to-employ recognition" in warning["messages"]["en"]
    assert filed["checklist"] == [
        {
            "leg": filed["legs"][0]["id"],
            "code": "needs-first",
            "programme": "hard-emp",
            "agency": "employment",
            "names": {"zh": "就业困难人员认定", "en": "Hard-to-employ recognition"},
        }
    ]


@pytest.mark.parametrize(
    ("programmes", "answers"),
    [(("pub-job", "hard-emp", "unemp-reg"), {}), (("pub-job",), {"hard_to_employ": True})],
)
def test_what_is_asked_for_with_it_or_held_already_needs_no_warning(
    context: Context, programmes: tuple[str, ...], answers: dict[str, Any]
) -> None:
    filed = submit_request(context, HUT, a_command(*programmes, answers=answers))
    assert (filed["warnings"], filed["checklist"]) == ([], [])


def test_the_page_tells_what_excludes_and_keeps_what_was_typed(context: Context) -> None:
    app: flask.Flask = web(context, public_url="http://127.0.0.1")
    person = a_person()
    submit_request(context, HUT, a_command("dibao", person=person))
    token = context.keyring.tokens.sign(HUT, MONDAY)
    client = app.test_client()
    form = {
        **{f"person.{name}": value for name, value in person.items()},
        "programme": "tekun",
        "consent.civil-affairs": "true",
        "given_by": "person",
        "expires_on": "2027-11-22",
    }
    answer = client.post("/intake/requests/new", data=form, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 409
    assert person["name"] in answer.text
    assert "特困人员救助供养" in answer.text


def _tasks(context: Context, role: str, **place: Any) -> list[dict[str, Any]]:
    return list_tasks(context, a_principal(role, **place), ListTasks())


def test_a_leg_that_joins_later_is_warned_of_likewise(context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    command = a_command("hard-emp")
    joining = AddLegs(request=filed["id"], legs=(Added(command.needs[0]),), consents=command.consents)
    answer = add_legs(context, HUT, joining)
    assert [(one["code"], one["field"]) for one in answer["warnings"]] == [
        ("needs-first", "legs.0.programme")
    ]
    assert [(line["leg"], line["programme"]) for line in answer["checklist"]] == [
        (answer["legs"][0]["id"], "unemp-reg")
    ]
