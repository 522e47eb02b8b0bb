"""In the middle of a session the identity provider is asked again: a role taken away there is gone here soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from services.intake.use_cases import sign_in
from shared.identity import DeniedStaff, Principal
from shared.identity.oidc.provider import Provider
from tests.conftest import MakeDatabase
from tests.identity_provider import IdentityProvider
from tests.integration.intake.front_door import ORIGIN, SETTINGS, Door, a_door, roles, settings

EVERY = timedelta(minutes=15)
RENEW = "/auth/renew?next=/referrals/queue"
CLAIMS: dict[str, Any] = {"employee": "b040", "agency": "health"}


@pytest.fixture
def door(sqlite_database: MakeDatabase, provider: IdentityProvider, tmp_path: Path) -> Door:
    """A front door that asks its provider again every quarter of an hour."""
    plain = a_door(sqlite_database, provider, tmp_path)
    often = settings(tmp_path, provider.url, f"{SETTINGS}ask_again_minutes: 15\n")
    talk = Provider(often, public_url=ORIGIN)
    return Door(plain.installation, replace(plain.context, sign_on=talk), provider)


@pytest.fixture
def browser(door: Door) -> FlaskClient:
    """Somebody with two roles, who signed in a while ago."""
    signed_in, _ = door.enter("s-40", **CLAIMS, **roles("handler", "health-chief"))
    later(door, EVERY + timedelta(minutes=1))
    return signed_in


def later(door: Door, span: timedelta) -> None:
    door.installation.clock.move_to(door.installation.clock.now() + span)


def was(door: Door, browser: FlaskClient) -> Principal:
    """Give whose session it is, whose token has run out."""
    cookie = browser.get_cookie("sid")
    assert cookie is not None
    return sign_in.holder(door.context, cookie.value)


def silently(door: Door, browser: FlaskClient, subject: str = "s-40") -> Any:
    """Renew, be sent to the provider, which answers at once, and come back."""
    sent = browser.get(RENEW)
    assert sent.status_code == 303
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["prompt"] == ["none"]
    # This provider keeps no session: whoever it is, it would have to ask. One that knows them answers as it does then.
    known = sent.headers["Location"].replace("&prompt=none", "")
    back = urlsplit(door.provider.signs_in(known, subject))
    return browser.get(f"{back.path}?{back.query}")


def test_a_session_goes_on_unseen_with_the_posts_the_provider_gives_now(
    door: Door, browser: FlaskClient
) -> None:
    old = was(door, browser)
    door.provider.knows("s-40", **CLAIMS, **roles("handler"))
    answer = silently(door, browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/referrals/queue")
    new = door.holder(browser)
    assert (new.session, [str(post) for post in new.posts]) == (old.session, ["desk@health"])
    denied, now = DeniedStaff(door.context.database), door.context.clock.now()
    assert (denied.is_denied(old, now), denied.is_denied(new, now)) == (True, False)
    assert browser.get(RENEW).headers["Location"] == "/referrals/queue"


def test_whoever_has_no_role_any_more_is_out_and_holds_no_post(door: Door, browser: FlaskClient) -> None:
    door.provider.knows("s-40", **CLAIMS, **roles("canteen"))
    assert silently(door, browser).status_code == 403
    assert browser.get(RENEW).headers["Location"].startswith("/?next=")
    assert ("account.changed", "b040", "claims") in door.logged()
    assert ("account.sign-in-refused", "b040", "no-post") in door.logged()


def test_whoever_has_signed_out_there_signs_in_anew(door: Door, browser: FlaskClient) -> None:
    back = door.provider.signs_in(browser.get(RENEW).headers["Location"], "s-40")
    assert "error=login_required" in back
    answer = browser.get(f"/auth/oidc/callback?{urlsplit(back).query}")
    assert answer.headers["Location"] == "/auth/oidc?next=%2Freferrals%2Fqueue"
    assert browser.get(RENEW).headers["Location"].startswith("/?next=")
    assert door.logged()[-1] == ("account.sign-in-refused", "b040", "signed-out-there")


def test_somebody_else_at_the_same_machine_gets_a_session_of_their_own(
    door: Door, browser: FlaskClient
) -> None:
    before = was(door, browser)
    door.provider.knows("s-41", employee="b041", agency="health", **roles("handler"))
    assert silently(door, browser, "s-41").status_code == 303
    after = door.holder(browser)
    assert (after.staff, after.session == before.session) == ("b041", False)


def test_a_form_is_not_lost_for_it_but_nothing_goes_on_unasked_for_long(
    door: Door, browser: FlaskClient
) -> None:
    assert browser.post(RENEW).status_code == 307
    later(door, EVERY)
    put_off = browser.post(RENEW)
    assert (put_off.status_code, put_off.headers["Location"].startswith("/?next=")) == (303, True)


def test_while_the_provider_is_away_sessions_go_on(door: Door, browser: FlaskClient, tmp_path: Path) -> None:
    nowhere = Provider(
        settings(tmp_path, "http://127.0.0.1:9", f"{SETTINGS}ask_again_minutes: 15\n"), public_url=ORIGIN
    )
    alone = Door(door.installation, replace(door.context, sign_on=nowhere), door.provider)
    cookie = browser.get_cookie("sid")
    assert cookie is not None
    other = alone.browser()
    other.set_cookie("sid", cookie.value, domain="127.0.0.1")
    answer = other.get(RENEW, base_url=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/referrals/queue")
