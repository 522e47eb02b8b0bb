"""What the identity provider or somebody in its place may answer, and who is not let in for it, and told why."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.local.ports import free_port
from services.intake.use_cases import sign_in
from shared.identity.oidc import BadProviderSettings, ProviderAway
from shared.identity.oidc.provider import Provider
from tests.integration.intake.front_door import ORIGIN, SETTINGS, Door, roles, settings

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


def test_while_the_provider_is_away_that_is_said_and_nobody_is_locked_out(door: Door, tmp_path: Path) -> None:
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


def test_a_provider_that_does_not_say_who_it_is_counts_as_away(door: Door, tmp_path: Path) -> None:
    door.provider.spoils(metadata={"issuer": None})
    with pytest.raises(ProviderAway):
        Provider(settings(tmp_path, door.provider.url), public_url=ORIGIN).ask()


@pytest.mark.parametrize(
    "text",
    [
        SETTINGS.replace("client_id", "client_secret: x\nclient_id"),
        SETTINGS.replace("role: hut", "role: client"),
        SETTINGS.replace("{issuer}", "http://sso.example.org"),
        SETTINGS.replace("{issuer}", "https://sso.example.org"),
        SETTINGS.replace("{issuer}", "'https://['"),
        "posts: [",
        "issuer: x",
    ],
)
def test_wrong_settings_are_said_at_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadProviderSettings) as wrong:
        settings(tmp_path, "http://127.0.0.1:1", text)
    assert "CAREHUT_OIDC_FILE" in wrong.value.text.zh
