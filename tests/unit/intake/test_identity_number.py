"""Identity numbers: what is refused, and that every number made right is taken."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import identity_number
from tests.builders import id_number

TODAY = date(2026, 11, 23)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_every_number_made_by_the_rule_is_taken(born: date, sequence: int) -> None:
    number = id_number(born, sequence)
    assert identity_number.objection(number, TODAY) is None
    assert identity_number.birth_date(number) == born


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(born: date, sequence: int, place: int, shift: int) -> None:
    number = id_number(born, sequence)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert identity_number.objection(wrong, TODAY) is not None


@pytest.mark.parametrize(
    ("number", "objection"),
    [
        ("12345", identity_number.WRONG_FORM),
        ("99000019850312001", identity_number.WRONG_FORM),
        ("9900001985031200١X", identity_number.WRONG_FORM),
        ("990000198502300017", identity_number.NO_SUCH_DATE),
        ("530199199003070016", identity_number.WRONG_CHECK_DIGIT),
        (id_number(date(2027, 1, 1)), identity_number.FUTURE_DATE),
    ],
)
def test_each_kind_of_mistake_has_its_own_words(number: str, objection: object) -> None:
    assert identity_number.objection(number, TODAY) is objection


@pytest.mark.parametrize("number", ["530199199003070015", "141002198001010013"])
def test_a_region_that_lists_do_not_know_is_no_reason_to_refuse(number: str) -> None:
    assert identity_number.objection(number[:17] + identity_number.check_digit(number[:17]), TODAY) is None


def test_who_is_born_today_has_a_number() -> None:
    assert identity_number.objection(id_number(TODAY), TODAY) is None


def test_a_small_x_and_spaces_are_tidied() -> None:
    assert identity_number.tidy("990000 19850312 001x") == "99000019850312001X"
