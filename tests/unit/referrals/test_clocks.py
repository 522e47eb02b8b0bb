"""Which clock runs in which status, and where a referral stands in a queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.referrals.domain.clocks import ACCEPT, ACKNOWLEDGE, DECIDE, RUNNING, STEP, clock
from services.referrals.domain.errors import TooLate
from services.referrals.domain.life import Step
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import ENDED, PAUSED, Status
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral, rules

LATER = MONDAY + timedelta(days=1)


def test_every_status_says_which_clocks_run() -> None:
    assert set(RUNNING) == set(Status)
    assert all(not RUNNING[status] for status in ENDED | PAUSED)


def test_first_the_time_to_sign_for_it_runs_out() -> None:
    new = referral()
    assert (new.clock, new.due_on) == (ACKNOWLEDGE, date(2026, 11, 25))


def test_once_signed_for_the_time_to_accept_is_next_and_then_the_decision() -> None:
    received = act(referral(), "acknowledge", {}, LATER, TIMETABLE).after
    accepted = act(received, "accept", {}, LATER, TIMETABLE).after
    assert (received.clock, received.due_on) == (ACCEPT, date(2026, 11, 30))
    assert (accepted.clock, accepted.due_on) == (DECIDE, date(2027, 1, 5))


def test_a_decision_that_is_due_sooner_than_the_signature_comes_first() -> None:
    urgent = referral(rules=rules(decide={"unit": "hour", "total": 24, "starts_on": "issued"}))
    assert (urgent.clock, urgent.due_at) == (DECIDE, MONDAY + timedelta(hours=24))


def test_a_decision_clock_may_start_only_at_acceptance() -> None:
    late = referral(rules=rules(decide={"unit": "working_day", "total": 10, "starts_on": "accepted"}))
    accepted = act(late, "accept", {}, LATER, TIMETABLE).after
    assert late.clock == ACKNOWLEDGE
    assert (accepted.clock, accepted.due_on) == (DECIDE, date(2026, 12, 8))


def test_nothing_is_due_after_the_end() -> None:
    ended = act(referral(), "cancel", {"reason": "withdrawn-by-person"}, LATER, TIMETABLE).after
    assert (ended.clock, ended.due_at, ended.due_on, ended.yellow_on) == (None, None, None, None)
    assert ended.ended_at == LATER


def test_rules_without_a_clock_leave_the_referral_without_one() -> None:
    assert referral(rules={**rules(), "clocks": {}}).clock is None


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=400)])
def test_a_queue_is_sorted_by_due_moment_and_ended_ones_come_last_with_the_newest_first(
    later: timedelta,
) -> None:
    soon = referral(rules=rules(decide={"unit": "hour", "total": 1, "starts_on": "issued"}))
    distant = act(referral(), "accept", {}, LATER, TIMETABLE).after
    undated = referral(rules={**rules(), "clocks": {}})
    early = act(referral(), "cancel", {"reason": "x"}, LATER, TIMETABLE).after
    newest = act(referral(), "cancel", {"reason": "x"}, LATER + later, TIMETABLE).after
    expected = [soon, distant, undated, newest, early]
    assert sorted([undated, early, distant, newest, soon], key=lambda one: one.rank) == expected


PUBLISHED = ["home-visit", "publicity", "district-decision"]


def published(*, counts: bool) -> Referral:
    """Give an accepted allowance whose public notice was put up on Monday, 30 November."""
    notice = {"unit": "calendar_day", "total": 7, "counts": counts}
    limits = {"district-decision": {"unit": "working_day", "total": 10}}
    leg = referral(rules={**rules(), "steps": PUBLISHED, "publicity": notice, "step_limits": limits})
    accepted = act(leg, "accept", {}, MONDAY, TIMETABLE).after
    return act(accepted, "start", {"step": "publicity"}, MONDAY + timedelta(days=7), TIMETABLE).after


def test_a_public_notice_whose_days_do_not_count_puts_the_decision_off() -> None:
    assert published(counts=True).due_on == date(2027, 1, 5)
    assert published(counts=False).due_on == date(2027, 1, 12)
    assert [pause.kind for pause in published(counts=False).life.pauses] == ["publicity"]
    assert published(counts=True).life.pauses == ()


def test_nothing_is_granted_while_the_public_notice_hangs_and_the_day_after_it_may_be() -> None:
    leg, granted = published(counts=True), {"outcome": "approved", "amount": 650, "period": "monthly"}
    with pytest.raises(TooLate) as refused:
        act(leg, "close", granted, MONDAY + timedelta(days=14), TIMETABLE)
    assert "2026-12-07" in refused.value.rule.zh
    assert act(leg, "close", granted, MONDAY + timedelta(days=15), TIMETABLE).after.outcome == "approved"
    withdrawn = act(leg, "close", {"outcome": "withdrawn"}, MONDAY + timedelta(days=8), TIMETABLE).after
    assert withdrawn.outcome == "withdrawn"


def test_the_step_after_a_public_notice_begins_when_that_has_hung_long_enough() -> None:
    leg = published(counts=True)
    leg = replace(leg, life=replace(leg.life, steps=(Step("home-visit", MONDAY), *leg.life.steps)))
    step = clock(STEP, leg.rules, leg.starts, TIMETABLE, leg.life)
    assert step is not None
    assert TIMETABLE.day_of(step.started_at) == date(2026, 12, 7)
    assert step.due_on == date(2026, 12, 21)


def test_where_aid_comes_first_it_is_paid_within_hours_and_the_paperwork_has_days_from_then() -> None:
    decide = {"unit": "hour", "total": 24, "starts_on": "issued"}
    aid = {"pay_within": {"unit": "hour", "total": 24}, "papers_after": {"unit": "working_day", "total": 10}}
    urgent = referral(
        rules={**rules(decide=decide), "steps": ["relief-paid", "paper-check"], "aid_first": aid}
    )
    accepted = act(urgent, "accept", {}, MONDAY, TIMETABLE).after
    assert (accepted.clock, accepted.due_at) == (DECIDE, MONDAY + timedelta(hours=24))
    begun = act(accepted, "start", {}, MONDAY, TIMETABLE).after
    assert begun.due_at == accepted.due_at
    paid = act(begun, "start", {"step": "relief-paid"}, LATER, TIMETABLE).after
    assert (paid.clock, paid.due_on) == (DECIDE, date(2026, 12, 8))
    checked = act(paid, "start", {"step": "paper-check"}, LATER + timedelta(days=2), TIMETABLE).after
    assert checked.due_on == paid.due_on
