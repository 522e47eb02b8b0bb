"""Whatever intake refuses is found in its audit log, once: by its API or by a page, by a post or by a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flask
import pytest

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared import ids
from shared.audit import AuditQuery, AuditRecord, search
from shared.identity import Principal, csrf
from tests.builders import (
    OTHER_UNIT,
    Installation,
    a_command,
    a_consent,
    a_filing,
    a_person,
    a_principal,
    an_installation,
)
from tests.conftest import MakeDatabase
from tests.integration.intake.test_pages import FILLED

ORIGIN = "http://127.0.0.1"
API = "/intake/api/v1/requests"
HUT = a_principal("hut")
DEPUTY = replace(HUT, staff="deputy", acting_for=HUT.staff)
Send = Callable[..., Any]


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """On SQLite alone: nothing here asks anything of a database that others do not ask of both."""
    return an_installation(sqlite_database)


@pytest.fixture
def send(context: Context) -> Send:
    """Call with an address, what is sent there, and who sends it."""
    app: flask.Flask = web(context, public_url=ORIGIN)

    def post(path: str, body: Any, who: Principal = HUT, **headers: str) -> Any:
        token = context.keyring.tokens.sign(who, context.clock.now())
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.test_client().post(
            path, json=body, headers={"Authorization": f"Bearer {token}", **given}, base_url=ORIGIN
        )

    return post


def refused(context: Context) -> list[AuditRecord]:
    with context.database.read() as connection:
        return search(connection, AuditQuery(result="refused"), limit=20)


def test_an_exclusion_is_written_down_with_its_rule_and_nothing_of_the_person(
    context: Context, send: Send
) -> None:
    person = a_person()
    submit_request(context, HUT, a_command("dibao", person=person))
    answer = send(API, a_filing("tekun", person=person))
    assert answer.status_code == 409
    (line,) = refused(context)
    assert (line.actor, line.post, line.action, line.reason) == (
        HUT.staff,
        str(HUT.posts[0]),
        "operation.refused",
        "excluded",
    )
    assert (line.object_type, dict(line.detail)) == (
        "route",
        {"action": "requests.file", "request_id": answer.headers["X-Request-ID"]},
    )


def test_a_consent_that_does_not_cover_is_written_down(context: Context, send: Send) -> None:
    narrow = a_consent("civil-affairs", ("dibao",), data_kinds=["income"])
    assert send(API, a_filing("dibao", consents=[narrow])).status_code == 422
    assert [(line.action, line.reason) for line in refused(context)] == [
        ("operation.refused", "no-consent-covers")
    ]


def test_what_the_present_state_refuses_is_written_down_with_its_object(context: Context, send: Send) -> None:
    request = submit_request(context, HUT, a_command("dibao"))["id"]
    body = {"reason": "withdrawn-by-person"}
    assert send(f"{API}/{request}/withdraw", body, If_Match='"9"').status_code == 412
    assert send(f"{API}/{request}/withdraw", body).status_code == 202
    assert send(f"{API}/{request}/withdraw", body).status_code == 409
    elsewhere = submit_request(context, a_principal("hut", unit=OTHER_UNIT), a_command("dibao"))["id"]
    nothing = ids.new()
    for foreign in (elsewhere, nothing):
        assert send(f"{API}/{foreign}/withdraw", body).status_code == 404
    lines = [
        (line.action, line.object_type, line.object_id, line.reason) for line in reversed(refused(context))
    ]
    assert lines == [
        ("operation.refused", "request", request, "stale-version"),
        ("operation.refused", "request", request, "illegal-transition"),
        ("access.refused", "request", elsewhere, "out-of-reach"),
        ("access.refused", "request", nothing, "not-found"),
    ]


def test_a_form_that_is_shown_again_with_a_refusal_is_written_down(context: Context) -> None:
    client = web(context, public_url=ORIGIN).test_client()
    client.set_cookie("sid", context.keyring.tokens.sign(HUT, context.clock.now()), domain="127.0.0.1")
    without = {name: value for name, value in FILLED.items() if not name.endswith("civil-affairs")}
    form = without | {"csrf_token": csrf(HUT.session), "idempotency_key": "k"}
    shown = client.post("/intake/requests/new", data=form, base_url=ORIGIN, headers={"Accept": "text/html"})
    assert (shown.status_code, shown.mimetype) == (422, "text/html")
    assert [(line.action, line.reason) for line in refused(context)] == [
        ("operation.refused", "no-consent-covers")
    ]


def test_for_whom_a_deputy_acts_stands_beside_all_that_they_do(context: Context, send: Send) -> None:
    filed = send(API, a_filing("dibao"), DEPUTY)
    assert filed.status_code == 201
    assert (
        send(f"{API}/{filed.json['id']}/withdraw", {"reason": "withdrawn-by-person"}, HUT).status_code == 202
    )
    again = send(f"{API}/{filed.json['id']}/withdraw", {"reason": "withdrawn-by-person"}, DEPUTY)
    assert again.status_code == 409
    query = {"acting_for": HUT.staff}
    token = context.keyring.tokens.sign(a_principal("auditor"), context.clock.now())
    client = web(context, public_url=ORIGIN).test_client()
    found = client.get(
        "/intake/api/v1/audit",
        query_string=query,
        headers={"Authorization": f"Bearer {token}"},
        base_url=ORIGIN,
    )
    lines = found.get_json()["items"]
    assert {line["actor"] for line in lines} == {"deputy"}
    assert {line["detail"]["acting_for"] for line in lines} == {HUT.staff}
    assert {"request.filed", "operation.refused"} <= {line["action"] for line in lines}
    assert "request.withdrawn" not in {line["action"] for line in lines}
