"""An opened packet in words: dates as people write them, and a note under its own label."""

from __future__ import annotations

import pytest

from services.referrals.use_cases.packet_words import packet_in_words
from shared.directory import District, find_pack, load_pack
from shared.text import Text


@pytest.fixture(scope="module")
def district() -> District:
    return load_pack(find_pack("530103")).for_service("referrals")


def test_a_date_of_birth_is_written_as_people_write_it(district: District) -> None:
    (section,) = packet_in_words({"person": {"birth_date": "1988-03-12"}}, "dibao", district)
    ((label, value),) = section.lines
    assert label == Text("出生日期", "Date of birth")
    assert value == Text("1988年3月12日", "12 Mar 1988")


def test_a_date_that_is_none_is_shown_as_it_is(district: District) -> None:
    (section,) = packet_in_words({"person": {"birth_date": "spring 1988"}}, "dibao", district)
    assert [value for _, value in section.lines] == ["spring 1988"]


def test_a_note_has_a_label_of_its_own(district: District) -> None:
    (section,) = packet_in_words({"note": "上门前请先打电话"}, "dibao", district)
    ((label, value),) = section.lines
    assert label != section.title
    assert value == "上门前请先打电话"
