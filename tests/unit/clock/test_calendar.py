"""The working-day calendar: its layers, the days everybody knows, and arithmetic that holds on any calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import Calendar, DayMark
from shared.clock.calendar import Layer
from shared.text import Text

STATUTORY = Calendar()
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
NAME = Text("测试", "test")


def a_mark(on: date, *, working: bool, layer: Layer = "override", year: int | None = None) -> DayMark:
    """Mark a day; a notice is for the year of its day unless another is given."""
    return DayMark(on, working, NAME, layer, year or on.year)


CALENDARS = st.lists(
    st.builds(lambda on, working: a_mark(on, working=working), DAYS, st.booleans()), max_size=30
).map(Calendar)

MAKE_UP_DAYS = [
    *("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28"),
    *("2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12"),
    *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
]


@pytest.mark.parametrize("day", MAKE_UP_DAYS)
def test_offices_work_on_the_make_up_weekends_of_the_notices(day: str) -> None:
    on = date.fromisoformat(day)
    assert on.weekday() >= 5
    assert STATUTORY.is_working_day(on)
    assert not STATUTORY.is_provisional(on)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2024-02-09", 1, "2024-02-18"),  # the Sunday after the Spring Festival is worked
        ("2024-04-03", 1, "2024-04-07"),
        ("2024-06-07", 1, "2024-06-11"),
        ("2024-10-11", 1, "2024-10-12"),
        ("2025-01-24", 1, "2025-01-26"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2025-12-31", 2, "2026-01-05"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-27", 2, "2026-03-02"),
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-09-18", 1, "2026-09-20"),
        ("2026-09-24", 1, "2026-09-28"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-11-23", 30, "2027-01-05"),  # across the year for which there is no notice yet
        ("2026-11-23", 0, "2026-11-23"),
        ("2027-01-05", -30, "2026-11-23"),
        ("2026-10-08", -1, "2026-09-30"),
    ],
)
def test_known_dates(start: str, days: int, due: str) -> None:
    assert STATUTORY.add_working_days(date.fromisoformat(start), days) == date.fromisoformat(due)


def test_next_year_is_provisional_until_its_notice_is_imported() -> None:
    festival = date(2027, 2, 8)
    assert not STATUTORY.is_working_day(festival)
    assert STATUTORY.is_provisional(festival)
    noticed = Calendar([a_mark(festival, working=False, layer="notice")])
    assert not noticed.is_provisional(festival)
    assert not noticed.is_provisional(date(2027, 10, 1))


def test_a_year_is_final_once_its_notice_is_known_whatever_the_district_marks() -> None:
    assert STATUTORY.is_final(2026)
    assert not STATUTORY.is_final(2027)
    assert not Calendar([a_mark(date(2027, 7, 1), working=False)]).is_final(2027)
    assert Calendar([a_mark(date(2026, 12, 27), working=True, layer="notice", year=2027)]).is_final(2027)


def test_a_notice_replaces_its_whole_year() -> None:
    labour_day_moved = Calendar([a_mark(date(2027, 5, 3), working=False, layer="notice")])
    assert not STATUTORY.is_working_day(date(2027, 5, 4))
    assert labour_day_moved.is_working_day(date(2027, 5, 4))
    assert not labour_day_moved.is_working_day(date(2027, 5, 3))


def test_the_notice_for_next_year_may_mark_a_day_of_this_one_without_replacing_it() -> None:
    sunday = date(2026, 12, 27)
    calendar = Calendar([a_mark(sunday, working=True, layer="notice", year=2027)])
    assert calendar.is_working_day(sunday)
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10))


def test_the_districts_own_day_wins_over_the_notice() -> None:
    day = date(2026, 4, 15)
    calendar = Calendar([a_mark(day, working=True, layer="notice"), a_mark(day, working=False)])
    assert not calendar.is_working_day(day)
    assert calendar.day(day).source == "override"


def test_each_day_says_on_whose_word_it_is_off() -> None:
    assert STATUTORY.day(date(2026, 10, 1)).source == "statutory"
    assert STATUTORY.day(date(2026, 10, 1)).name is not None
    assert STATUTORY.day(date(2026, 11, 21)).source == "weekday"


@given(CALENDARS, DAYS, st.integers(1, 90))
def test_adding_counts_exactly_the_working_days_that_follow(
    calendar: Calendar, start: date, days: int
) -> None:
    day, left = start, days
    while left:
        day += timedelta(1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, days) == day


@given(CALENDARS, DAYS, st.integers(1, 90))
def test_going_back_counts_exactly_the_working_days_before(
    calendar: Calendar, start: date, days: int
) -> None:
    day, left = start, days
    while left:
        day -= timedelta(1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, -days) == day


@given(CALENDARS, DAYS, DAYS)
def test_days_between_are_counted_one_by_one_and_turn_sign_with_the_ends(
    calendar: Calendar, one: date, other: date
) -> None:
    first, last = min(one, other), max(one, other)
    counted = sum(calendar.is_working_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))
    assert calendar.working_days_between(first, last) == counted
    assert calendar.working_days_between(last, first) == -counted


@given(CALENDARS, DAYS)
def test_the_next_working_day_is_the_day_itself_or_the_first_after_it(calendar: Calendar, day: date) -> None:
    following = calendar.next_working_day(day)
    assert calendar.is_working_day(following)
    assert not any(calendar.is_working_day(day + timedelta(n)) for n in range((following - day).days))
