"""Signing in by an identity provider, a process of its own: whom it lets in as what, and for how long."""

from __future__ import annotations

import base64
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import argon2
import pytest

from services.intake.domain.errors import SessionOver, SignInFailed
from services.intake.persistence import staff as store
from services.intake.use_cases import sign_in
from services.intake.use_cases.sign_on import sign_on, unlink
from services.intake.use_cases.staff import disable_staff, sync_staff
from shared.identity import DeniedStaff
from shared.identity.oidc.provider import KEPT_SECONDS, Provider
from tests.builders import HUT_UNIT
from tests.conftest import MakeDatabase
from tests.identity_provider import IdentityProvider
from tests.integration.intake.front_door import ORIGIN, SETTINGS, Door, a_door, roles, settings


def test_one_comes_in_with_the_posts_that_the_claims_give(
    database: MakeDatabase, provider: IdentityProvider, tmp_path: Path
) -> None:
    door = a_door(database, provider, tmp_path)
    browser, answer = door.enter(
        "s-1",
        "/referrals/queue",
        name="白映川",
        employee="B017",
        agency="health",
        **roles("handler", "health-chief"),
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/referrals/queue")
    holder = door.holder(browser)
    assert holder.staff == "b017"
    assert [str(post) for post in holder.posts] == ["desk@health", "leader@health"]
    assert [action for action, _, _ in door.logged()] == [
        "account.provisioned",
        "account.linked",
        "account.changed",
        "account.signed-on",
    ]
    assert not DeniedStaff(door.context.database).is_denied(holder, door.context.clock.now())
    with door.context.database.read() as connection:
        account = store.find(connection, "b017")
    assert account is not None
    assert (account.name, account.password_hash) == ("白映川", None)


def test_the_code_flow_carries_state_nonce_and_pkce(door: Door) -> None:
    door.enter("s-2", employee="b018", **roles("platform"))
    query, form = door.provider.seen()["query"], door.provider.seen()["form"]
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    assert query["code_challenge_method"] == "S256"
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == query["code_challenge"]
    assert query["scope"].split()[0] == "openid"
    assert query["redirect_uri"] == f"{ORIGIN}/auth/oidc/callback"


def test_a_subject_keeps_its_account_whatever_it_is_called_and_nobody_elses(door: Door) -> None:
    door.enter("s-6", employee="b022", **roles("platform"))
    browser, _ = door.enter("s-6", employee="b999", **roles("platform"))
    assert door.holder(browser).staff == "b022"
    _, other = door.enter("s-7", employee="b022", **roles("platform"))
    assert other.status_code == 403
    assert door.logged()[-1][2] == "account-taken"


def test_two_windows_of_one_person_make_one_account(
    database: MakeDatabase, provider: IdentityProvider, tmp_path: Path
) -> None:
    door = a_door(database, provider, tmp_path)
    claims = {"sub": "s-15", "employee": "b028", **roles("platform")}
    given = settings(tmp_path, provider.url)
    with ThreadPoolExecutor(4) as pool:
        entered = [pool.submit(sign_on, door.context, given, claims) for _ in range(4)]
        assert {each.result().principal.staff for each in entered} == {"b028"}
    assert [action for action, _, _ in door.logged()].count("account.provisioned") == 1


def test_without_an_account_claim_the_account_gets_an_id_that_tells_nothing(
    door: Door, tmp_path: Path
) -> None:
    plain = settings(tmp_path, door.provider.url, SETTINGS.replace(", account: employee", ""))
    talk = Provider(plain, public_url=ORIGIN)
    unnamed = Door(door.installation, replace(door.context, sign_on=talk), door.provider)
    first, second = (
        unnamed.holder(unnamed.enter("s-8", employee="x", **roles("platform"))[0]).staff for _ in range(2)
    )
    assert first == second
    assert first.startswith("sso-")
    assert "s-8" not in first


def test_other_claims_make_other_posts_and_end_what_was_signed_before(door: Door) -> None:
    before, _ = door.enter("s-9", employee="b023", agency="health", **roles("handler"))
    old = door.holder(before)
    door.installation.clock.move_to(door.installation.clock.now() + timedelta(seconds=1))
    after, _ = door.enter("s-9", employee="b023", agency="employment", **roles("handler"))
    new = door.holder(after)
    assert [str(post) for post in new.posts] == ["desk@employment"]
    denied = DeniedStaff(door.context.database)
    assert denied.is_denied(old, door.context.clock.now())
    assert not denied.is_denied(new, door.context.clock.now())


def test_the_pack_leaves_the_posts_of_those_whom_the_provider_vouches_for(door: Door) -> None:
    browser, _ = door.enter("s-10", employee="desk-health", agency="employment", **roles("handler"))
    for expected in ("employment", "health"):
        with door.context.database.unit_of_work() as uow:
            sync_staff(uow, door.installation.district, door.context.clock.now(), {})
            account = store.find(uow.connection, "desk-health")
        assert account is not None
        assert [post.agency for post in account.posts] == [expected]
        unlink(door.context, "desk-health", actor="operator")
    assert door.holder(browser).staff == "desk-health"


def test_whoever_is_disabled_here_stays_out_whatever_the_provider_says(door: Door) -> None:
    door.enter("s-11", employee="b024", **roles("platform"))
    disable_staff(door.context, "b024", reason="left")
    _, answer = door.enter("s-11", employee="b024", **roles("platform"))
    assert answer.status_code == 403
    assert "disabled here" in answer.text


def test_a_session_ends_as_any_other_does(door: Door) -> None:
    browser, _ = door.enter("s-12", employee="b025", **roles("platform"))
    cookie = browser.get_cookie("sid")
    assert cookie is not None
    clock = door.installation.clock
    clock.move_to(clock.now() + timedelta(minutes=40))
    renewed = sign_in.renew(door.context, cookie.value)
    assert renewed.principal.staff == "b025"
    clock.move_to(clock.now() + timedelta(minutes=46))
    with pytest.raises(SessionOver):
        sign_in.renew(door.context, renewed.token)


def test_passwords_are_good_for_the_accounts_that_are_kept_for_need_alone(door: Door) -> None:
    password = "lantern-bridge-seven-plums"
    made = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)
    with door.context.database.unit_of_work() as uow:
        sync_staff(uow, door.installation.district, door.context.clock.now(), {})
        for name in ("operator", "hut"):
            store.change(uow.connection, name, password_hash=made)
    assert sign_in.sign_in(door.context, "operator", password).principal.staff == "operator"
    with pytest.raises(SignInFailed):
        sign_in.sign_in(door.context, "hut", password)
    assert sign_in.sign_in(replace(door.context, sign_on=None), "hut", password).principal.staff == "hut"


