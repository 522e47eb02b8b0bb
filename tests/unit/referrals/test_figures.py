"""What is counted of a referral: by its state alone, so that whatever happens to it the differences add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.figures import (
    DAYS,
    ENDED_OTHERWISE,
    GRANTED,
    LATE,
    NOT_GRANTED,
    NOTHING,
    RATED,
    RECEIVED,
    RETURNED,
    Count,
    Figure,
    bracket,
    contribution,
    difference,
    quantile,
    working_days,
)
from services.referrals.domain.life import Life, Step
from services.referrals.domain.life import Pause as Paused
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import ENDED, Status
from shared.clock import Pause
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

DAY = timedelta(days=1)


def closed(outcome: str, at: datetime = MONDAY + 14 * DAY, **changes: Any) -> Referral:
    return referral(Status.CLOSED, received_at=MONDAY + DAY, ended_at=at, outcome=outcome, **changes)


def measured(found: dict[Figure, Count]) -> dict[str, Count]:
    return {figure.measure: count for figure, count in found.items() if figure.measure != DAYS}


def test_a_referral_that_arrives_is_received_in_the_month_of_the_district() -> None:
    midnight_in_the_district = MONDAY.replace(day=30, hour=16)
    arrived = replace(referral(), issued_at=midnight_in_the_district)
    (figure,) = contribution(arrived, TIMETABLE)
    assert (figure.measure, figure.month) == (RECEIVED, "2026-12")
    assert (figure.agency, figure.programme, figure.street, figure.unit) == (
        "civil-affairs",
        "dibao",
        "530103004",
        "530103004007",
    )


def test_a_leg_that_waits_for_its_check_is_not_counted() -> None:
    assert contribution(referral(Status.PLANNED), TIMETABLE) == {}


@pytest.mark.parametrize("outcome", ["approved", "enrolled", "service-delivered"])
def test_who_got_what_was_asked_for_is_counted_as_granted_with_the_amount_to_the_fen(outcome: str) -> None:
    found = measured(contribution(closed(outcome, outcome_fields={"amount": 560.1}), TIMETABLE))
    assert found == {RECEIVED: Count(1), GRANTED: Count(1, amount=56010)}


@pytest.mark.parametrize("outcome", ["refused", "waitlisted"])
def test_a_decision_that_grants_nothing_is_counted_as_that(outcome: str) -> None:
    found = measured(contribution(closed(outcome), TIMETABLE))
    assert found == {RECEIVED: Count(1), NOT_GRANTED: Count(1)}


@pytest.mark.parametrize("outcome", ["withdrawn", "terminated", "unreachable", "lapsed"])
def test_what_ends_for_another_reason_is_no_decision(outcome: str) -> None:
    found = measured(contribution(closed(outcome), TIMETABLE))
    assert found == {RECEIVED: Count(1), ENDED_OTHERWISE: Count(1)}


def test_what_goes_back_to_its_sender_is_returned() -> None:
    found = measured(contribution(referral(Status.RETURNED, ended_at=MONDAY + DAY), TIMETABLE))
    assert found == {RECEIVED: Count(1), RETURNED: Count(1)}


def test_a_decision_is_in_time_until_the_last_moment_of_its_due_day() -> None:
    last = datetime.fromisoformat("2027-01-05T23:59:59+08:00")
    late = {
        at: LATE in measured(contribution(closed("approved", at), TIMETABLE))
        for at in (last, last + timedelta(seconds=1))
    }
    assert list(late.values()) == [False, True]


def test_time_in_which_the_clock_stood_still_makes_no_decision_late() -> None:
    at = datetime.fromisoformat("2027-01-06T09:00:00+08:00")
    pause = Paused("papers", MONDAY + DAY, MONDAY + 3 * DAY)
    paused = replace(closed("approved", at), life=Life(pauses=(pause,)))
    assert LATE not in measured(contribution(paused, TIMETABLE))


def test_a_leg_that_was_cancelled_while_it_waited_for_its_check_is_not_counted() -> None:
    never = referral(Status.CANCELLED, previous_status=Status.PLANNED, ended_at=MONDAY)
    assert contribution(never, TIMETABLE) == {}


def test_a_rating_is_counted_by_its_grade_and_a_second_one_takes_its_place() -> None:
    rated = replace(closed("withdrawn"), life=Life(rating=4))
    found = {figure.value: count for figure, count in contribution(rated, TIMETABLE).items()}
    assert found[4] == Count(1, amount=4)
    again = difference(rated, replace(rated, life=Life(rating=2)), TIMETABLE)
    assert {figure.value: count for figure, count in again.items() if figure.measure == RATED} == {
        4: Count(-1, amount=-4),
        2: Count(1, amount=2),
    }


def test_days_are_working_days_from_delivery_by_agency_and_step() -> None:
    taken = {
        figure.step: figure.value
        for figure in contribution(replace(closed("approved"), accepted_at=MONDAY + 3 * DAY), TIMETABLE)
        if figure.measure == DAYS
    }
    assert taken == {"acknowledge": 1, "accept": 3, "decide": 10}


def test_a_programmes_own_step_is_counted_from_what_came_before_it() -> None:
    steps = (Step("survey", MONDAY + 3 * DAY), Step("data-check", MONDAY + 10 * DAY))
    done = replace(referral(Status.IN_PROGRESS), accepted_at=MONDAY + DAY, life=Life(steps=steps))
    taken = {
        figure.step: figure.value
        for figure in contribution(done, TIMETABLE)
        if figure.measure == DAYS and figure.step in {"survey", "data-check"}
    }
    assert taken == {"survey": 2, "data-check": 5}


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=4),
    st.integers(0, 60),
)
def test_days_that_are_used_are_those_that_lie_in_no_pause(spans: list[tuple[int, int]], length: int) -> None:
    end = MONDAY + length * DAY
    pauses = [Pause(MONDAY + since * DAY, MONDAY + (since + long) * DAY) for since, long in spans]
    still = {since + n for since, long in spans for n in range(1, long + 1)}
    used = [
        n
        for n in range(1, length + 1)
        if n not in still and TIMETABLE.calendar.is_working_day((MONDAY + n * DAY).date())
    ]
    assert working_days(TIMETABLE, MONDAY, end, pauses) == len(used)


def test_what_is_opened_again_is_taken_back() -> None:
    was = closed("approved", outcome_fields={"amount": 100})
    now = replace(was, status=Status.IN_PROGRESS, ended_at=None, outcome=None, outcome_fields=None)
    assert measured(difference(was, now, TIMETABLE)) == {GRANTED: Count(-1, amount=-10000)}


states = st.builds(
    lambda status, outcome, amount, days, unit: replace(
        referral(status),
        unit=unit,
        ended_at=MONDAY + days * DAY if status in ENDED else None,
        outcome=outcome if status is Status.CLOSED else None,
        outcome_fields={"amount": amount} if status is Status.CLOSED else None,
    ),
    st.sampled_from(Status),
    st.sampled_from(["approved", "enrolled", "refused", "waitlisted", "withdrawn", "lapsed"]),
    st.integers(0, 5000),
    st.integers(0, 90),
    st.sampled_from(["530103004007", "530103004001"]),
)


@given(st.lists(states, min_size=1, max_size=6))
def test_the_differences_of_any_changes_add_up_to_what_the_last_state_counts(life: list[Referral]) -> None:
    total: dict[Figure, Count] = {}
    for before, after in zip([None, *life], life, strict=False):
        for figure, count in difference(before, after, TIMETABLE).items():
            total[figure] = total.get(figure, NOTHING) + count
    assert {figure: count for figure, count in total.items() if count != NOTHING} == contribution(
        life[-1], TIMETABLE
    )


@given(st.integers(0, 3000))
def test_a_bracket_is_never_below_what_is_counted_in_it_up_to_the_longest(days: int) -> None:
    assert bracket(days) >= min(days, 500)
    assert bracket(days) - min(days, 500) < 10
    assert bracket(days) == days or days > 60


@given(st.lists(st.integers(0, 60), min_size=1), st.sampled_from([0.5, 0.9]))
def test_a_quantile_of_a_histogram_is_that_of_the_values_themselves(values: list[int], share: float) -> None:
    histogram = {value: values.count(value) for value in values}
    found = quantile(histogram, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None
