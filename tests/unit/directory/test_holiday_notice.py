"""Reading a holiday notice: everything wrong is told at once, and a good one stands for its year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import DayMark
from shared.directory import District, load_pack
from shared.directory.content import district_from
from shared.directory.holiday_notice import (
    HolidayNotice,
    carried_over,
    imported_notices,
    read_notice,
    version_on_disk,
    with_notice,
)
from shared.text import Text
from tests.unit.directory.notices import HEADER, NOTICE_2027, write_notice


@pytest.fixture(scope="module")
def pack() -> District:
    """The demo pack, whole, as it lies on disk."""
    return load_pack("530103")


@pytest.fixture
def notice(tmp_path: Path) -> HolidayNotice:
    """The made-up notice for 2027."""
    read, errors = read_notice(write_notice(tmp_path), "国办发明电〔2026〕0 号")
    assert errors == []
    assert read is not None
    return read


def wrong(tmp_path: Path, rows: list[str], header: str = HEADER) -> list[str]:
    """Give what is wrong with a table, as ``line: sentence``."""
    read, errors = read_notice(write_notice(tmp_path, rows, header), "test")
    assert read is None
    assert all(error.file == "notice.csv" and error.remedy.zh and error.remedy.en for error in errors)
    return [f"{error.line}: {error.message.en}" for error in errors]


def test_a_notice_is_for_the_year_of_its_last_day(notice: HolidayNotice) -> None:
    assert notice.year == 2027
    assert len(notice.days) == len(NOTICE_2027)
    assert notice.days[0] == (
        date(2026, 12, 27),
        True,
        Text("元旦调休上班", "Make-up day for New Year's Day"),
    )


def test_everything_wrong_in_a_notice_is_told_at_once_by_line(tmp_path: Path) -> None:
    rows = [
        "2027-01-01,off,元旦,New Year's Day",
        "2027-02-30,off,春节,Spring Festival",
        "2027-02-05,closed,春节,Spring Festival",
        "2027-02-08,off,,Spring Festival",
        "2027-04-05,off",
        "2027-01-01,off,元旦,New Year's Day",
    ]
    assert wrong(tmp_path, [*rows, *NOTICE_2027[15:]]) == [
        "3: “date” must be a date.",
        "4: “day” must be one of: off, work.",
        "5: “name_zh” is empty.",
        "6: This row has the wrong number of columns.",
        "7: 2027-01-01 is marked twice.",
        "24: The holiday 2027-04-05 (清明节 Tomb-Sweeping Day) is missing.",
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2027-03-03,work,调休,Make-up day", "2027-03-03 is no weekend and is worked anyway."),
        ("2026-11-28,work,调休,Make-up day", "2026-11-28 does not belong to the notice for 2027."),
        ("2026-10-01,off,国庆,National Day", "2026-10-01 does not belong to the notice for 2027."),
    ],
)
def test_a_day_that_no_notice_can_hold_is_told(tmp_path: Path, row: str, sentence: str) -> None:
    assert wrong(tmp_path, [*NOTICE_2027, row]) == [f"{len(NOTICE_2027) + 2}: {sentence}"]


def test_a_holiday_by_law_can_be_neither_worked_nor_left_out(tmp_path: Path) -> None:
    worked = [row.replace("10-02,off", "10-02,work") for row in NOTICE_2027]
    assert "is a holiday by law" in wrong(tmp_path, worked)[0]
    without = [row for row in NOTICE_2027 if not row.startswith("2027-09-15")]
    assert wrong(tmp_path, without) == [
        f"{len(without) + 1}: The holiday 2027-09-15 (中秋节 Mid-Autumn Festival) is missing."
    ]


def test_a_table_without_days_or_with_another_header_or_none_is_refused(tmp_path: Path) -> None:
    assert wrong(tmp_path, []) == ["1: The file has no days."]
    assert wrong(tmp_path, NOTICE_2027, "日期,类型,名称,英文") == [f"1: The header must be: {HEADER}."]
    assert read_notice(tmp_path / "none.csv", "test")[1][0].message.en == "This file is missing."


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = write_notice(tmp_path)
    file.write_bytes(file.read_text(encoding="utf-8-sig").encode("gbk"))
    assert read_notice(file, "test")[1][0].message.en == "The file is not UTF-8 text."


def test_a_notice_replaces_the_provisional_days_of_its_year_and_no_others(
    pack: District, notice: HolidayNotice
) -> None:
    laid = with_notice(pack, notice)
    assert not laid.calendar.is_provisional(date(2027, 8, 2))
    assert laid.calendar.is_working_day(date(2026, 12, 27))
    assert not laid.calendar.is_working_day(date(2027, 2, 12))
    assert laid.calendar.day(date(2026, 10, 10)) == pack.calendar.day(date(2026, 10, 10))
    assert laid.calendar.is_provisional(date(2028, 8, 1))
    assert laid.version != pack.version
    assert version_on_disk(laid) == pack.version == version_on_disk(pack)


def test_the_districts_own_day_stays_over_the_notice(pack: District, notice: HolidayNotice) -> None:
    own = {
        "date": "2027-02-12",
        "day": "work",
        "name": {"zh": "本区上班", "en": "Worked here"},
        "layer": "override",
        "year": 2027,
        "source": "test",
    }
    marked = district_from(
        {**pack.content, "calendar": [*pack.content["calendar"], own]}, version="test", service=None
    )
    assert with_notice(marked, notice).calendar.day(date(2027, 2, 12)).source == "override"


def test_a_corrected_notice_takes_the_place_of_the_one_before(pack: District, notice: HolidayNotice) -> None:
    fewer = HolidayNotice(2027, tuple(day for day in notice.days if day[0] != date(2027, 2, 12)), "second")
    laid = with_notice(with_notice(pack, notice), fewer)
    assert imported_notices(laid) == [fewer]
    assert laid.calendar.is_working_day(date(2027, 2, 12))
    assert laid.version == with_notice(pack, fewer).version


def test_applying_the_folder_again_keeps_the_notices_and_gives_the_same_version(
    pack: District, notice: HolidayNotice
) -> None:
    in_force = with_notice(pack, notice)
    assert carried_over(pack, in_force).version == in_force.version
    assert carried_over(pack, in_force).calendar == in_force.calendar
    assert carried_over(pack, None) is pack
    assert carried_over(pack, pack) is pack


def test_each_service_is_given_the_notice_with_its_cut(pack: District, notice: HolidayNotice) -> None:
    laid = with_notice(pack.for_service("intake"), notice)
    cut = laid.for_service("referrals")
    assert cut.calendar == laid.calendar
    assert cut.version == laid.version
    with pytest.raises(ValueError, match="not whole"):
        with_notice(cut, notice)


@given(st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=20))
def test_whatever_a_notice_says_is_what_its_year_then_says(pack: District, days: set[date]) -> None:
    notice = HolidayNotice(
        2027, tuple((on, on.weekday() >= 5, Text("测试", "test")) for on in sorted(days)), "test"
    )
    laid = with_notice(pack, notice)
    assert [mark for mark in laid.calendar.marks if mark.layer == "notice" and mark.notice_year == 2027] == [
        DayMark(on, worked, name, "notice", 2027, "test") for on, worked, name in notice.days
    ]
    assert all(laid.calendar.day(on).working == worked for on, worked, _name in notice.days)
