"""Due dates, the day they turn yellow, lights and days left."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import (
    Calendar,
    ClockRule,
    Deadline,
    FixedClock,
    SystemClock,
    days_left,
    deadline,
    light,
    local_date,
)
from tests.unit.clock.test_calendar import CALENDARS, DAYS, a_mark

ZONE = "Asia/Shanghai"
STATUTORY = Calendar()
DAY_RULES = st.builds(
    lambda unit, total: {"unit": unit, "total": total},
    st.sampled_from(["working_day", "calendar_day"]),
    st.integers(1, 60),
)
ALL_RULES = DAY_RULES | st.builds(lambda total: {"unit": "hour", "total": total}, st.integers(1, 200))


def at(day: str, hour: int = 10) -> datetime:
    """Give an hour of a day in the district."""
    return datetime.combine(date.fromisoformat(day), time(hour), ZoneInfo(ZONE))


def due(unit: str, total: int, start: datetime, calendar: Calendar = STATUTORY) -> Deadline:
    """Work out a deadline in the district."""
    rule: Any = {"unit": unit, "total": total}
    return deadline(rule, start, calendar, ZONE)


@pytest.mark.parametrize(
    ("unit", "total", "start", "due_on"),
    [
        ("working_day", 30, "2026-11-23", "2027-01-05"),
        ("working_day", 2, "2026-02-13", "2026-02-24"),  # Saturday the 14th counts, the festival does not
        ("working_day", 5, "2026-09-18", "2026-09-24"),
        ("working_day", 1, "2026-10-09", "2026-10-10"),
        ("calendar_day", 7, "2026-11-23", "2026-11-30"),
        ("calendar_day", 7, "2026-09-24", "2026-10-08"),  # 1 October rolls over the whole holiday
        ("calendar_day", 5, "2026-10-05", "2026-10-10"),  # a made-up Saturday is a working day to end on
        ("hour", 24, "2026-11-20", "2026-11-21"),  # hours run through the weekend
    ],
)
def test_known_due_dates(unit: str, total: int, start: str, due_on: str) -> None:
    assert due(unit, total, at(start)).due_on == date.fromisoformat(due_on)


@pytest.mark.parametrize(
    ("total", "most_left_on_yellow"),
    [
        (1, 0),
        (2, 0),
        (3, 1),
        (4, 1),
        (5, 2),
        (6, 2),
        (7, 2),
        (10, 2),
        (15, 2),
        (16, 3),
        (20, 3),
        (30, 5),
        (60, 11),
    ],
)
def test_yellow_begins_when_less_than_three_days_or_a_fifth_but_never_over_half_is_left(
    total: int, most_left_on_yellow: int
) -> None:
    found = due("working_day", total, at("2026-03-02"))
    assert days_left(found.due_on, found.yellow_on, STATUTORY) == most_left_on_yellow
    assert days_left(found.due_on, found.yellow_on - timedelta(1), STATUTORY) > most_left_on_yellow


@pytest.mark.parametrize(
    ("total", "yellow_at"),
    [
        (4, at("2026-11-23", 10)),
        (24, at("2026-11-23", 20)),
        (48, at("2026-11-24", 8)),
        (
            24 * 14,
            at("2026-12-03", 0),
        ),  # three working days, of which the last has eight hours, are less than half
        (24 * 60, at("2027-01-10", 8)),  # a fifth is more than three working days
    ],
)
def test_hours_turn_yellow_at_a_moment_and_red_at_the_hour(total: int, yellow_at: datetime) -> None:
    found = due("hour", total, at("2026-11-23", 8))
    assert found.due_at == at("2026-11-23", 8) + timedelta(hours=total)
    assert found.yellow_at == yellow_at
    assert found.yellow_on == local_date(yellow_at, ZONE)
    moments = (at("2026-11-23", 8), yellow_at, found.due_at, found.due_at + timedelta(seconds=1))
    assert [light("running", found, moment) for moment in moments] == ["green", "yellow", "yellow", "red"]


def test_a_day_clock_turns_yellow_as_its_day_begins() -> None:
    found = due("working_day", 2, at("2026-11-23"))
    assert found.yellow_at == at("2026-11-25", 0)
    assert found.yellow_on == date(2026, 11, 25)


def test_a_day_clock_runs_to_the_end_of_its_last_day_in_the_district() -> None:
    found = due("working_day", 1, at("2026-11-23"))
    assert found.due_at == datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)


def test_the_first_day_is_the_districts_own_not_that_of_utc() -> None:
    late = datetime(2026, 11, 23, 17, tzinfo=UTC)  # already the 24th in the district
    assert local_date(late, ZONE) == date(2026, 11, 24)
    assert due("working_day", 1, late).due_on == date(2026, 11, 25)


@pytest.mark.parametrize("rule", [{"unit": "fortnight", "total": 1}, {"unit": "working_day", "total": 0}])
def test_a_rule_without_sense_is_refused(rule: ClockRule) -> None:
    with pytest.raises(ValueError, match=r"fortnight|at least 1"):
        deadline(rule, at("2026-11-23"), STATUTORY, ZONE)


@given(CALENDARS, DAY_RULES, DAYS)
def test_a_due_date_counted_in_days_is_always_a_working_day(
    calendar: Calendar, rule: ClockRule, start: date
) -> None:
    assert calendar.is_working_day(deadline(rule, at(start.isoformat()), calendar, ZONE).due_on)


@given(CALENDARS, ALL_RULES, DAYS, DAYS)
def test_adding_a_holiday_never_brings_a_due_date_forward(
    calendar: Calendar, rule: ClockRule, start: date, holiday: date
) -> None:
    fewer_days = Calendar([*calendar.marks, a_mark(holiday, working=False)])
    begun = at(start.isoformat())
    assert deadline(rule, begun, fewer_days, ZONE).due_at >= deadline(rule, begun, calendar, ZONE).due_at


@given(CALENDARS, ALL_RULES, DAYS, st.integers(0, 40))
def test_who_starts_later_is_never_due_earlier(
    calendar: Calendar, rule: ClockRule, start: date, later: int
) -> None:
    begun = at(start.isoformat())
    second = begun + timedelta(days=later)
    assert deadline(rule, begun, calendar, ZONE).due_at <= deadline(rule, second, calendar, ZONE).due_at


@given(CALENDARS, ALL_RULES, DAYS, st.integers(0, 23))
def test_yellow_lies_between_start_and_due_day(
    calendar: Calendar, rule: ClockRule, start: date, hour: int
) -> None:
    found = deadline(rule, at(start.isoformat(), hour), calendar, ZONE)
    assert start <= found.yellow_on <= found.due_on


@given(CALENDARS, DAY_RULES, DAYS, DAYS)
def test_light_and_days_left_agree(calendar: Calendar, rule: ClockRule, start: date, today: date) -> None:
    found = deadline(rule, at(start.isoformat()), calendar, ZONE)
    shown = light("running", found, at(today.isoformat()))
    assert (shown == "red") == (today > found.due_on) == (days_left(found.due_on, today, calendar) < 0)
    assert (shown == "green") == (today < found.yellow_on)


def test_the_weekend_after_the_due_day_is_overdue() -> None:
    friday = date(2026, 11, 27)
    assert days_left(friday, friday, STATUTORY) == 0
    assert days_left(friday, friday + timedelta(1), STATUTORY) == -1
    assert days_left(friday, date(2026, 12, 1), STATUTORY) == -2


def test_paused_is_grey_and_ended_is_blue_however_late() -> None:
    late = due("working_day", 1, at("2026-11-02"))
    assert light("paused", late, at("2026-11-23")) == "grey"
    assert light("ended", late, at("2026-11-23")) == "blue"
    assert light("running", None, at("2026-11-23")) == "green"


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(at("2026-11-23"))
    assert clock.now() == clock.now() == at("2026-11-23")
    clock.move_to(at("2026-11-24"))
    assert clock.now() == at("2026-11-24")
    assert clock.now().tzinfo is UTC


def test_no_clock_takes_or_gives_a_moment_without_a_zone() -> None:
    assert SystemClock().now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 23))  # noqa: DTZ001 - the very thing it refuses
