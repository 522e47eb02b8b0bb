"""Passwords: argon2id, and unknown accounts cost the same work as known ones."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from shared.identity import hash_password, needs_rehash, passwords, verify_password


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    # The real parameters take 64 MiB a try; what is tested here does not depend on them.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()


def test_only_the_right_password_opens() -> None:
    stored = hash_password("correct horse")

    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horsE")
    assert not verify_password(stored, "")


def test_it_is_argon2id_with_a_salt_of_its_own() -> None:
    one, other = (hash_password("correct horse") for _ in range(2))

    assert one.startswith("$argon2id$")
    assert one != other


def test_input_methods_may_write_the_same_letters_differently() -> None:
    assert verify_password(hash_password("ｐassword密码"), "password密码")


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_without_a_hash_nothing_opens(stored: str | None) -> None:
    assert not verify_password(stored, "an account that does not exist")


def test_an_unknown_account_costs_one_hash_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, stored: str, password: bytes) -> bool:
            tried.append(stored)
            return real.verify(stored, password)

        def hash(self, password: bytes) -> str:
            return real.hash(password)

    stored = hash_password("correct horse")
    monkeypatch.setattr(passwords, "_hasher", Counting())
    verify_password(stored, "wrong")
    verify_password(None, "wrong")

    def parameters(made: str) -> list[str]:
        return made.split("$")[1:4]

    assert len(tried) == 2
    assert parameters(tried[0]) == parameters(tried[1])


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_too_short_and_too_long_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        hash_password(password)


def test_a_very_long_try_is_refused() -> None:
    stored = hash_password("x" * 256)

    assert verify_password(stored, "x" * 256)
    assert not verify_password(stored, "x" * 100_000)


def test_hashes_with_old_parameters_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    old = hash_password("correct horse")
    assert not needs_rehash(old)

    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))

    assert needs_rehash(old)
    assert verify_password(old, "correct horse")


def test_the_parameters_of_a_running_system_are_no_weaker_than_recommended() -> None:
    stored = PasswordHasher()

    assert (stored.time_cost, stored.memory_cost) >= (3, 65_536)
