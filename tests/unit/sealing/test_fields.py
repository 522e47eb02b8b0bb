"""Encrypted columns: each ciphertext is worth something in its own row only."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shared.sealing import CannotDecrypt, Keyring
from tests.examples import examples
from tests.unit.sealing.conftest import Installation

within_one_keyring = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60)
)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1f"), max_size=20)
places = st.tuples(names, names, names)


@within_one_keyring
@given(place=places, value=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_encrypted_comes_back(intake: Keyring, place: tuple[str, str, str], value: str) -> None:
    assert intake.fields.decrypt(*place, intake.fields.encrypt(*place, value)) == value


@within_one_keyring
@given(place=places, value=st.binary(max_size=200))
def test_bytes_come_back_as_bytes(intake: Keyring, place: tuple[str, str, str], value: bytes) -> None:
    assert intake.fields.decrypt_bytes(*place, intake.fields.encrypt(*place, value)) == value


@within_one_keyring
@given(place=places, other=places, value=st.text(st.characters(exclude_categories=["Cs"])))
def test_ciphertext_moved_elsewhere_is_refused(
    intake: Keyring, place: tuple[str, str, str], other: tuple[str, str, str], value: str
) -> None:
    assume(place != other)
    with pytest.raises(CannotDecrypt):
        intake.fields.decrypt(*other, intake.fields.encrypt(*place, value))


@within_one_keyring
@given(data=st.data(), value=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_changed_bit_is_refused(intake: Keyring, data: st.DataObject, value: str) -> None:
    ciphertext = bytearray(intake.fields.encrypt("people", "name", "1", value))
    bit = data.draw(st.integers(0, 8 * len(ciphertext) - 1))
    ciphertext[bit // 8] ^= 1 << bit % 8

    with pytest.raises(CannotDecrypt):
        intake.fields.decrypt("people", "name", "1", bytes(ciphertext))


@within_one_keyring
@given(value=st.binary(max_size=80))
def test_what_is_no_ciphertext_is_refused(intake: Keyring, value: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        intake.fields.decrypt("people", "name", "1", value)


def test_two_ciphertexts_of_one_value_differ(intake: Keyring) -> None:
    assert len({intake.fields.encrypt("people", "name", "1", "张三") for _ in range(100)}) == 100


def test_nothing_stays_nothing(intake: Keyring) -> None:
    assert intake.fields.encrypt("people", "phone", "1", None) is None
    assert intake.fields.decrypt("people", "phone", "1", None) is None


def test_the_plain_text_is_not_in_the_ciphertext(intake: Keyring) -> None:
    assert "张三".encode() not in intake.fields.encrypt("people", "name", "1", "张三")


def test_the_key_id_stands_in_front(installation: Installation, intake: Keyring) -> None:
    ciphertext = intake.fields.encrypt("people", "name", "1", "张三")
    key = intake._now().field_key

    assert ciphertext[:1] == b"\x01"
    assert ciphertext[1:17] == key.head
    assert str(uuid.UUID(bytes=ciphertext[1:17])) in intake._now().keys


def test_another_services_column_is_refused(intake: Keyring, referrals: Keyring) -> None:
    with pytest.raises(CannotDecrypt, match="does not hold"):
        referrals.fields.decrypt("people", "name", "1", intake.fields.encrypt("people", "name", "1", "张三"))


def test_a_name_with_the_separator_is_a_mistake(intake: Keyring) -> None:
    with pytest.raises(ValueError, match="separator"):
        intake.fields.encrypt("people", "name\x1f1", "2", "张三")
