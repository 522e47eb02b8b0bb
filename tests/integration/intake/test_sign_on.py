"""Signing in by an identity provider, a process of its own: whom it lets in as what, and whom not."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import argon2
import flask
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from deploy.local.ports import free_port
from services.intake.bootstrap import web
from services.intake.domain.errors import SessionOver, SignInFailed
from services.intake.persistence import staff as store
from services.intake.use_cases import sign_in
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_on import sign_on, unlink
from services.intake.use_cases.staff import disable_staff, sync_staff
from shared.audit import table as audit_log
from shared.identity import DeniedStaff, Principal
from shared.identity.oidc import BadProviderSettings, OidcSettings, read_settings
from shared.identity.oidc.provider import Provider
from tests.builders import HUT_UNIT, Installation, an_installation
from tests.conftest import MakeDatabase
from tests.identity_provider import IdentityProvider, an_identity_provider

ORIGIN = "http://127.0.0.1"
SETTINGS = """
issuer: {issuer}
client_id: aid
claims: {{roles: realm_access.roles, account: employee}}
posts:
  window: {{role: hut}}
  handler: {{role: desk}}
  health-chief: {{role: leader, agency: health}}
  platform: {{role: operator}}
local_accounts: [operator]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """The provider's process."""
    with an_identity_provider() as running:
        yield running


def settings(folder: Path, issuer: str, text: str = SETTINGS) -> OidcSettings:
    """Read settings as an installation would."""
    file = folder / "provider.yaml"
    file.write_text(text.format(issuer=issuer))
    environ = {"CAREHUT_OIDC_FILE": str(file), "CAREHUT_OIDC_CLIENT_SECRET": "a secret"}
    read = read_settings(environ, demo=True)
    assert read is not None
    return read


@dataclass
class Door:
    """The front door, and the provider to which it sends people."""

    installation: Installation
    context: Context
    provider: IdentityProvider

    def __post_init__(self) -> None:
        self.app: flask.Flask = web(self.context, public_url=ORIGIN)

    def browser(self) -> FlaskClient:
        """Open a browser that reads English."""
        client = self.app.test_client()
        client.environ_base |= {"HTTP_ACCEPT_LANGUAGE": "en", "HTTP_ACCEPT": "text/html"}
        return client

    def way_back(self, browser: FlaskClient, subject: str, following: str = "/") -> str:
        """Go to the provider, sign in there, and give the address it sends the browser back to."""
        sent = browser.get("/auth/oidc", query_string={"next": following})
        assert sent.status_code == 303
        back = urlsplit(self.provider.signs_in(sent.headers["Location"], subject))
        assert f"{back.scheme}://{back.netloc}" == ORIGIN
        return f"{back.path}?{back.query}"

    def enter(self, subject: str, following: str = "/", **claims: Any) -> tuple[FlaskClient, Any]:
        """Sign somebody in whom the provider knows with these claims."""
        self.provider.knows(subject, **claims)
        browser = self.browser()
        return browser, browser.get(self.way_back(browser, subject, following))

    def holder(self, browser: FlaskClient) -> Principal:
        """Give whose the browser's session is."""
        cookie = browser.get_cookie("sid")
        assert cookie is not None
        return self.context.keyring.tokens.verify(cookie.value, self.context.clock.now())

    def logged(self) -> list[tuple[str, str, str | None]]:
        """Give what the audit log has of accounts."""
        with self.context.database.read() as connection:
            lines = connection.execute(sa.select(audit_log).order_by(audit_log.c.id))
            of_accounts = [line for line in lines if line.action.startswith("account.")]
            return [(line.action, line.object_id, line.reason) for line in of_accounts]


def a_door(make: MakeDatabase, provider: IdentityProvider, folder: Path) -> Door:
    installation = an_installation(make, now=datetime.now(UTC))
    talk = Provider(settings(folder, provider.url), public_url=ORIGIN)
    provider.spoils()
    return Door(installation, replace(installation.intake(), sign_on=talk), provider)


@pytest.fixture
def door(sqlite_database: MakeDatabase, provider: IdentityProvider, tmp_path: Path) -> Door:
    """A front door with an honest provider."""
    return a_door(sqlite_database, provider, tmp_path)


def roles(*names: str) -> dict[str, Any]:
    return {"realm_access": {"roles": list(names)}}


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


NOT_OURS: list[tuple[dict[str, Any], str]] = [
    ({"signed": "none"}, "algorithm"),
    ({"signed": "with-the-public-key"}, "algorithm"),
    ({"signed": "by-another"}, "signature"),
    ({"signed": "by-an-unknown-key"}, "unknown-key"),
    ({"claims": {"aud": "another"}}, "claim-aud"),
    ({"claims": {"aud": ["aid", "another"]}}, "claim-azp"),
    ({"claims": {"iss": "http://127.0.0.1:1"}}, "claim-iss"),
    ({"claims": {"exp": int(time.time()) - 3600}}, "expired"),
    ({"claims": {"exp": None}}, "claim-exp"),
    ({"claims": {"iat": int(time.time()) + 3600}}, "claim-iat"),
    ({"claims": {"nonce": "of another sign-in"}}, "claim-nonce"),
    ({"claims": {"nonce": None}}, "claim-nonce"),
    ({"claims": {"sub": None}}, "claim-sub"),
    ({"claims": {"sub": 7}}, "claim-sub"),
    ({"claims": {"sub": ""}}, "claim-sub"),
]


