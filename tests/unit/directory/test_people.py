"""What people say of themselves, the made-up people of the demo, and the consent they sign."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.directory import District, forbidden_word, load_pack
from shared.directory.demo_people import REGION, demo_id_number, demo_people
from shared.directory.texts import consent_text
from shared.directory.validation import (
    birth_date_in,
    id_number_problem,
    phone_problem,
    registration_warning,
    residence_problem,
    tidy_id_number,
)
from shared.text import Text

TODAY = date(2026, 11, 23)
BIRTHS = st.dates(date(1920, 1, 1), TODAY)


@pytest.fixture(scope="module")
def district() -> District:
    return load_pack("530103")


def said(problem: Text | None) -> str:
    assert problem is not None
    assert problem.zh
    return problem.en


@given(BIRTHS, st.integers(0, 999))
def test_every_made_up_id_number_is_right_and_nobodys(birth: date, serial: int) -> None:
    number = demo_id_number(birth, serial)
    assert id_number_problem(number, TODAY) is None
    assert number.startswith(REGION)
    assert birth_date_in(number) == birth


@given(BIRTHS, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(birth: date, serial: int, place: int, by: int) -> None:
    right = demo_id_number(birth, serial)
    digit = "X" if right[place] == "X" else str((int(right[place]) + by) % 10)
    wrong = right[:place] + ("0" if digit == "X" else digit) + right[place + 1 :]
    assert id_number_problem(wrong, TODAY) is not None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("53010319900307001", "18 characters"),
        ("5.30103199003E+17", "18 characters"),
        ("9900001985031200١X", "18 characters"),
        ("530199199003070016", "does not fit the others"),
        ("990000199013070014", "not a date of birth"),
        (demo_id_number(date(1990, 3, 7), 1)[:-1] + "?", "18 characters"),
        (demo_id_number(date(2099, 3, 7), 1), "in the future"),
    ],
)
def test_a_wrong_id_number_is_refused_with_the_reason(number: str, expected: str) -> None:
    assert expected in said(id_number_problem(number, TODAY))


def test_who_is_born_today_has_a_number() -> None:
    assert id_number_problem(demo_id_number(TODAY, 1), TODAY) is None


def test_an_abolished_region_is_no_reason_to_refuse() -> None:
    assert id_number_problem("530199199003070019"[:17] + "X", TODAY) is not None
    number = tidy_id_number(" 110105194912310 02x ")
    assert id_number_problem(number, TODAY) is None


@pytest.mark.parametrize("number", ["13800138000", "138 0013 8000", "0871-65100000", "+86 871 6510 0000"])
def test_chinese_telephone_numbers_are_accepted(number: str) -> None:
    assert phone_problem(number) is None


@pytest.mark.parametrize("number", ["1380013800", "65100000", "hello", "", "99999999999"])
def test_other_telephone_numbers_are_refused_with_an_example(number: str) -> None:
    assert "0871-65100000" in said(phone_problem(number))


def test_residence_is_a_community_of_the_district(district: District) -> None:
    assert residence_problem("530103004007", district) is None
    assert "not a community" in said(residence_problem("530103004", district))
    assert "not in this district" in said(residence_problem("141002201200", district))


def test_household_registration_may_be_anywhere(district: District) -> None:
    assert registration_warning("530103004007", district) is None
    assert "hand-over note" in said(registration_warning("141002", district))


def test_the_same_seed_makes_the_same_people_and_none_twice() -> None:
    first, again, other = (list(islice(demo_people(seed), 500)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({person.id_number for person in first}) == 500
    assert all(id_number_problem(person.id_number, TODAY) is None for person in first)


def test_a_serial_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="serial"):
        demo_id_number(date(1990, 1, 1), 1000)


def test_the_consent_names_all_that_the_law_asks_for(district: District) -> None:
    text = consent_text(district, "civil-affairs", ["dibao"], ["identity", "income"], date(2027, 11, 22))
    for words in (
        "协调办公室",
        "民政局",
        "低保",
        "身份信息",
        "收入和财产",
        "2027-11-22",
        "撤回",
        "五年",
        "敏感",
    ):
        assert words in text.zh
    assert "Civil Affairs Bureau" in text.en
    assert forbidden_word(text.zh + text.en) is None
    assert "{" not in text.zh + text.en


def test_only_the_consent_for_maintenance_treatment_tells_of_the_filing_with_the_police(
    district: District,
) -> None:
    kinds, until = ["identity", "health"], date(2027, 11, 22)
    assert "公安" in consent_text(district, "health", ["mmt"], kinds, until).zh
    assert "公安" not in consent_text(district, "health", ["psy"], kinds, until).zh


@pytest.mark.parametrize(
    "innocent", ["archive", "address", "社区", "健康服务", "hidrug-free".replace("drug", "")]
)
def test_innocent_words_are_let_through(innocent: str) -> None:
    assert forbidden_word(innocent) is None


@pytest.mark.parametrize(
    "telling", ["正在戒毒", "Rehabilitation", "a Drug case", "爱心小屋转介", "care-hut", "CareHut"]
)
def test_telling_words_are_found_in_any_case(telling: str) -> None:
    assert forbidden_word(telling) is not None
