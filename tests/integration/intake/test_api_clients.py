"""Outside systems of agencies: tokens for a secret, with scopes and an end, until they are revoked."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest
import sqlalchemy as sa

from services.intake.bootstrap import web
from services.intake.domain.api_clients import ClientRefused, TokenRefused
from services.intake.persistence.access_tables import clients
from services.intake.use_cases.api_clients import Issued, add_client, revoke_client, rotate_client
from services.intake.use_cases.client_tokens import client_token
from services.intake.use_cases.context import Context
from shared.audit import table as audit_log
from shared.directory import Directory
from shared.identity import DeniedStaff
from tests.builders import Installation
from tests.integration.intake.test_submit import events_of

AGENCY = "civil-affairs"


@pytest.fixture
def system(installation: Installation, context: Context) -> Issued:
    """A system of civil affairs that may read its queue and decide."""
    until = installation.clock.now() + timedelta(days=90)
    return add_client(context, AGENCY, "back-office", ["queue", "decisions"], until, actor="operator")


@pytest.fixture
def app(context: Context) -> flask.Flask:
    """The front door's application."""
    return web(context, public_url="http://127.0.0.1")


def basic(client: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()}


def ask(app: flask.Flask, form: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
    return app.test_client().post(
        "/auth/token", data={"grant_type": "client_credentials", **form}, headers=headers
    )


def logged(context: Context) -> list[tuple[str, str, str]]:
    with context.database.read() as connection:
        lines = connection.execute(sa.select(audit_log).order_by(audit_log.c.id))
        return [(line.action, line.actor, line.object_id) for line in lines if line.action[:7] == "client."]


def test_a_secret_gives_a_token_that_says_whose_system_it_is_and_what_it_may(
    installation: Installation, context: Context, app: flask.Flask, system: Issued
) -> None:
    by_header = ask(app, {}, basic(system.id, system.secret))
    by_form = ask(app, {"client_id": system.id, "client_secret": system.secret, "scope": "referrals.read"})
    assert by_header.status_code == by_form.status_code == 200
    assert by_header.json["token_type"] == "bearer"
    assert by_header.json["expires_in"] == 900
    assert by_header.json["scope"] == "queue decisions"
    assert by_header.headers["Cache-Control"] == "no-store"
    verify = installation.keyring("referrals").tokens.verify
    holder = verify(by_form.json["access_token"], installation.clock.now())
    assert (holder.staff, [str(post) for post in holder.posts]) == (
        "back-office@civil-affairs",
        ["client@civil-affairs"],
    )
    assert holder.scope == by_form.json["scope"] == "referrals.read"
    assert logged(context)[1:] == [("client.token-made", system.id, system.id)] * 2


def test_whatever_is_wrong_the_answer_is_the_same(
    installation: Installation, context: Context, app: flask.Flask, system: Issued
) -> None:
    ended = add_client(
        context, AGENCY, "old", ["queue"], installation.clock.now() + timedelta(days=1), actor="operator"
    )
    gone = add_client(
        context, AGENCY, "gone", ["queue"], ended.expires_at + timedelta(days=9), actor="operator"
    )
    revoke_client(context, gone.id, actor="operator", reason="no longer used")
    installation.clock.move_to(ended.expires_at)
    wrong = [
        ("nobody@civil-affairs", system.secret),
        (system.id, "wrong"),
        (system.id, ended.secret),
        (ended.id, ended.secret),
        (gone.id, gone.secret),
    ]
    answers = [ask(app, {}, basic(*pair)) for pair in wrong]
    assert {(answer.status_code, answer.data) for answer in answers} == {(401, answers[0].data)}
    assert answers[0].json["error"] == "invalid_client"
    assert answers[0].headers["WWW-Authenticate"].startswith("Basic")
    refused = [line for line in logged(context) if line[0] == "client.token-refused"]
    assert [actor for _, actor, _ in refused] == ["unknown", system.id, system.id, ended.id, gone.id]


@pytest.mark.parametrize(
    ("form", "headers", "error"),
    [
        ({}, {}, "invalid_client"),
        ({"client_id": "x" * 300, "client_secret": "y"}, {}, "invalid_client"),
        ({"client_id": "a\0b", "client_secret": "y"}, {}, "invalid_client"),
        ({}, {"Authorization": "Basic !!!"}, "invalid_client"),
        ({}, {"Authorization": "Digest x=1"}, "invalid_client"),
        ({"client_secret": "y"}, basic("x", "y"), "invalid_request"),
        ({"client_id": "z"}, basic("x", "y"), "invalid_request"),
        ({"client_id": ["x", "y"], "client_secret": "z"}, {}, "invalid_request"),
    ],
)
def test_what_no_client_sends_is_answered_by_the_standards_codes(
    app: flask.Flask, form: dict[str, Any], headers: dict[str, str], error: str
) -> None:
    answer = ask(app, form, headers)
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.json["error"] == error
    assert answer.json["error_description"].isascii()


@pytest.mark.parametrize("wanted", ["packets", "referrals.open-packet", "queue nonsense", "requests.read"])
def test_more_than_was_granted_is_refused(app: flask.Flask, system: Issued, wanted: str) -> None:
    answer = ask(app, {"scope": wanted}, basic(system.id, system.secret))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_the_secret_is_kept_nowhere(context: Context, system: Issued) -> None:
    with context.database.read() as connection:
        rows = [*connection.execute(sa.select(clients)), *connection.execute(sa.select(audit_log))]
    assert not [row for row in rows if system.secret in str(row)]


def test_a_token_ends_with_the_system_whose_it_is(
    installation: Installation, context: Context, system: Issued
) -> None:
    installation.clock.move_to(system.expires_at - timedelta(seconds=100))
    assert client_token(context, system.id, system.secret).expires_in == 100


def test_wrong_secrets_make_one_wait_as_wrong_passwords_do(
    installation: Installation, context: Context, app: flask.Flask, system: Issued
) -> None:
    for name in (system.id, "nobody@civil-affairs"):
        answers = [ask(app, {}, basic(name, "wrong")).status_code for _ in range(6)]
        assert answers == [401, 401, 401, 401, 401, 429]
    paused = ask(app, {}, basic(system.id, system.secret))
    assert (paused.status_code, paused.json["error"]) == (429, "temporarily_unavailable")
    assert paused.headers["Retry-After"] == "30"
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=30))
    assert ask(app, {}, basic(system.id, system.secret)).status_code == 200
    assert ask(app, {}, basic(system.id, "wrong")).status_code == 401


