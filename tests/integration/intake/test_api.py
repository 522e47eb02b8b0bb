"""Intake over HTTP: shapes, problem details, idempotency, paging, tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from services.intake.use_cases.staff import first_passwords, sync_staff
from shared.identity import Principal
from tests.builders import OTHER_UNIT, Installation, a_consent, a_filing, a_person, a_principal

URL = "/intake/api/v1/requests"
Call = Callable[..., TestResponse]


@pytest.fixture
def app(context: Context) -> flask.Flask:
    """The web of intake."""
    return web(context, public_url="http://127.0.0.1")


@pytest.fixture
def client(app: flask.Flask) -> FlaskClient:
    """Whoever asks over HTTP."""
    return app.test_client()


@pytest.fixture
def call(context: Context, client: FlaskClient) -> Call:
    """Call with method, path and, if not the hut, who asks."""

    def ask(method: str, path: str, who: Principal | None = None, **arguments: Any) -> TestResponse:
        token = context.keyring.tokens.sign(who or a_principal(), context.clock.now())
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept-Language": "en",
            **arguments.pop("headers", {}),
        }
        return client.open(path, method=method, headers=headers, **arguments)

    return ask


def fields_of(response: TestResponse) -> list[str]:
    body = response.get_json()
    assert response.mimetype == "application/problem+json"
    assert body["status"] == response.status_code
    for error in body["errors"]:
        assert error["messages"]["zh"] != error["messages"]["en"]
    return [error["field"] for error in body["errors"]]


def test_a_filed_request_answers_as_promised(call: Call) -> None:
    response = call("POST", URL, json=a_filing("dibao", "psy"))
    assert response.status_code == 201
    body = response.get_json()
    assert set(body) == {
        *("id", "number", "receipt_code", "status", "version"),
        *("legs", "warnings", "checklist"),
    }
    assert (body["status"], body["version"]) == ("submitted", 1)
    assert [(leg["programme"], leg["agency"], leg["status"]) for leg in body["legs"]] == [
        ("dibao", "civil-affairs", "planned"),
        ("psy", "health", "planned"),
    ]
    assert response.headers["Location"] == f"{URL}/{body['id']}"
    assert call("GET", response.headers["Location"]).get_json()["number"] == body["number"]


def test_the_same_key_gives_the_first_answer_again(call: Call) -> None:
    filing = a_filing("dibao")
    first, again = (call("POST", URL, json=filing, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert len(call("GET", URL).get_json()["items"]) == 1


def test_the_same_key_with_another_body_is_refused(call: Call) -> None:
    call("POST", URL, json=a_filing("dibao"), headers={"Idempotency-Key": "k-1"})
    other = call("POST", URL, json=a_filing("pension"), headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 422
    assert len(call("GET", URL).get_json()["items"]) == 1


def test_what_was_accepted_is_answered_again_though_a_consent_has_run_out_since(
    installation: Installation, call: Call
) -> None:
    today = installation.clock.now()
    consent = a_consent("civil-affairs", ("dibao",), expires_on=f"{today:%Y-%m-%d}")
    filing = a_filing("dibao", consents=[consent])
    first = call("POST", URL, json=filing, headers={"Idempotency-Key": "k-1"})
    installation.clock.move_to(today + timedelta(days=1))
    again = call("POST", URL, json=filing, headers={"Idempotency-Key": "k-1"})
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert call("POST", URL, json=filing, headers={"Idempotency-Key": "k-2"}).status_code == 422


def test_a_duplicate_is_warned_of_in_the_readers_language(call: Call) -> None:
    person = a_person()
    first = call("POST", URL, json=a_filing("dibao", person=person)).get_json()
    (warning,) = call("POST", URL, json=a_filing("dibao", person=person)).get_json()["warnings"]
    assert warning["code"] == "duplicate"
    assert warning["message"] == warning["messages"]["en"]
    assert first["number"] in warning["message"]


WRONG_SHAPES: dict[str, Callable[[dict[str, Any]], object]] = {
    "person": lambda filing: filing.pop("person"),
    "person.name": lambda filing: filing["person"].update(name="   "),
    "person.phone": lambda filing: filing["person"].update(phone="call me"),
    "person.birth_date": lambda filing: filing["person"].update(birth_date="1985-13-01"),
    "person.household_registration": lambda filing: filing["person"].update(household_registration="昆明"),
    "person.nickname": lambda filing: filing["person"].update(nickname="老李"),
    "legs": lambda filing: filing.update(legs=[]),
    "legs.0.programme": lambda filing: filing["legs"][0].pop("programme"),
    "legs.0.note": lambda filing: filing["legs"][0].update(note="长" * 501),
    "consents.0.data_kinds.0": lambda filing: filing["consents"][0].update(data_kinds=["shoes"]),
    "consents.0.given_by": lambda filing: filing["consents"][0].update(given_by="neighbour"),
    "consents.0.purpose": lambda filing: filing["consents"][0].update(purpose="marketing"),
    "consents.0.expires_on": lambda filing: filing["consents"][0].pop("expires_on"),
    "urgency": lambda filing: filing.update(urgency="extreme"),
    "answers": lambda filing: filing.update(answers=[1]),
    "screening": lambda filing: filing.update(screening=True),
}


@pytest.mark.parametrize("field", WRONG_SHAPES)
def test_a_wrong_shape_is_named_by_its_field(call: Call, field: str) -> None:
    filing = a_filing("dibao")
    WRONG_SHAPES[field](filing)
    response = call("POST", URL, json=filing)
    assert response.status_code == 422
    assert fields_of(response) == [field]
    assert call("GET", URL).get_json()["items"] == []


def test_a_broken_rule_answers_in_the_same_envelope(call: Call) -> None:
    response = call("POST", URL, json=a_filing("dibao", consents=[], person=a_person(residence="1")))
    assert response.status_code == 422
    assert fields_of(response) == ["person.residence", "legs.0.programme"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "name=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": json.dumps({"x": "y" * 1_100_000}), "content_type": "application/json"}, 413),
        ({"json": [1, 2]}, 422),
    ],
    ids=["bad JSON", "a form", "over 1 MiB", "a list"],
)
def test_what_is_no_request_at_all_is_refused(call: Call, arguments: dict[str, Any], status: int) -> None:
    response = call("POST", URL, **arguments)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


def test_nobody_gets_in_without_a_token(client: FlaskClient) -> None:
    for method, path in (("GET", URL), ("POST", URL), ("GET", "/intake/api/v1/audit")):
        assert client.open(path, method=method, json={}).status_code == 401


def test_a_foreign_request_is_not_there_and_a_foreign_action_is_forbidden(call: Call) -> None:
    made = call("POST", URL, json=a_filing("dibao")).get_json()
    neighbour = a_principal("hut", unit=OTHER_UNIT)
    for path in (f"{URL}/{made['id']}", f"{URL}/{made['id']}/history", f"{URL}/{made['id']}/consents"):
        assert call("GET", path, neighbour).status_code == 404
    assert call("POST", f"{URL}/{made['id']}/withdraw", neighbour, json={}).status_code == 404
    assert call("GET", f"{URL}/{made['id']}", a_principal("coordinator")).status_code == 403
    assert call("POST", f"{URL}/{made['id']}/withdraw", a_principal("specialist"), json={}).status_code == 403


def test_a_list_is_paged_by_cursor(call: Call) -> None:
    numbers = [call("POST", URL, json=a_filing("dibao")).get_json()["number"] for _ in range(3)]
    first = call("GET", f"{URL}?limit=2").get_json()
    rest = call("GET", f"{URL}?limit=2&cursor={first['next']}").get_json()
    assert sorted(item["number"] for item in first["items"] + rest["items"]) == numbers
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["cursor=nonsense", "limit=0", "limit=many", "status=asleep", "colour=red"])
def test_an_odd_query_is_refused_by_name(call: Call, query: str) -> None:
    response = call("GET", f"{URL}?{query}")
    assert response.status_code == 422
    assert fields_of(response)[0].startswith(query.partition("=")[0])


def test_withdrawing_answers_202_and_a_second_time_409(call: Call) -> None:
    made = call("POST", URL, json=a_filing("dibao")).get_json()
    path = f"{URL}/{made['id']}/withdraw"
    response = call("POST", path, json={"reason": "withdrawn-by-person"})
    assert response.status_code == 202
    assert [leg["id"] for leg in response.get_json()["legs"]] == [made["legs"][0]["id"]]
    again = call("POST", path, json={})
    assert again.status_code == 409
    assert again.get_json()["current_status"] == "withdrawal-requested"
    assert call("POST", path, json={"reason": "bored"}).status_code == 422
    assert call("POST", path, json={}, headers={"If-Match": '"1"'}).status_code == 412


def test_the_auditor_reads_who_did_what_and_nobody_else_does(call: Call) -> None:
    made = call("POST", URL, json=a_filing("dibao")).get_json()
    auditor = a_principal("auditor")
    found = call("GET", f"/intake/api/v1/audit?object_id={made['id']}", auditor).get_json()
    assert [(item["action"], item["actor"]) for item in found["items"]] == [("request.filed", "hut")]
    assert found["items"][0]["post"] == "intake-desk@530103004007"
    newest = call("GET", "/intake/api/v1/audit?limit=1", auditor).get_json()
    assert newest["items"][0]["action"] == "audit.searched"
    assert newest["next"]
    assert call("GET", "/intake/api/v1/audit").status_code == 403


def test_a_token_is_given_for_name_and_password(
    installation: Installation, context: Context, client: FlaskClient
) -> None:
    member = next(member for member in installation.district.staff if member.id == "hut")
    alone = replace(installation.district, staff=(member,))  # every password takes its time to hash
    passwords = first_passwords(context.database, alone)
    with context.database.unit_of_work() as uow:
        sync_staff(uow, alone, installation.clock.now(), passwords)
    form = {"grant_type": "password", "username": "hut", "password": member.demo_password}
    given = client.post("/auth/token", data=form)
    assert given.status_code == 200
    body = given.get_json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert client.get(URL, headers=headers).status_code == 200
    assert client.post("/auth/token", data={**form, "password": "wrong"}).status_code == 401
    assert client.post("/auth/token", data={"username": "hut"}).status_code == 422
    assert client.post("/auth/token", json=form).status_code == 415
