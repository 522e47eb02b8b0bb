"""Clocks that stood still: due dates after pauses, days brought along, extensions, and their explanation."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.clock import Calendar, ClockRule, Pause, days_left, deadline, explain, light, total_until
from tests.unit.clock.test_calendar import CALENDARS, DAYS, a_mark
from tests.unit.clock.test_deadlines import ALL_RULES, DAY_RULES, STATUTORY, ZONE, at

TODAY_AND_LATER = st.integers(-10, 200)
ORDER = ("green", "yellow", "red")


@st.composite
def some_pauses(draw: st.DrawFn) -> list[Pause]:
    """Draw pauses about the days of a clock: before it, within it, touching, overlapping, or of no length."""
    spans = draw(
        st.lists(st.tuples(st.integers(-5, 90), st.integers(0, 23), st.integers(0, 400)), max_size=4)
    )
    base = at("2026-01-01", 0)
    return [
        Pause(
            base + timedelta(days=day, hours=hour), base + timedelta(days=day, hours=hour + length), "papers"
        )
        for day, hour, length in spans
    ]


def moved(pauses: list[Pause], start: date) -> list[Pause]:
    """Lay drawn pauses beside the day a clock starts on."""
    by = at(start.isoformat(), 0) - at("2026-01-01", 0)
    return [Pause(pause.start + by, pause.end + by, pause.kind) for pause in pauses]


PAUSES = some_pauses()


def a_pause(begun: str, ended: str, kind: str = "papers") -> Pause:
    """Pause from one moment to another (``2026-11-24 10``) of the district."""
    first, last = (part.split() for part in (begun, ended))
    return Pause(at(first[0], int(first[1])), at(last[0], int(last[1])), kind)


def due_on(unit: str, total: int, start: str, *pauses: Pause, used: int = 0) -> date:
    """Work out a due day from an hour of the district (``2026-11-23 10``)."""
    day, hour = start.split()
    rule: Any = {"unit": unit, "total": total}
    return deadline(rule, at(day, int(hour)), STATUTORY, ZONE, pauses, used).due_on


@pytest.mark.parametrize(
    ("unit", "total", "start", "pauses", "due"),
    [
        # Monday the 23rd; Tuesday the 24th is used, Wednesday to Friday are out, one day is left from Monday.
        ("working_day", 2, "2026-11-23 10", [("2026-11-24 9", "2026-11-24 17")], "2026-11-25"),
        ("working_day", 3, "2026-11-23 10", [("2026-11-24 9", "2026-11-27 9")], "2026-12-01"),
        # The day of pausing is used even if it is the day after the start, and the weekend never counted.
        ("working_day", 5, "2026-11-23 10", [("2026-11-26 16", "2026-11-30 9")], "2026-12-02"),
        # Pausing at once, on the day of the start, takes nothing but the days after it.
        ("working_day", 2, "2026-11-23 10", [("2026-11-23 11", "2026-11-25 11")], "2026-11-27"),
        # Across a make-up Saturday: 10 October is worked, and lies in the pause.
        ("working_day", 5, "2026-09-29 10", [("2026-09-30 10", "2026-10-12 10")], "2026-10-16"),
        # Stopped on the last day: that day is had again after the pause.
        ("working_day", 2, "2026-11-23 10", [("2026-11-25 16", "2026-12-02 9")], "2026-12-03"),
        # Calendar days: Tuesday is used, Wednesday to Friday are out; the seventh, Thursday, needs no rolling.
        ("calendar_day", 7, "2026-11-23 10", [("2026-11-24 9", "2026-11-27 9")], "2026-12-03"),
        ("calendar_day", 7, "2026-11-23 10", [("2026-11-24 9", "2026-11-26 9")], "2026-12-02"),
        # … and a last day off still rolls: Saturday 5 December to Monday.
        ("calendar_day", 7, "2026-11-23 10", [("2026-11-24 9", "2026-11-29 9")], "2026-12-07"),
        ("hour", 24, "2026-11-23 10", [("2026-11-23 12", "2026-11-24 18")], "2026-11-25"),
        ("hour", 24, "2026-11-23 10", [("2026-11-23 8", "2026-11-23 12")], "2026-11-24"),
    ],
)
def test_known_due_days_after_pauses(
    unit: str, total: int, start: str, pauses: list[tuple[str, str]], due: str
) -> None:
    assert due_on(unit, total, start, *(a_pause(*pause) for pause in pauses)) == date.fromisoformat(due)


def test_hours_stand_still_exactly_as_long_as_the_pause() -> None:
    rule: ClockRule = {"unit": "hour", "total": 24}
    pause = a_pause("2026-11-23 12", "2026-11-24 18")
    assert deadline(rule, at("2026-11-23", 10), STATUTORY, ZONE, [pause]).due_at == at("2026-11-25", 16)


def test_overlapping_pauses_count_once() -> None:
    both = [a_pause("2026-11-24 9", "2026-11-26 9"), a_pause("2026-11-25 9", "2026-11-27 9", "suspension")]
    assert due_on("working_day", 5, "2026-11-23 10", *both) == due_on(
        "working_day", 5, "2026-11-23 10", a_pause("2026-11-24 9", "2026-11-27 9")
    )


def test_seven_days_of_publicity_that_do_not_count_put_off_a_decision_by_five_working_days() -> None:
    published = a_pause("2026-11-30 9", "2026-12-07 9", "publicity")
    assert due_on("working_day", 30, "2026-11-23 10") == date(2027, 1, 5)
    assert due_on("working_day", 30, "2026-11-23 10", published) == date(2027, 1, 12)


def test_a_successor_has_what_its_predecessor_left_but_never_less_than_a_day() -> None:
    assert due_on("working_day", 20, "2026-11-23 10", used=15) == date(2026, 11, 30)
    assert due_on("working_day", 20, "2026-11-23 10", used=40) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("wanted", "total"),
    [("2026-11-23", 1), ("2026-11-24", 1), ("2026-11-25", 2), ("2026-11-28", 5), ("2027-01-05", 30)],
)
def test_an_extension_asked_for_by_its_day_gets_the_smallest_total_that_reaches_it(
    wanted: str, total: int
) -> None:
    rule: ClockRule = {"unit": "working_day", "total": 20}
    found = total_until(rule, at("2026-11-23"), date.fromisoformat(wanted), STATUTORY, ZONE)
    assert found == total


def test_a_pause_cannot_end_before_it_begins_or_lie_outside_any_zone() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        a_pause("2026-11-25 9", "2026-11-24 9")
    with pytest.raises(ValueError, match="aware"):
        Pause(datetime(2026, 11, 24), datetime(2026, 11, 25))  # noqa: DTZ001 - the very thing it refuses


def test_fewer_than_no_units_cannot_have_been_used() -> None:
    with pytest.raises(ValueError, match="-1 units"):
        due_on("working_day", 5, "2026-11-23 10", used=-1)


@given(CALENDARS, DAY_RULES, DAYS, PAUSES)
def test_a_due_day_is_a_working_day_on_which_the_clock_runs(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause]
) -> None:
    laid = moved(pauses, start)
    due = deadline(rule, at(start.isoformat()), calendar, ZONE, laid).due_on
    assert calendar.is_working_day(due)
    assert not any(pause.start.date() < due <= pause.end.date() for pause in laid)


@given(CALENDARS, ALL_RULES, DAYS, PAUSES)
def test_pausing_never_shortens(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause]
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    dues = [deadline(rule, begun, calendar, ZONE, laid[:count]).due_at for count in range(len(laid) + 1)]
    assert dues == sorted(dues)


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(1, 500))
def test_a_longer_pause_never_brings_a_due_date_forward(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], longer: int
) -> None:
    assume(pauses)
    begun = at(start.isoformat())
    first, *others = moved(pauses, start)
    stretched = Pause(first.start, first.end + timedelta(hours=longer), first.kind)
    before = deadline(rule, begun, calendar, ZONE, [first, *others])
    assert deadline(rule, begun, calendar, ZONE, [stretched, *others]).due_at >= before.due_at


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(-5, 120))
def test_a_holiday_never_brings_forward_the_due_date_of_a_clock_that_was_paused(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], later: int
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    holiday = a_mark(start + timedelta(later), working=False)
    fewer_days = Calendar([*calendar.marks, holiday])
    before = deadline(rule, begun, calendar, ZONE, laid)
    assert deadline(rule, begun, fewer_days, ZONE, laid).due_at >= before.due_at


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(1, 40))
def test_extending_never_shortens(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], more: int
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    extended: ClockRule = {**rule, "total": rule["total"] + more}
    before = deadline(rule, begun, calendar, ZONE, laid)
    assert deadline(extended, begun, calendar, ZONE, laid).due_at >= before.due_at


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(0, 80), st.integers(0, 80))
def test_days_used_before_never_lengthen(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], used: int, more: int
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    before = deadline(rule, begun, calendar, ZONE, laid, used)
    after = deadline(rule, begun, calendar, ZONE, laid, used + more)
    assert local_start(begun) <= after.due_on <= before.due_on


def local_start(begun: datetime) -> date:
    """Give the day a clock of these tests started on."""
    return begun.date()


@given(CALENDARS, ALL_RULES, DAYS, PAUSES)
def test_a_light_only_ever_goes_from_green_over_yellow_to_red(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause]
) -> None:
    found = deadline(rule, at(start.isoformat()), calendar, ZONE, moved(pauses, start))
    begun = at(start.isoformat())
    hours = int((found.due_at - begun) / timedelta(hours=1)) + 30
    around = (found.yellow_at, found.due_at, found.due_at + timedelta(milliseconds=1))
    moments = sorted([*around, *(begun + timedelta(hours=n) for n in range(0, hours, max(hours // 60, 1)))])
    lights = [light("running", found, moment) for moment in moments]
    assert lights == sorted(lights, key=ORDER.index)
    assert [shown == "red" for shown in lights] == [moment > found.due_at for moment in moments]
    assert start <= found.yellow_on <= found.due_on
    assert begun < found.yellow_at < found.due_at or rule["unit"] != "hour"


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, TODAY_AND_LATER)
def test_fewer_days_are_left_the_later_it_is(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], passed: int
) -> None:
    found = deadline(rule, at(start.isoformat()), calendar, ZONE, moved(pauses, start))
    today = start + timedelta(passed)
    assert days_left(found.due_on, today + timedelta(1), calendar) <= days_left(found.due_on, today, calendar)


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(0, 30), st.integers(-20, 250))
def test_the_total_until_a_day_reaches_it_and_one_less_does_not(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], used: int, later: int
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    wanted = start + timedelta(later)
    total = total_until(rule, begun, wanted, calendar, ZONE, laid, used)
    reached: ClockRule = {**rule, "total": total}
    assert deadline(reached, begun, calendar, ZONE, laid, used).due_on >= wanted
    if total > 1:
        shorter: ClockRule = {**rule, "total": total - 1}
        assert deadline(shorter, begun, calendar, ZONE, laid, used).due_on < wanted


@given(CALENDARS, ALL_RULES, DAYS, PAUSES, st.integers(0, 70))
def test_the_days_explained_add_up_to_what_the_clock_had(
    calendar: Calendar, rule: ClockRule, start: date, pauses: list[Pause], used: int
) -> None:
    begun = at(start.isoformat())
    laid = moved(pauses, start)
    due = deadline(rule, begun, calendar, ZONE, laid, used).due_on
    explained = explain(rule, begun, due + timedelta(5), calendar, ZONE, laid, used)
    total = max(rule["total"] - used, 1)
    assert sum(day.units for day in explained) == pytest.approx(total)
    assert [day.counted for day in explained] == [day.why == "counted" for day in explained]
    assert all((day.why == "past-due") == (day.day.on > due) for day in explained)
    assert [day.day.on for day in explained] == sorted({day.day.on for day in explained})


def test_each_day_of_a_clock_says_why_it_counts_or_not() -> None:
    rule: ClockRule = {"unit": "working_day", "total": 3}
    pauses = [a_pause("2026-11-24 9", "2026-11-25 9"), a_pause("2026-11-27 9", "2026-11-30 9", "suspension")]
    explained = explain(rule, at("2026-11-23"), date(2026, 12, 3), STATUTORY, ZONE, pauses)
    assert [(day.day.on.day, day.why, day.pause) for day in explained] == [
        (24, "counted", None),
        (25, "paused", "papers"),
        (26, "counted", None),
        (27, "stopped-on-last-day", "suspension"),
        (28, "paused", "suspension"),
        (29, "paused", "suspension"),
        (30, "paused", "suspension"),
        (1, "counted", None),
        (2, "past-due", None),
        (3, "past-due", None),
    ]


def test_a_calendar_day_clock_explains_how_it_rolled_over_the_holiday() -> None:
    rule: ClockRule = {"unit": "calendar_day", "total": 7}
    explained = explain(rule, at("2026-09-24"), date(2026, 10, 8), STATUTORY, ZONE)
    assert [day.why for day in explained] == ["counted"] * 7 + ["rolled"] * 7
    assert explained[-1].day.working


def test_an_hour_clock_explains_the_hours_of_each_day() -> None:
    rule: ClockRule = {"unit": "hour", "total": 48}
    pauses = [a_pause("2026-11-24 6", "2026-11-24 12")]
    explained = explain(rule, at("2026-11-23", 8), date(2026, 11, 25), STATUTORY, ZONE, pauses)
    assert [day.units for day in explained] == [16, 18, 14]


def test_days_of_next_year_are_marked_as_provisional() -> None:
    rule: ClockRule = {"unit": "working_day", "total": 30}
    explained = explain(rule, at("2026-11-23"), date(2027, 1, 5), STATUTORY, ZONE)
    assert [day.day.on for day in explained if day.day.provisional] == [date(2027, 1, n) for n in range(1, 6)]