def test_the_front_page_leads_to_the_provider(door: Door) -> None:
    page = door.browser().get("/?next=/intake/requests").text
    assert (
        'href="/auth/oidc?next=%2Fintake%2Frequests"' in page
        or 'href="/auth/oidc?next=/intake/requests"' in page
    )
    assert "Sign in by single sign-on" in page
    chinese = door.app.test_client().get("/", headers={"Accept-Language": "zh-CN"}).text
    assert "用统一身份认证登录" in chinese
    without = Door(door.installation, replace(door.context, sign_on=None), door.provider).browser()
    assert "/auth/oidc" not in without.get("/").text
    assert without.get("/auth/oidc").status_code == 404


def test_whoever_signs_out_is_told_that_the_provider_does_not_know(door: Door) -> None:
    browser, _ = door.enter("s-13", employee="b026", unit=HUT_UNIT, **roles("window"))
    form = browser.get("/intake/").text.split('name="csrf_token" value="')[1].split('"')[0]
    left = browser.post("/auth/sign-out", data={"csrf_token": form})
    assert left.headers["Location"] == "/auth/oidc/signed-out"
    page = browser.get("/auth/oidc/signed-out").text
    assert f"{door.provider.url}/oauth2/end_session?client_id=aid" in page
    assert browser.get("/intake/").status_code == 302


def test_a_provider_may_call_itself_with_a_slash_at_the_end(door: Door, tmp_path: Path) -> None:
    slashed = f"{door.provider.url}/"
    door.provider.spoils(metadata={"issuer": slashed}, claims={"iss": slashed})
    provider = Provider(settings(tmp_path, slashed), public_url=ORIGIN)
    there = Door(door.installation, replace(door.context, sign_on=provider), door.provider)
    browser, _ = there.enter("s-15", employee="b028", **roles("platform"))
    assert there.holder(browser).staff == "b028"


def test_many_at_once_ask_the_provider_to_describe_itself_once(door: Door, tmp_path: Path) -> None:
    now = [0.0]
    provider = Provider(settings(tmp_path, door.provider.url), public_url=ORIGIN, monotonic=lambda: now[0])
    provider.begin()
    now[0] += KEPT_SECONDS
    before = door.provider.seen()["described"]
    together = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        for begun in [pool.submit(lambda: (together.wait(), provider.begin())) for _ in range(8)]:
            begun.result()
    assert door.provider.seen()["described"] == before + 1
    provider.ask()
    assert door.provider.seen()["described"] == before + 2
