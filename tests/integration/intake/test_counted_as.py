"""Somebody's legs of one programme are counted under one token, which joins nothing else and tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain.filing import Beneficiary, Need, Person
from services.intake.use_cases.counted_as import counted_as
from shared.db import Database
from tests.builders import HUT_UNIT, an_installation, id_number, the_district

NUMBER, CHILDS = id_number(), id_number(sequence=2)
MOTHER = Person(name="李秀英", residence=HUT_UNIT, id_number=NUMBER)
CHILD = Beneficiary(relation="child", name="李小明")
Token = Callable[..., str | None]


@pytest.fixture
def token(sqlite_database: Callable[[str], Database]) -> Token:
    """Call with a person, a programme and whom the leg is for, to get what it is counted as."""
    context = an_installation(sqlite_database).intake()

    def made(person: Person = MOTHER, programme: str = "dibao", **need: Any) -> str | None:
        found = the_district().programmes[programme]
        return counted_as(context, found, person, Need(programme=programme, **need))

    return made


def test_it_is_the_number_that_counts_and_not_how_the_rest_was_written(token: Token) -> None:
    assert token() == token(replace(MOTHER, name="李秀瑛", phone="13800001234"), note="加急")
    assert token() != token(replace(MOTHER, id_number=CHILDS))


def test_two_programmes_cannot_be_joined_unless_they_are_one_outside(token: Token) -> None:
    found = [token(programme=programme) for programme in ("dibao", "temp-spend", "pension", "psy", "mmt")]
    assert found[-2] == found[-1]
    assert len(set(found)) == len(found) - 1


def test_whom_a_leg_is_for_is_counted_and_not_who_asks(token: Token) -> None:
    numbered = token(beneficiary=replace(CHILD, id_number=CHILDS))
    assert numbered == token(replace(MOTHER, id_number=CHILDS))
    by_name = token(beneficiary=CHILD)
    assert by_name == token(beneficiary=replace(CHILD, relation="other"))
    assert len({token(), numbered, by_name, token(beneficiary=replace(CHILD, name="李小红"))}) == 4


def test_who_has_no_number_has_no_token(token: Token) -> None:
    nobody = replace(MOTHER, id_number=None)
    assert token(nobody) is None
    assert token(nobody, beneficiary=CHILD) is None
