"""What is asked of requests and legs over HTTP: paths, statuses, versions, keys, and each rule's own problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.domain.breaches import BREACHES
from shared import ids
from shared.identity import Principal
from tests.builders import OTHER_UNIT, a_person, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import SPECIALIST, BothWays, consent_for

URL = "/intake/api/v1/requests"
Call = Callable[..., TestResponse]


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def call(ways: BothWays) -> Call:
    """Call with method, path and, if not the hut, who asks."""
    app: flask.Flask = web(ways.intake, public_url="http://127.0.0.1")
    client = app.test_client()

    def ask(
        method: str, path: str, body: Any = None, who: Principal | None = None, **headers: str
    ) -> TestResponse:
        token = ways.intake.keyring.tokens.sign(
            who or ways.caller(app, "hut").principal, ways.installation.clock.now()
        )
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = client.open(
            f"{URL}/{path}",
            method=method,
            json={} if body is None and method != "GET" else body,
            headers={"Authorization": f"Bearer {token}", **given},
        )
        ways.carry()
        return answer

    return ask


def problem_of(answer: TestResponse) -> tuple[int, str]:
    body: Any = answer.get_json()
    assert body["messages"]["zh"] != body["messages"]["en"]
    return answer.status_code, str(body["type"]).removeprefix("urn:aid:problem:")


def test_nothing_to_add_is_told_and_changes_nothing(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    answer = call("POST", f"{filed['id']}/legs", {"legs": [], "consents": []})
    told: Any = answer.get_json()
    assert (answer.status_code, [error["field"] for error in told["errors"]]) == (422, ["legs"])
    assert ways.seen(filed["id"])["version"] == 2  # as its issue has left it


def test_legs_are_added_once_however_often_it_is_sent(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    body = {
        "legs": [{"programme": "unemp-reg"}],
        "consents": [consent_for("unemp-reg")],
    }
    answer = call("POST", f"{filed['id']}/legs", body, Idempotency_Key="once")
    again = call("POST", f"{filed['id']}/legs", body, Idempotency_Key="once")
    assert (answer.status_code, again.status_code) == (201, 201)
    assert again.get_json() == answer.get_json()
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert answer.headers["ETag"]
    legs: Any = answer.get_json()["legs"]
    assert [(leg["programme"], leg["agency"], leg["status"]) for leg in legs] == [
        ("unemp-reg", "employment", "planned")
    ]
    assert len(ways.seen(filed["id"])["legs"]) == 2


def test_a_leg_without_consent_is_not_added(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    answer = call("POST", f"{filed['id']}/legs", {"legs": [{"programme": "unemp-reg"}]})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == ["legs.0.programme"]


def test_a_correction_needs_the_version_that_was_seen(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    body = {"person": {"name": "李明华"}}
    assert call("PATCH", filed["id"], body).status_code == 428
    stale = call("PATCH", filed["id"], body, If_Match='"1"')
    told: Any = stale.get_json()
    now = ways.seen(filed["id"])
    assert (stale.status_code, told["current_version"], told["current_status"], told["seen_version"]) == (
        412,
        now["version"],
        now["status"],
        1,
    )
    version = ways.seen(filed["id"])["version"]
    answer = call("PATCH", filed["id"], body, If_Match=f'"{version}"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"')
    assert answer.get_json()["changed"] == ["name"]


def test_a_consent_can_be_explained_either_way_and_is_then_withdrawn(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    consent = ways.seen(filed["id"])["consents"][0]["id"]
    path = f"{filed['id']}/consents/{consent}/withdraw"
    shown = call("GET", path)
    asked = call("POST", f"{path}?explain=true")
    assert (shown.status_code, asked.status_code) == (200, 200)
    assert shown.get_json() == asked.get_json()
    assert shown.get_json()["withdrawn"] is False
    done = call("POST", path)
    assert (done.status_code, done.get_json()["withdrawn"]) == (202, True)
    assert problem_of(call("POST", path)) == (409, "consent-withdrawn")


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("supply", {}, (409, "papers-not-wanted")),
        ("more-time", {}, (409, "papers-not-wanted")),
        ("reopen", {"reason": "appeal"}, (409, "leg-not-ended")),
        ("rate", {"grade": 5}, (409, "leg-not-ended")),
        ("record", {"action": "accept", "slip": ids.new()}, (409, "slip-missing")),
        ("refuse-reissue", {"reason": "no-consent"}, (409, "no-reissue-asked")),
        ("rate", {"grade": 6}, (422, "bad-input")),
        ("reopen", {"reason": "spite"}, (422, "bad-input")),
        ("messages", {"text": " \n "}, (422, "bad-input")),
        ("messages", {"text": ""}, (422, "bad-input")),
    ],
)
def test_each_rule_has_its_own_problem(
    ways: BothWays, call: Call, path: str, body: dict[str, Any], problem: tuple[int, str]
) -> None:
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    answer = call("POST", f"{filed['id']}/legs/{leg}/{path}", body)
    told: Any = answer.get_json()
    assert (answer.status_code, told["type"]) == (problem[0], f"urn:aid:problem:{problem[1]}")
    assert told["messages"]["zh"] != told["messages"]["en"]


def test_what_is_asked_is_accepted_and_named(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    answer = call("POST", f"{filed['id']}/legs/{leg}/messages", {"text": "请来电"})
    assert answer.status_code == 202
    assert ways.asked(filed["id"])[-1].id == answer.get_json()["command"]


def test_moving_and_merging_is_the_streets_and_asks_its_version(ways: BothWays, call: Call) -> None:
    person = a_person()
    one, other = ways.file("dibao", person=person), ways.file("pension", person=person)
    assert call("POST", f"{one['id']}/merge", {"into": other["id"]}).status_code == 403
    answer = call("POST", f"{one['id']}/merge", {"into": other["id"]}, SPECIALIST)
    assert (answer.status_code, answer.get_json()["merged_into"]["number"]) == (200, other["number"])
    body = {"unit": OTHER_UNIT, "reason": "residence-changed"}
    assert call("POST", f"{other['id']}/move", body, SPECIALIST, If_Match='"1"').status_code == 412
    moved = call("POST", f"{other['id']}/move", body, SPECIALIST)
    assert (moved.status_code, moved.get_json()["unit"]) == (200, OTHER_UNIT)


def test_a_rule_about_a_field_ends_the_problems_type(ways: BothWays, call: Call) -> None:
    filed = ways.file("dibao")
    body = {"unit": ways.seen(filed["id"])["unit"], "reason": "residence-changed"}
    answer = call("POST", f"{filed['id']}/move", body, SPECIALIST)
    (error,) = answer.get_json()["errors"]
    assert (problem_of(answer), error["field"], error["rule"]) == ((422, "same-unit"), "unit", "same-unit")


def test_every_rule_says_its_sentence_in_both_languages() -> None:
    for text in BREACHES.values():
        assert text.zh.strip()
        assert text.en.strip()
        assert text.zh != text.en


def test_a_no_is_written_down_by_the_desk(call: Call, ways: BothWays) -> None:
    request = ways.file("dibao")["id"]
    body = {"agency": "employment", "programmes": ["unemp-reg"]}
    said = call("POST", f"{request}/refusals", body)
    assert (said.status_code, said.get_json()["programmes"]) == (201, ["unemp-reg"])
    assert call("GET", request).get_json()["refusals"][0]["programme"] == "unemp-reg"
    assert call("POST", f"{request}/refusals", body, SPECIALIST).status_code == 403