def test_an_id_token_that_is_not_exactly_ours_is_refused_and_audited(door: Door) -> None:
    for how, reason in NOT_OURS:
        door.provider.spoils(**how)
        browser, answer = door.enter("s-3", employee="b019", **roles("platform"))
        assert answer.status_code == 401, how
        assert browser.get_cookie("sid") is None
        assert "could not be verified" in answer.text
        assert door.logged()[-1] == ("account.sign-in-refused", "unknown", f"proof-{reason}"), how
    assert len(door.logged()) == len(NOT_OURS)


def test_an_answer_belongs_to_one_sign_in_of_one_browser(door: Door) -> None:
    door.provider.knows("s-4", employee="b020", **roles("platform"))
    mine, other = door.browser(), door.browser()
    back = door.way_back(mine, "s-4")
    other.get("/auth/oidc")
    code = parse_qs(urlsplit(back).query)["code"][0]
    for browser, address in (
        (other, back),
        (door.browser(), back),
        (mine, f"/auth/oidc/callback?code={code}&state=made-up"),
        (mine, f"/auth/oidc/callback?code={code}"),
    ):
        assert browser.get(address).status_code == 400
    assert mine.get(back).status_code == 303
    assert mine.get(back).status_code == 400
    assert [reason for _, _, reason in door.logged() if reason == "state"] == ["state"] * 5


def test_the_provider_may_decline(door: Door) -> None:
    browser = door.browser()
    sent = browser.get("/auth/oidc")
    state = parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0]
    declined = browser.get(f"/auth/oidc/callback?error=access_denied&state={state}")
    assert declined.status_code == 401
    assert door.logged()[-1] == ("account.sign-in-refused", "unknown", "provider-declined")
    made_up = browser.get(f"/auth/oidc/callback?code=made-up&state={state}")
    assert made_up.status_code == 401
    assert door.logged()[-1][2] == "proof-code-refused"


NO_PLACE: list[tuple[dict[str, Any], str, str]] = [
    (roles("librarian"), "no-post", "None of your roles"),
    ({}, "no-post", "None of your roles"),
    ({"realm_access": "handler"}, "no-post", "None of your roles"),
    (roles("handler"), "no-place", "names no agency"),
    (roles("handler") | {"agency": "navy"}, "unknown-place", "does not have your agency"),
    (roles("handler") | {"agency": ["health"]}, "no-place", "names no agency"),
    (roles("window") | {"unit": "110101001001"}, "unknown-place", "does not have your agency"),
    (roles("platform") | {"employee": "operator"}, "local-account", "password alone"),
    (roles("platform") | {"employee": "../x"}, "bad-account", "cannot be one here"),
    (roles("platform") | {"employee": 17}, "bad-account", "cannot be one here"),
]


def test_whoever_has_no_place_here_is_told_so_in_both_languages(door: Door) -> None:
    for claims, reason, words in NO_PLACE:
        browser, answer = door.enter("s-5", **({"employee": "b021"} | claims))
        assert answer.status_code == 403, claims
        assert words in answer.text
        assert "Ask your administrator" in answer.text
        assert "请联系本单位管理员" in answer.text
        assert browser.get_cookie("sid") is None
        action, _, why = door.logged()[-1]
        assert (action, why) == ("account.sign-in-refused", reason), claims
    assert len(door.logged()) == len(NO_PLACE)


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


def test_while_the_provider_is_away_that_is_said_and_nobody_is_locked_out(
    door: Door, tmp_path: Path, sqlite_database: MakeDatabase
) -> None:
    inside, _ = door.enter("s-14", employee="b027", **roles("platform"))
    away = Provider(settings(tmp_path, f"http://127.0.0.1:{free_port()}"), public_url=ORIGIN)
    dark = Door(door.installation, replace(door.context, sign_on=away), door.provider)
    for _ in range(2):
        answer = dark.browser().get("/auth/oidc")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "does not answer" in answer.text
        assert "暂时无法连接" in answer.text
    cookie = inside.get_cookie("sid")
    assert cookie is not None
    assert sign_in.renew(dark.context, cookie.value).principal.staff == "b027"
    assert dark.browser().get("/auth/oidc/signed-out").status_code == 200
    again, _ = door.enter("s-14", employee="b027", **roles("platform"))
    assert door.holder(again).staff == "b027"


@pytest.mark.parametrize(
    "text",
    [
        SETTINGS.replace("client_id", "client_secret: x\nclient_id"),
        SETTINGS.replace("role: hut", "role: client"),
        SETTINGS.replace("{issuer}", "http://sso.example.org"),
        SETTINGS.replace("{issuer}", "https://sso.example.org"),
        "posts: [",
        "issuer: x",
    ],
)
def test_wrong_settings_are_said_at_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadProviderSettings) as wrong:
        settings(tmp_path, "http://127.0.0.1:1", text)
    assert "CAREHUT_OIDC_FILE" in wrong.value.text.zh