def test_a_revoked_systems_tokens_are_refused_in_every_service(
    installation: Installation, context: Context, system: Issued
) -> None:
    token = client_token(context, system.id, system.secret).token
    holder = context.keyring.tokens.verify(token, installation.clock.now())
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    for _ in range(2):
        revoke_client(context, system.id, actor="operator", reason="lost laptop")
    assert DeniedStaff(context.database).is_denied(holder, installation.clock.now())
    assert [(e.type, e.subject, e.sequence) for e in events_of(context)] == [
        ("staff.disabled.v1", system.id, 1)
    ]
    with pytest.raises(ClientRefused):
        rotate_client(context, system.id, actor="operator")


def test_a_new_secret_ends_the_old_one_and_its_tokens(
    installation: Installation, context: Context, system: Issued
) -> None:
    holder = context.keyring.tokens.verify(
        client_token(context, system.id, system.secret).token, installation.clock.now()
    )
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    fresh = rotate_client(
        context, system.id, actor="operator", expires_at=system.expires_at + timedelta(days=30)
    )
    with pytest.raises(TokenRefused):
        client_token(context, system.id, system.secret)
    assert DeniedStaff(context.database).is_denied(holder, installation.clock.now())
    assert [event.type for event in events_of(context)] == ["staff.changed.v1"]
    installation.clock.move_to(system.expires_at)
    assert client_token(context, system.id, fresh.secret).token


def test_an_old_secret_can_be_kept_beside_the_new_one_for_a_while(
    installation: Installation, context: Context, system: Issued
) -> None:
    fresh = rotate_client(context, system.id, actor="operator", overlap=timedelta(hours=2))
    for secret in (system.secret, fresh.secret):
        assert client_token(context, system.id, secret).token
    assert events_of(context) == []
    installation.clock.move_to(installation.clock.now() + timedelta(hours=2))
    with pytest.raises(TokenRefused):
        client_token(context, system.id, system.secret)


@pytest.mark.parametrize(
    ("agency", "name", "scopes", "days"),
    [
        ("nowhere", "x", ["queue"], 9),
        (AGENCY, "Not A Name", ["queue"], 9),
        (AGENCY, "rehab", ["queue"], 9),
        (AGENCY, "x", [], 9),
        (AGENCY, "x", ["referrals.confirm-return"], 9),
        (AGENCY, "x", ["referrals.approve"], 9),
        (AGENCY, "x", ["cases.read"], 9),
        (AGENCY, "x", ["queue"], 0),
        (AGENCY, "x", ["queue"], 400),
        (AGENCY, "back-office", ["queue"], 9),
    ],
)
def test_what_a_system_cannot_be_given_is_refused(
    installation: Installation,
    context: Context,
    system: Issued,
    agency: str,
    name: str,
    scopes: list[str],
    days: int,
) -> None:
    until = installation.clock.now() + timedelta(days=days)
    with pytest.raises(ClientRefused) as refused:
        add_client(context, agency, name, scopes, until, actor="operator")
    assert refused.value.text.zh
    assert refused.value.remedy.zh


def test_where_the_agency_holds_its_key_nothing_is_granted_that_opens_with_it(
    installation: Installation, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = installation.clock.now() + timedelta(days=9)
    before = add_client(context, AGENCY, "before", ["queue", "packets"], until, actor="operator")
    pack = installation.district
    own = replace(pack.agencies[AGENCY], keys="own")
    changed = replace(pack, agencies={**pack.agencies, AGENCY: own})
    monkeypatch.setattr(Directory, "current", lambda _: changed)
    for scope in ("packets", "badges", "referrals.open-paper"):
        with pytest.raises(ClientRefused):
            add_client(context, AGENCY, "after", [scope], until, actor="operator")
    assert client_token(context, before.id, before.secret).scope == "queue"
