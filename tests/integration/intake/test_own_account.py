"""One's own account over HTTP, by page and by API, and what the edge says to who guesses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.domain.sign_in_rules import BY_ADDRESS
from services.intake.use_cases import sign_in, sign_in_tries
from services.intake.use_cases.context import Context
from shared.identity import csrf
from tests.builders import Installation, an_installation
from tests.conftest import MakeDatabase
from tests.integration.intake.test_accounts import HUT, PASSWORD, sync
from tests.integration.intake.test_pages import ORIGIN, get, text_of
from tests.one_time import code_at

pytestmark = pytest.mark.usefixtures("cheap_hashes")
ANOTHER = "an umbrella for eleven swans"
API = "/intake/api/v1/account"


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """Three databases with keys and the district applied; no database decides anything of a page."""
    return an_installation(sqlite_database)


@pytest.fixture
def client(installation: Installation, context: Context) -> FlaskClient:
    """The web, with one account."""
    sync(installation, context, HUT)
    return web(context, public_url=ORIGIN).test_client()


def asked(client: FlaskClient, password: str, otp: str = "", **headers: str) -> TestResponse:
    """Ask for a token."""
    form = {"username": "hut", "password": password, "otp": otp}
    return client.post("/auth/token", data=form, headers=headers)


def kind(response: TestResponse) -> tuple[int, str]:
    return response.status_code, str((response.json or {})["type"]).rpartition(":")[2]


def test_a_second_factor_is_set_up_and_asked_for_by_api(
    installation: Installation, context: Context, client: FlaskClient
) -> None:
    bearer = {"Authorization": f"Bearer {asked(client, PASSWORD).json['access_token']}"}  # type: ignore[index]
    begun = client.post(f"{API}/second-factor", headers=bearer).json or {}
    assert re.fullmatch(r"otpauth://totp/.*secret=[A-Z2-7]{32}.*", begun["address"])
    wrong = client.post(f"{API}/second-factor/confirm", json={"code": "x"}, headers=bearer)
    assert kind(wrong) == (422, "wrong-code")
    code = code_at(begun["secret"], installation.clock.now())
    confirmed = client.post(f"{API}/second-factor/confirm", json={"code": code}, headers=bearer)
    assert len((confirmed.json or {})["recovery_codes"]) == 10
    assert (client.get(API, headers=bearer).json or {})["second_factor"]
    assert kind(asked(client, PASSWORD)) == (401, "one-time-code-needed")
    assert kind(asked(client, PASSWORD, code)) == (401, "sign-in-failed")
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=30))
    code = code_at(begun["secret"], installation.clock.now())
    assert asked(client, PASSWORD, code).status_code == 200
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=30))
    both = {"password": PASSWORD, "code": code_at(begun["secret"], installation.clock.now())}
    assert client.post(f"{API}/second-factor/remove", json=both, headers=bearer).status_code == 204
    assert asked(client, PASSWORD).status_code == 200


def test_by_page_a_picture_is_shown_and_a_wrong_code_can_be_mended(
    installation: Installation, context: Context, client: FlaskClient
) -> None:
    signed_in = sign_in.sign_in(context, "hut", PASSWORD)
    client.set_cookie("sid", signed_in.token, domain="127.0.0.1")

    def sent(path: str, **form: str) -> TestResponse:
        headers = {"Accept": "text/html", "Accept-Language": "en", "Origin": ORIGIN}
        form["csrf_token"] = csrf(signed_in.principal.session)
        return client.post(f"/auth/account{path}", base_url=ORIGIN, headers=headers, data=form)

    begun = sent("/second-factor")
    (secret,) = re.findall(r'class="number">([A-Z2-7]{32})<', begun.text)
    assert "<svg" in begun.text
    refused = sent("/second-factor/confirm", code="000000x")
    assert (refused.status_code, "code is wrong" in text_of(refused)) == (422, True)
    shown = sent("/second-factor/confirm", code=code_at(secret, installation.clock.now()))
    (code, *_) = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", shown.text)
    assert "New recovery codes" in text_of(get(client, "/auth/account"))
    wrong = sent("/password", old_password=PASSWORD, new_password="password12345678", code=code)
    assert (wrong.status_code, "too common" in text_of(wrong)) == (422, True)
    # A moment later: what was signed in the very moment of the change would end with it.
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    done = sent("/password", old_password=PASSWORD, new_password=ANOTHER, code=code)
    assert (done.status_code, done.headers["Location"]) == (303, "/auth/account")
    assert sign_in.sign_in(
        context, "hut", ANOTHER, otp=code_at(secret, installation.clock.now() + timedelta(seconds=30))
    ).token


def test_who_guesses_is_told_how_long_to_wait(client: FlaskClient) -> None:
    for _ in range(5):
        assert kind(asked(client, "a guess")) == (401, "sign-in-failed")
    paused = asked(client, PASSWORD)
    assert (kind(paused), paused.headers["Retry-After"]) == ((429, "sign-in-paused"), "30")
    form = {"username": "hut", "password": PASSWORD}
    headers = {"Accept": "text/html", "Accept-Language": "en", "Origin": ORIGIN}
    page = client.post("/auth/sign-in", base_url=ORIGIN, headers=headers, data=form)
    assert (page.status_code, "wait 30 seconds" in text_of(page)) == (429, True)


@pytest.mark.parametrize(("proxies", "paused"), [(0, True), (1, False)])
def test_an_address_is_believed_from_our_own_proxies_alone(
    context: Context, monkeypatch: pytest.MonkeyPatch, proxies: int, *, paused: bool
) -> None:
    monkeypatch.setattr(sign_in_tries, "BY_ADDRESS", replace(BY_ADDRESS, free=3))
    app: flask.Flask = web(context, public_url=ORIGIN, trusted_proxies=proxies)
    client = app.test_client()
    for guess in range(5):
        form = {"username": f"name-{guess}", "password": "a guess"}
        answer = client.post("/auth/token", data=form, headers={"X-Forwarded-For": f"198.51.100.{guess}"})
    assert kind(answer) == ((429, "sign-in-paused") if paused else (401, "sign-in-failed"))
