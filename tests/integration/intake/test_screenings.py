"""Screenings: a few answers in, programmes with their clauses out, and not a trace of it left."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from tests.builders import MONDAY, a_filing, a_principal
from tests.integration.intake.test_submit import STORED, rows_of

POOR = {
    "age": 45,
    "registered_here": True,
    "income_per_head": 500,
    "aid_status": "none",
    "work_status": "jobless",
    "wants_work": True,
    "disability_grade": "none",
    "serious_illness": False,
    "medical_scheme": "none",
    "urgent_cause": "none",
}


@pytest.fixture
def app(context: Context) -> flask.Flask:
    return web(context, public_url="http://127.0.0.1")


def ask(context: Context, app: flask.Flask, body: Any, role: str = "hut") -> Any:
    token = context.keyring.tokens.sign(a_principal(role), MONDAY)
    headers = {"Authorization": f"Bearer {token}"}
    path = "/intake/api/v1/screenings"
    if body is None:
        return app.test_client().get(f"{path}/questions", headers=headers)
    return app.test_client().post(path, json=body, headers=headers)


def suggested(context: Context, app: flask.Flask, **answers: Any) -> dict[str, Any]:
    answer = ask(context, app, {"answers": answers})
    assert answer.status_code == 200, answer.json
    return {item["programme"]: item for item in answer.json["items"]}


def test_the_questions_are_the_districts_own_with_their_options(context: Context, app: flask.Flask) -> None:
    items = ask(context, app, None).json["items"]
    assert [item["field"] for item in items] == list(context.directory.current().screening)
    assert 8 <= len(items) <= 10
    (status,) = [item for item in items if item["field"] == "aid_status"]
    assert status["type"] == "option"
    assert {"id": "dibao", "label": {"zh": "低保", "en": "minimum living allowance"}} in status["options"]


def test_answers_to_the_questions_rank_all_programmes_with_clause_and_missing_piece(
    context: Context, app: flask.Flask
) -> None:
    found = suggested(context, app, **POOR)
    assert len(found) == 26
    order = [item["fit"] for item in found.values()]
    assert order == sorted(order, key=("likely", "something-missing", "not-met").index)
    assert found["med-enrol"]["fit"] == "likely"
    dibao = found["dibao"]
    assert dibao["fit"] == "something-missing"
    assert [piece["id"] for piece in dibao["missing"]] == ["property_within_limits", "check_authorised"]
    assert dibao["basis"][0]["law"] == "social-assistance"
    assert dibao["basis"][0]["articles"] == "9–13"
    assert dibao["basis"][0]["in_force"] is True
    assert {one["id"]: one["state"] for one in dibao["criteria"]}["income"] == "met"
    assert found["temp-urgent"]["fit"] == "not-met"


def test_what_is_not_settled_names_the_one_question_to_ask_next_until_it_is(
    context: Context, app: flask.Flask
) -> None:
    answers = dict(POOR)
    for programme, replies in (
        ("dibao", {"property_within_limits": True, "check_authorised": True}),
        ("pension", {"student": False, "pension_scheme": "none"}),
        ("unemp-reg", {"able_to_work": True, "lives_here": True}),
    ):
        asked = []
        while (found := suggested(context, app, **answers)[programme])["fit"] == "something-missing":
            question = found["next_question"]
            asked.append(question["field"])
            answers[question["field"]] = replies[question["field"]]
        assert (found["fit"], found["next_question"]) == ("likely", None)
        assert asked == list(replies)


def test_a_question_to_ask_next_comes_with_its_options_and_none_where_no_answer_helps(
    context: Context, app: flask.Flask
) -> None:
    found = suggested(context, app, **POOR, student=False)
    question = found["pension"]["next_question"]
    assert (question["field"], question["type"]) == ("pension_scheme", "option")
    assert [option["id"] for option in question["options"]] == ["none", "employee", "resident"]
    assert found["temp-urgent"]["next_question"] is None  # not met: no other answer changes it
    waits = suggested(context, app, **POOR, able_to_work=True, hardship_category="long-term")["hard-emp"]
    assert waits["next_question"] is None  # it waits for another programme, which is no question


def test_in_a_category_what_tells_least_comes_first(context: Context, app: flask.Flask) -> None:
    found = list(suggested(context, app).values())
    for category in {item["category"] for item in found}:
        ranks = [item["rank"] for item in found if item["category"] == category]
        assert ranks == sorted(ranks)
    living = [item["programme"] for item in found if item["category"] == "living"]
    assert living == ["rigid", "dibao", "dibao-single", "tekun"]


def test_a_programme_needed_first_is_a_missing_piece_and_no_refusal(
    context: Context, app: flask.Flask
) -> None:
    able = {"able_to_work": True, "hardship_category": "long-term"}
    waits = suggested(context, app, **POOR, **able)["hard-emp"]
    assert waits["fit"] == "something-missing"
    assert waits["missing"] == [
        {
            "kind": "programme",
            "id": "unemp-reg",
            "name": {"zh": "失业登记", "en": "Unemployment registration"},
        }
    ]
    ready = suggested(context, app, **POOR, **able, registered_jobless=True)
    assert ready["hard-emp"]["fit"] == "likely"
    assert ready["unemp-reg"]["held"] is True


def test_a_suggestion_rejects_nobody_what_it_calls_not_met_is_filed_like_anything_else(
    context: Context, app: flask.Flask
) -> None:
    assert suggested(context, app, **POOR)["temp-urgent"]["fit"] == "not-met"
    token = context.keyring.tokens.sign(a_principal("hut"), MONDAY)
    answer = app.test_client().post(
        "/intake/api/v1/requests",
        json=a_filing("temp-urgent"),
        headers={"Authorization": f"Bearer {token}"},
    )
    filed: Any = answer.json
    assert (answer.status_code, [leg["programme"] for leg in filed["legs"]]) == (201, ["temp-urgent"])


def test_what_is_held_already_eases_others_and_comes_last_in_its_place(
    context: Context, app: flask.Flask
) -> None:
    found = suggested(context, app, aid_status="dibao")
    assert found["med-aid"]["eased"]["en"].startswith("Direct")
    assert found["pension"]["eased"] is not None
    assert suggested(context, app)["med-aid"]["eased"] is None
    assert found["dibao"]["held"] is True
    assert "tekun" in found["dibao"]["excludes"]
    assert found["tekun"]["alternatives"] == ["child-fact"]


def test_voluntary_testing_is_a_voucher_and_no_referral(context: Context, app: flask.Flask) -> None:
    hiv = suggested(context, app)["hiv"]
    assert hiv["offered"] is False
    assert "voucher" in hiv["instead"]["en"]


def test_papers_that_go_by_hand_say_so(context: Context, app: flask.Flask) -> None:
    papers = {paper["id"]: paper["by_hand"] for paper in suggested(context, app)["child-fact"]["papers"]}
    assert papers == {"application": False, "id-card": False, "child-legal-papers": True}


def test_places_are_shown_with_the_programme(context: Context, app: flask.Flask) -> None:
    found = suggested(context, app)
    assert found["pub-job"]["capacity"] == {
        "places": 40,
        "free": 40,
        "as_of": "2026-11-01",
        "waiting": 0,
    }
    assert found["dibao"]["capacity"] is None


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"height": 180}, "answers.height"),
        ({"age": "old"}, "answers.age"),
        ({"aid_status": "rich"}, "answers.aid_status"),
        ({"age": -3}, "answers.age"),
        ({"age": 500}, "answers.age"),
        ({"jobless_since": "2030-01-01"}, "answers.jobless_since"),
    ],
)
def test_an_answer_to_no_question_or_of_the_wrong_kind_is_named(
    context: Context, app: flask.Flask, answers: dict[str, Any], field: str
) -> None:
    answer = ask(context, app, {"answers": answers})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_nothing_of_a_screening_is_kept(context: Context, app: flask.Flask) -> None:
    before = [len(rows_of(context, table)) for table in STORED]
    suggested(context, app, **POOR)
    assert [len(rows_of(context, table)) for table in STORED] == before


def test_only_those_who_serve_people_may_screen(context: Context, app: flask.Flask) -> None:
    assert ask(context, app, {}, "specialist").status_code == 200
    for role in ("grid", "coordinator", "operator"):
        assert ask(context, app, {}, role).status_code == 403
