"""Accounts: signing in, staying signed in, being disabled, and keeping step with who holds which post."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa

from services.intake.domain.errors import NotThere, SessionOver, SignInFailed
from services.intake.persistence import tables
from services.intake.use_cases import sign_in
from services.intake.use_cases.context import Context
from services.intake.use_cases.staff import disable_staff, first_passwords, sync_staff
from shared.audit import table as audit_log
from shared.directory import District, Post, StaffMember
from shared.identity import DeniedStaff, passwords
from tests.builders import HUT_UNIT, OTHER_UNIT, Installation
from tests.integration.intake.test_submit import events_of

PASSWORD = "lantern-bridge-seven-plums"
HUT = StaffMember("hut", "林秋禾", (Post("hut", unit=HUT_UNIT),), PASSWORD)
DESK = StaffMember("desk-health", "白映川", (Post("desk", agency="health"),), PASSWORD)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


def pack(installation: Installation, *staff: StaffMember) -> District:
    return replace(installation.district, staff=staff)


def sync(installation: Installation, context: Context, *staff: StaffMember) -> None:
    district = pack(installation, *staff)
    passwords = first_passwords(context.database, district)
    with context.database.unit_of_work() as uow:
        sync_staff(uow, district, installation.clock.now(), passwords)


@pytest.fixture
def accounts(installation: Installation, context: Context) -> Context:
    """Two accounts: ``hut`` and ``desk-health``."""
    sync(installation, context, HUT, DESK)
    return context


def logged(context: Context) -> list[tuple[str, str]]:
    with context.database.read() as connection:
        lines = connection.execute(
            sa.select(audit_log.c.action, audit_log.c.object_id).order_by(audit_log.c.id)
        )
        return [(line.action, line.object_id) for line in lines if line.action.startswith("account.")]


def test_the_right_password_gives_a_token_with_ones_posts(
    installation: Installation, accounts: Context
) -> None:
    signed_in = sign_in.sign_in(accounts, "hut", PASSWORD)
    for service in ("intake", "referrals", "notifications"):
        principal = installation.keyring(service).tokens.verify(signed_in.token, installation.clock.now())
        assert principal.staff == "hut"
        assert [str(post) for post in principal.posts] == [f"hut@{HUT_UNIT}"]
    assert logged(accounts) == [("account.signed-in", "hut")]


@pytest.mark.parametrize(("name", "password"), [("hut", "wrong"), ("nobody", PASSWORD), ("hut", "")])
def test_whatever_is_wrong_the_answer_is_the_same(accounts: Context, name: str, password: str) -> None:
    with pytest.raises(SignInFailed):
        sign_in.sign_in(accounts, name, password)
    assert logged(accounts) == [("account.sign-in-refused", "hut" if name == "hut" else "unknown")]


def test_an_unknown_account_costs_a_hash_too(accounts: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def counted(stored: str | None, password: str) -> bool:
        asked.append(stored)
        return passwords.verify_password(stored, password)

    monkeypatch.setattr(sign_in, "verify_password", counted)
    for name in ("hut", "nobody"):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(accounts, name, "wrong")
    assert len(asked) == 2


def test_five_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour(
    installation: Installation, accounts: Context
) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(accounts, "hut", "wrong")
    with pytest.raises(SignInFailed):
        sign_in.sign_in(accounts, "hut", PASSWORD)
    installation.clock.move_to(installation.clock.now() + timedelta(minutes=15, seconds=1))
    assert sign_in.sign_in(accounts, "hut", PASSWORD).principal.staff == "hut"


def test_wrong_passwords_sent_side_by_side_all_count(
    accounts: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(5)

    def wrong_for_all(_stored: str | None, _password: str) -> bool:
        together.wait(30)
        return False

    def tried() -> None:
        with pytest.raises(SignInFailed):
            sign_in.sign_in(accounts, "hut", "wrong")

    with monkeypatch.context() as patch, ThreadPoolExecutor(5) as pool:
        patch.setattr(sign_in, "verify_password", wrong_for_all)
        for guess in [pool.submit(tried) for _ in range(5)]:
            guess.result()
    with pytest.raises(SignInFailed):
        sign_in.sign_in(accounts, "hut", PASSWORD)


def test_a_right_password_forgets_the_wrong_ones(accounts: Context) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(SignInFailed):
                sign_in.sign_in(accounts, "hut", "wrong")
        assert sign_in.sign_in(accounts, "hut", PASSWORD).token


def test_a_session_is_renewed_while_it_is_used(installation: Installation, accounts: Context) -> None:
    token = sign_in.sign_in(accounts, "hut", PASSWORD).token
    for _ in range(4):
        installation.clock.move_to(installation.clock.now() + timedelta(minutes=40))
        token = sign_in.renew(accounts, token).token
        assert accounts.keyring.tokens.verify(token, installation.clock.now()).staff == "hut"


@pytest.mark.parametrize("pause", [timedelta(minutes=46), timedelta(hours=13)])
def test_a_session_left_alone_is_over(
    installation: Installation, accounts: Context, pause: timedelta
) -> None:
    token = sign_in.sign_in(accounts, "hut", PASSWORD).token
    installation.clock.move_to(installation.clock.now() + pause)
    with pytest.raises(SessionOver):
        sign_in.renew(accounts, token)


def test_no_session_lives_longer_than_a_working_day(installation: Installation, accounts: Context) -> None:
    token = sign_in.sign_in(accounts, "hut", PASSWORD).token
    for _ in range(18):
        installation.clock.move_to(installation.clock.now() + timedelta(minutes=40))
        token = sign_in.renew(accounts, token).token
    installation.clock.move_to(installation.clock.now() + timedelta(minutes=40))
    with pytest.raises(SessionOver):
        sign_in.renew(accounts, token)


def test_who_signed_out_is_not_renewed(accounts: Context) -> None:
    signed_in = sign_in.sign_in(accounts, "hut", PASSWORD)
    sign_in.sign_out(accounts, signed_in.principal)
    with pytest.raises(SessionOver):
        sign_in.renew(accounts, signed_in.token)


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJFZERTQSJ9.eyJpYXQiOjF9.c2ln"])
def test_what_is_no_token_of_ours_renews_nothing(accounts: Context, token: str) -> None:
    with pytest.raises(SessionOver):
        sign_in.renew(accounts, token)


def test_session_ids_are_stored_as_hashes_only(accounts: Context) -> None:
    signed_in = sign_in.sign_in(accounts, "hut", PASSWORD)
    with accounts.database.read() as connection:
        (row,) = connection.execute(sa.select(tables.sessions)).mappings()
    assert signed_in.principal.session not in str(dict(row))


def test_a_disabled_account_is_out_and_every_service_is_told(
    installation: Installation, accounts: Context
) -> None:
    signed_in = sign_in.sign_in(accounts, "hut", PASSWORD)
    principal = accounts.keyring.tokens.verify(signed_in.token, installation.clock.now())
    disable_staff(accounts, "hut", actor="operator", reason="left")
    assert DeniedStaff(accounts.database).is_denied(principal, installation.clock.now())
    with pytest.raises(SessionOver):
        sign_in.renew(accounts, signed_in.token)
    with pytest.raises(SignInFailed):
        sign_in.sign_in(accounts, "hut", PASSWORD)
    (told,) = events_of(accounts)
    assert (told.type, told.subject, told.sequence) == ("staff.disabled.v1", "hut", 1)
    assert ("account.disabled", "hut") in logged(accounts)


def test_disabling_twice_tells_once(accounts: Context) -> None:
    disable_staff(accounts, "hut")
    disable_staff(accounts, "hut")
    assert len(events_of(accounts)) == 1
    with pytest.raises(NotThere):
        disable_staff(accounts, "nobody")


def test_applying_the_pack_again_changes_nothing(installation: Installation, accounts: Context) -> None:
    sync(installation, accounts, HUT, DESK)
    assert events_of(accounts) == []
    assert sign_in.sign_in(accounts, "hut", PASSWORD).token


def test_changed_posts_are_told_and_take_effect_at_the_next_renewal(
    installation: Installation, accounts: Context
) -> None:
    token = sign_in.sign_in(accounts, "hut", PASSWORD).token
    moved = replace(HUT, posts=(Post("hut", unit=OTHER_UNIT),))
    installation.clock.move_to(installation.clock.now() + timedelta(minutes=1))
    sync(installation, accounts, moved, DESK)
    (told,) = events_of(accounts)
    assert (told.type, told.subject) == ("staff.changed.v1", "hut")
    denied = DeniedStaff(accounts.database)
    assert denied.is_denied(
        accounts.keyring.tokens.verify(token, installation.clock.now()), installation.clock.now()
    )
    installation.clock.move_to(installation.clock.now() + timedelta(seconds=1))
    renewed = accounts.keyring.tokens.verify(sign_in.renew(accounts, token).token, installation.clock.now())
    assert [str(post) for post in renewed.posts] == [f"hut@{OTHER_UNIT}"]
    assert not denied.is_denied(renewed, installation.clock.now())


def test_a_changed_password_outlives_the_next_pack(installation: Installation, accounts: Context) -> None:
    with accounts.database.unit_of_work() as uow:
        uow.connection.execute(
            sa.update(tables.staff)
            .where(tables.staff.c.id == "hut")
            .values(password_hash=passwords.hash_password("my own new secret"))
        )
    sync(installation, accounts, replace(HUT, posts=(Post("hut", unit=OTHER_UNIT),)), DESK)
    assert sign_in.sign_in(accounts, "hut", "my own new secret").token


def test_who_is_no_longer_listed_holds_no_post(installation: Installation, accounts: Context) -> None:
    sync(installation, accounts, DESK)
    assert sign_in.sign_in(accounts, "hut", PASSWORD).principal.posts == ()


def test_without_a_made_up_password_nobody_gets_in(installation: Installation, context: Context) -> None:
    sync(installation, context, replace(HUT, demo_password=None))
    for password in ("", PASSWORD):
        with pytest.raises(SignInFailed):
            sign_in.sign_in(context, "hut", password)


def test_the_command_line_makes_a_token_for_whoever_may_sign_in(accounts: Context) -> None:
    assert sign_in.make_token(accounts, "hut").principal.staff == "hut"
    disable_staff(accounts, "desk-health")
    for name in ("desk-health", "nobody"):
        with pytest.raises(NotThere):
            sign_in.make_token(accounts, name)
