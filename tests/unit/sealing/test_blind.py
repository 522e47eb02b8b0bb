"""Blind indexes: the same person is found however the value was written, and agencies cannot compare."""

from __future__ import annotations

import re

import pytest

from shared.sealing import Keyring, MissingKey, initials

ALIKE = [
    ("name", "张小明", " 张 小明 "),
    ("name", "阿依古丽·买买提", "阿依古丽•买买提"),
    ("name", "阿依古丽·买买提", "阿依古丽．买买提"),
    ("name", "Anna Li", "ANNA LI"),
    ("initials", "zxm", "ZXM"),
    ("phone", "13800138000", "138 0013-8000"),
    ("phone", "13800138000", "+86 138 0013 8000"),
    ("phone", "13800138000", "008613800138000"),
    ("phone", "13800138000", "１３８００１３８０００"),
    ("id_number", "99000019900101123X", " 99000019900101123x"),
    ("last4", "123X", "123x"),
    ("last4", "123X", "99000019900101123X"),
    ("receipt_code", "0123-4567-89AB", "o123 4567 89ab"),
    ("receipt_code", "1123-4567-89AB", "l123456789ab"),
]


@pytest.mark.parametrize(("kind", "one", "other"), ALIKE)
def test_what_means_the_same_is_found(intake: Keyring, kind: str, one: str, other: str) -> None:
    assert intake.index.full(kind, one) == intake.index.full(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("name", "张小明", "张小名"),
        ("phone", "13800138000", "13800138001"),
        ("phone", "8613812345", "13812345"),
    ],
)
def test_what_differs_is_not(intake: Keyring, kind: str, one: str, other: str) -> None:
    assert intake.index.full(kind, one) != intake.index.full(kind, other)


def test_kinds_are_kept_apart(intake: Keyring) -> None:
    assert intake.index.full("phone", "1234") != intake.index.full("last4", "1234")


def test_an_agency_finds_what_intake_indexed_for_it(intake: Keyring, referrals: Keyring) -> None:
    person = {"name": "张小明", "initials": "zxm", "phone": "13800138000", "last4": "123X"}
    tokens = intake.index.agency_tokens("health", **person)

    assert tokens.keys() == {"key_id", "name", "initials", "phone", "last4"}
    for kind, value in person.items():
        token = referrals.index.looked_for("health", kind, value)[0]
        assert tokens[kind] == token  # type: ignore[literal-required]
        assert re.fullmatch("[a-z2-7]{8}", token)


def test_two_agencies_share_no_token(intake: Keyring) -> None:
    health, employment = (
        intake.index.agency_tokens(agency, name="张小明", initials="zxm", phone="13800138000", last4="123X")
        for agency in ("health", "employment")
    )

    assert not set(health.values()) & set(employment.values())


def test_what_is_not_known_has_no_token(intake: Keyring) -> None:
    tokens = intake.index.agency_tokens("health", name="张小明", initials=None, phone="", last4="  ")

    assert (tokens["initials"], tokens["phone"], tokens["last4"]) == (None, None, None)
    assert tokens["name"]


def test_referrals_cannot_make_the_full_index(referrals: Keyring) -> None:
    with pytest.raises(MissingKey):
        referrals.index.full("id_number", "99000019900101123X")


def test_a_blank_value_or_unknown_kind_is_a_mistake(intake: Keyring) -> None:
    with pytest.raises(ValueError, match="blank"):
        intake.index.full("phone", "  ")
    with pytest.raises(KeyError):
        intake.index.full("shoe_size", "42")


def test_a_value_of_marks_alone_is_still_indexed(intake: Keyring) -> None:
    assert intake.index.full("phone", "无") != intake.index.full("phone", "none")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("张小明", "zxm"),
        ("曾国藩", "zgf"),
        ("单雄信", "sxx"),
        ("尉迟恭", "ycg"),
        ("欧阳修", "oyx"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("Anna Li", "al"),
        (" 李 娜 ", "ln"),
        ("李Anna", "la"),
        ("", ""),
    ],
)
def test_initials_are_what_clerks_type(name: str, letters: str) -> None:
    assert initials(name) == letters
