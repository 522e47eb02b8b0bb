"""An agency's own system at the API: it acts as the desk, as far as its scopes go, and is named as what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest

from services.intake.use_cases.api_clients import add_client, revoke_client
from services.intake.use_cases.client_tokens import client_token
from shared.identity import Post, Principal
from tests.integration.referrals.desk import Caller, Road, leg_of

SYSTEM = "back-office@civil-affairs"
ALL = "queue badges packets decisions words"


def a_system(road: Road, app: flask.Flask, scope: str | None, agency: str = "civil-affairs") -> Caller:
    """Give an agency's system with a token for these scopes."""
    post = Post("client", agency=agency)
    principal = Principal(f"back-office@{agency}", "session-of-a-system", (post,), scope=scope)
    token = road.installation.keyring("intake").tokens.sign(principal, road.installation.clock.now())
    return Caller(app.test_client(), principal, token)


def test_it_reads_its_queue_and_decides_and_history_and_log_name_it(
    road: Road, app: flask.Flask, desk: Caller
) -> None:
    leg = leg_of(road.file("temp-urgent", "pension"))
    system = a_system(road, app, ALL)
    assert [item["id"] for item in system.get("/referrals").json["items"]] == [leg]
    shown = system.get(f"/referrals/{leg}").json
    assert "acknowledge" in shown["actions"]
    assert "claim" not in shown["side_actions"]
    taken = system.post(f"/referrals/{leg}/acknowledge", version=shown["version"])
    assert taken.json["status"] == "received"
    for reader in (system, desk):
        last = reader.get(f"/referrals/{leg}/history").json["items"][-1]
        assert (last["action"], last["actor"], last["role"]) == ("acknowledge", SYSTEM, "client")
    line = road.audited("referral.acknowledged")[0]
    assert (line.actor, line.post) == (SYSTEM, "client@civil-affairs")
    assert system.get(f"/referrals/{leg}/clock").status_code == 200
    assert system.post(f"/referrals/{leg}/packet/open", {"reason": "checking"}).status_code == 200
    assert road.audited("packet.opened")[0].actor == SYSTEM


@pytest.mark.parametrize("scope", ["queue", None])
def test_what_no_scope_covers_is_forbidden_and_audited(
    road: Road, app: flask.Flask, scope: str | None
) -> None:
    leg = leg_of(road.file("temp-urgent"))
    system = a_system(road, app, scope)
    asked: list[Any] = [
        system.post(f"/referrals/{leg}/acknowledge", version=1),
        system.post(f"/referrals/{leg}/packet/open", {"reason": "checking"}),
        system.post(f"/referrals/{leg}/urge"),
    ]
    assert {answer.status_code for answer in asked} == {403}
    assert len(road.audited("access.refused")) == len(asked)
    answer = system.get("/referrals")
    assert answer.status_code == (200 if scope else 403)
    assert not scope or all(item["badge"] is None for item in answer.json["items"])


def test_another_agencys_referral_is_not_there(road: Road, app: flask.Flask) -> None:
    leg = leg_of(road.file("temp-urgent"))
    other = a_system(road, app, ALL, agency="employment")
    nowhere = other.get("/referrals/019aae10-4c01-7c42-8a10-6d5b3e9f7c09")
    for answer in (other.get(f"/referrals/{leg}"), other.post(f"/referrals/{leg}/acknowledge", version=1)):
        assert answer.status_code == nowhere.status_code == 404
    assert other.get("/referrals").json["items"] == []
    assert other.get("/cases/019aae10-4c01-7c42-8a10-6d5b3e9f7c09").status_code == 404


def test_what_needs_the_leader_waits_for_the_leader(road: Road, app: flask.Flask) -> None:
    leg = leg_of(road.file("temp-urgent"))
    system = a_system(road, app, ALL)
    assert system.post(f"/referrals/{leg}/accept", version=1).status_code == 200
    refusal = {"outcome": "refused", "reason": "income-above-limit", "note": "人均收入超过标准"}
    asked = system.post(f"/referrals/{leg}/close", refusal, version=2)
    assert (asked.status_code, asked.json["pending"]["by"]) == (200, SYSTEM)
    assert system.post(f"/referrals/{leg}/approve", version=3).status_code == 403
    assert system.post(f"/referrals/{leg}/decline", version=3).json["pending"] is None


def test_once_it_is_revoked_its_tokens_are_good_for_nothing_here_either(road: Road, app: flask.Flask) -> None:
    intake, clock = road.installation.intake(), road.installation.clock
    made = add_client(
        intake, "civil-affairs", "ledger", ["queue"], clock.now() + timedelta(days=9), actor="operator"
    )
    token = client_token(intake, made.id, made.secret).token
    system = replace(a_system(road, app, "queue"), token=token)
    assert system.get("/referrals").status_code == 200
    clock.move_to(clock.now() + timedelta(seconds=1))
    revoke_client(intake, made.id, actor="operator", reason="no longer used")
    road.carry()
    # Another application reads the table of those denied afresh, as each does within seconds.
    later = replace(system, client=road.app().test_client())
    assert later.get("/referrals").status_code == 401
