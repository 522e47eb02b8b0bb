"""Who gets in: bearer before cookie, forms only from our own pages, and nothing without a mark."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest

from shared import audit
from shared.http.app import BODY_CAP, create_app
from shared.http.cookies import set_session
from shared.http.guard import UncoveredRoute
from shared.http.policy import permit, public
from shared.http.security_headers import SECURITY_HEADERS
from shared.identity import csrf, deny
from tests.unit.http.tiny import DESK, LATER, Tiny

ME = "/intake/api/v1/me"
THINGS = "/intake/api/v1/things"
GOOD: dict[str, Any] = {"name": "x", "legs": [{"programme": "dibao"}]}
SESSION = "session-of-a-test"
ORIGIN = "http://localhost"


def test_nobody_is_let_in_without_signing_in(service: Tiny) -> None:
    answer = service.client().get(ME)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_bearer_wins_over_the_cookie(service: Tiny) -> None:
    client = service.signed_in(staff="of-the-cookie")
    assert client.get(ME).json == {"staff": "of-the-cookie", "post": "hut@530103004007"}
    assert client.get(ME, headers=service.bearer(staff="of-the-bearer")).json["staff"] == "of-the-bearer"
    assert client.get(ME, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_what_ones_posts_do_not_allow_is_403_and_audited(service: Tiny) -> None:
    answer = service.client().post(THINGS, json=GOOD, headers=service.bearer(DESK, staff="desk"))
    assert answer.status_code == 403
    with service.database.read() as connection:
        (entry,) = audit.search(connection, audit.AuditQuery(actor="desk"), limit=5)
    assert (entry.action, entry.reason) == ("access.refused", "forbidden")
    assert entry.detail["action"] == "requests.file"


def test_a_foreign_object_is_404_like_a_missing_one_but_audited(service: Tiny) -> None:
    foreign = service.client().get("/intake/api/v1/foreign", headers=service.bearer())
    missing = service.client().get("/intake/api/v1/nothing", headers=service.bearer())
    different = {"request_id"}
    assert {k: v for k, v in foreign.json.items() if k not in different} == {
        k: v for k, v in missing.json.items() if k not in different
    }
    with service.database.read() as connection:
        (entry,) = audit.search(connection, audit.AuditQuery(object_id="thing-7"), limit=5)
    assert (entry.reason, entry.detail["action"]) == ("out-of-reach", "requests.read")


def test_a_cookie_needs_its_sessions_token_to_change_anything(service: Tiny) -> None:
    client = service.signed_in()
    assert client.post(THINGS, json=GOOD).status_code == 403
    assert client.post(THINGS, json=GOOD, headers={"X-CSRF-Token": csrf("another")}).status_code == 403
    assert client.post(THINGS, json=GOOD, headers={"X-CSRF-Token": csrf(SESSION)}).status_code == 201
    assert service.count() == 1


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://localhost", "http://localhost.evil.example"]
)
def test_a_form_from_elsewhere_is_refused_even_with_the_token(service: Tiny, origin: str) -> None:
    client = service.signed_in()
    answer = client.post(THINGS, json=GOOD, headers={"X-CSRF-Token": csrf(SESSION), "Origin": origin})
    assert (answer.status_code, answer.json["type"]) == (403, "urn:aid:problem:foreign-origin")
    assert (
        client.post(THINGS, json=GOOD, headers={"X-CSRF-Token": csrf(SESSION), "Origin": ORIGIN}).status_code
        == 201
    )


def test_the_page_that_sent_the_form_stands_for_a_missing_origin(service: Tiny) -> None:
    client = service.signed_in()
    headers = {"X-CSRF-Token": csrf(SESSION), "Referer": "http://evil.example/page"}
    assert client.post(THINGS, json=GOOD, headers=headers).status_code == 403


def test_bearer_needs_no_form_token(service: Tiny) -> None:
    headers = service.bearer() | {"Origin": "http://somewhere.example"}
    assert service.client().post(THINGS, json=GOOD, headers=headers).status_code == 201


def test_a_page_form_carries_its_token_in_a_hidden_field(service: Tiny) -> None:
    client = service.signed_in()
    page = client.get("/intake/form").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert client.post("/intake/form", data={"name": "x"}).status_code == 403
    answer = client.post("/intake/form", data={"csrf_token": token[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/intake/form")
    assert "已保存" in client.get("/intake/form").text
    assert "已保存" not in client.get("/intake/form").text


def test_a_stranger_is_led_to_the_sign_in_and_back(service: Tiny) -> None:
    answer = service.client().get("/intake/form?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?next=%2Fintake%2Fform%3Fa%3D1")
    assert service.client().post("/intake/form").status_code == 401


def test_an_expired_cookie_is_renewed_without_losing_the_form(service: Tiny) -> None:
    client = service.signed_in()
    service.clock.move_to(service.clock.now() + LATER)
    got = client.get("/intake/form")
    assert (got.status_code, got.headers["Location"]) == (302, "/auth/renew?next=%2Fintake%2Fform")
    sent = client.post("/intake/form", data={"csrf_token": csrf(SESSION)})
    assert (sent.status_code, sent.headers["Location"]) == (307, "/auth/renew?next=%2Fintake%2Fform")
    assert client.get(ME).status_code == 401


def test_a_denied_account_is_out(service: Tiny) -> None:
    headers = service.bearer()
    with service.database.unit_of_work() as uow:
        deny(uow.connection, "hut", service.clock.now() + timedelta(seconds=1))
    assert service.client().get(ME, headers=headers).status_code == 401


def test_a_refusal_that_cannot_be_audited_is_503_not_403(service: Tiny) -> None:
    headers = service.bearer(DESK)
    assert service.client().get(ME, headers=headers).status_code == 200
    with service.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DROP TABLE audit_log")
    assert service.client().post(THINGS, json=GOOD, headers=headers).status_code == 503


def test_an_action_in_the_address_is_one_of_those_listed(service: Tiny) -> None:
    client, headers = service.client(), service.bearer(DESK)
    assert client.post("/intake/api/v1/legs/1/accept", headers=headers).json == {"leg": 1, "verb": "accept"}
    assert client.post("/intake/api/v1/legs/1/dance", headers=headers).status_code == 404
    assert client.post("/intake/api/v1/legs/1/accept", headers=service.bearer()).status_code == 403


def test_an_application_with_an_unmarked_view_is_not_made(service: Tiny) -> None:
    pages = flask.Blueprint("more", __name__)
    pages.add_url_rule("/intake/more", "more", lambda: "open to all")
    spec = service.spec
    with pytest.raises(UncoveredRoute, match="more"):
        create_app(_with_pages(spec, pages))


def test_an_application_with_an_unknown_action_is_not_made(service: Tiny) -> None:
    pages = flask.Blueprint("more", __name__)
    pages.add_url_rule("/intake/more", "more", permit("requests.eat")(lambda: "x"))
    with pytest.raises(UncoveredRoute, match=r"requests\.eat"):
        create_app(_with_pages(service.spec, pages))


def test_a_route_added_behind_the_guards_back_is_refused(service: Tiny) -> None:
    service.app.add_url_rule("/intake/later", "later", lambda: "open to all")
    assert service.client().get("/intake/later", headers=service.bearer()).status_code == 403


def test_over_tls_the_cookie_is_bound_to_the_host(service: Tiny) -> None:
    pages = flask.Blueprint("enter", __name__)

    @pages.get("/enter")
    @public("a test signs in")
    def enter() -> flask.Response:
        response = flask.Response("in")
        set_session(response, service.token())
        return response

    plain = create_app(_with_pages(service.spec, pages)).test_client().get("/enter")
    assert plain.headers["Set-Cookie"].startswith("sid=")
    assert "Secure" not in plain.headers["Set-Cookie"]
    tls = create_app(
        replace(_with_pages(service.spec, pages), public_url="https://aid.example")
    ).test_client()
    answer = tls.get("/enter", base_url="https://aid.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"]


def test_every_answer_carries_the_security_headers(service: Tiny) -> None:
    client = service.client()
    answers = [
        client.get("/"),
        client.get(ME),
        client.get("/nowhere"),
        client.get("/intake/openapi.json"),
        client.get("/intake/static/bootstrap.min.css"),
        client.get("/intake/api/v1/broken"),
        client.open("/", method="TRACE"),
        client.post(ME, data=b" " * (BODY_CAP + 1)),
    ]
    assert {answer.status_code for answer in answers} >= {200, 401, 404, 413}
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.getlist(name) == [value], (answer.request.path, name)
        assert answer.headers["Cache-Control"]


def _with_pages(spec: Any, *pages: flask.Blueprint) -> Any:
    return replace(spec, blueprints=(), pages=pages)
