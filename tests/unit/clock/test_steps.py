"""Public notices that count or do not, and the limits of steps within a deadline."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.clock import Calendar, ClockRule, deadline
from shared.clock.steps import PublicityRule, publicity_ends_at, publicity_pause, step_dues
from tests.unit.clock.test_calendar import CALENDARS, DAYS
from tests.unit.clock.test_deadlines import ALL_RULES, STATUTORY, ZONE, at

SEVEN_DAYS: PublicityRule = {"unit": "calendar_day", "total": 7, "counts": False}
COUNTED: PublicityRule = {"unit": "calendar_day", "total": 7, "counts": True}
STEPS = ["home-visit", "data-check", "publicity", "district-decision"]
LIMITS: dict[str, ClockRule] = {
    "home-visit": {"unit": "working_day", "total": 3},
    "data-check": {"unit": "working_day", "total": 3},
    "district-decision": {"unit": "working_day", "total": 10},
}
ACCEPTED = at("2026-11-23")


def due_days(reached: dict[str, datetime]) -> list[date | None]:
    """Give the due day of each limited step of an allowance accepted on Monday, 23 November."""
    found = step_dues(STEPS, LIMITS, ACCEPTED, reached, STATUTORY, ZONE, publicity=SEVEN_DAYS)
    return [step.due.due_on if step.due else None for step in found]


def test_a_notice_hangs_through_the_weekend_and_ends_with_its_last_day() -> None:
    ends = publicity_ends_at(SEVEN_DAYS, at("2026-11-29"), STATUTORY, ZONE)
    assert ends == at("2026-12-06", 23).replace(minute=59, second=59)


def test_a_notice_in_working_days_skips_the_holiday_and_one_in_hours_does_not() -> None:
    days: PublicityRule = {"unit": "working_day", "total": 3, "counts": True}
    hours: PublicityRule = {"unit": "hour", "total": 72, "counts": True}
    assert publicity_ends_at(days, at("2026-09-30"), STATUTORY, ZONE).date() == date(2026, 10, 10)
    assert publicity_ends_at(hours, at("2026-09-30"), STATUTORY, ZONE) == at("2026-10-03")


def test_only_a_notice_whose_days_do_not_count_stops_the_clock() -> None:
    rule: ClockRule = {"unit": "working_day", "total": 30}
    published = at("2026-11-30")
    assert publicity_pause(None, published, STATUTORY, ZONE) is None
    assert publicity_pause(COUNTED, published, STATUTORY, ZONE) is None
    pause = publicity_pause(SEVEN_DAYS, published, STATUTORY, ZONE)
    assert pause is not None
    assert pause.kind == "publicity"
    assert deadline(rule, ACCEPTED, STATUTORY, ZONE, [pause]).due_on == date(2027, 1, 12)


def test_the_first_step_runs_from_acceptance_and_the_others_wait() -> None:
    assert due_days({}) == [date(2026, 11, 26), None, None]


def test_a_step_runs_from_the_moment_the_one_before_was_reached() -> None:
    assert due_days({"home-visit": at("2026-11-25")}) == [date(2026, 11, 26), date(2026, 11, 30), None]


def test_the_decision_after_a_notice_runs_from_the_end_of_the_notice() -> None:
    reached = {
        "home-visit": at("2026-11-25"),
        "data-check": at("2026-11-27"),
        "publicity": at("2026-11-30"),
    }
    assert due_days(reached) == [date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 21)]


def test_a_step_that_was_skipped_takes_no_time_from_the_next() -> None:
    reached = {"data-check": at("2026-11-27"), "district-decision": at("2026-12-04")}
    found = step_dues(STEPS, LIMITS, ACCEPTED, reached, STATUTORY, ZONE, publicity=SEVEN_DAYS)
    assert [step.started_at for step in found] == [None, ACCEPTED, at("2026-11-27")]
    assert [step.reached_at for step in found] == [None, at("2026-11-27"), at("2026-12-04")]


@given(CALENDARS, ALL_RULES, DAYS, DAYS, st.sampled_from(["working_day", "calendar_day", "hour"]))
def test_a_notice_that_does_not_count_never_brings_a_decision_forward(
    calendar: Calendar, rule: ClockRule, start: date, published: date, unit: str
) -> None:
    notice: PublicityRule = {"unit": unit, "total": 7, "counts": False}  # type: ignore[typeddict-item]
    pause = publicity_pause(notice, at(published.isoformat()), calendar, ZONE)
    assert pause is not None
    begun = at(start.isoformat())
    counted = deadline(rule, begun, calendar, ZONE)
    assert deadline(rule, begun, calendar, ZONE, [pause]).due_at >= counted.due_at
