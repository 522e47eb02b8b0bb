"""Many referrals taken through random steps, legal and illegal, while time passes: what must always hold, holds."""

from __future__ import annotations

from dataclasses import fields as fields_of
from datetime import date, datetime, timedelta
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from services.referrals.domain import approvals
from services.referrals.domain.clocks import ANSWER_WITHDRAWAL, owes_answer
from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import ReferralError
from services.referrals.domain.life import Frozen, Life, Pause, Pending, Proposal, Step, Told
from services.referrals.domain.passing_time import DEEDS
from services.referrals.domain.ranks import OPEN_BELOW
from services.referrals.domain.referral import Change, Referral, act, reckoned
from services.referrals.domain.side_actions import SIDE_ACTIONS, side_act
from services.referrals.domain.status import ENDED, PAUSED, Status
from services.referrals.domain.timers import ESCALATE, FORGET
from services.referrals.domain.transitions import TRANSITIONS, Way
from services.referrals.persistence.life import (
    life_from_json,
    life_to_json,
    pending_from_json,
    pending_to_json,
)
from shared.events import CATALOGUE
from tests.examples import examples
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

REFERRALS = 3
OTHER = "019aae10-4c01-7c42-8a10-6d5b3e9f7c09"
PEOPLE = ("officer", "colleague", "chief")
STANDS_STILL = PAUSED | {Status.RETURN_PROPOSED}
ENOUGH = 200
"""No referral has so many timers run out at one moment."""

fields = st.fixed_dictionaries(
    {},
    optional={
        "step": st.sampled_from(["survey", "data-check", "nonsense"]),
        "papers": st.sampled_from([["id-card"], [], ["nonsense"]]),
        "reason": st.sampled_from(
            [
                "hearing",
                "special-case",
                "not-our-duty",
                "is-their-duty",
                "needs-other-help",
                "appeal",
                "income-above-limit",
                "evidence-missing",
                "staff-short",
                "nonsense",
            ]
        ),
        "review_on": st.dates(date(2026, 11, 1), date(2027, 3, 1)),
        "due_on": st.dates(date(2026, 11, 1), date(2027, 6, 1)),
        "on": st.dates(date(2026, 11, 1), date(2027, 6, 1)),
        "until": st.dates(date(2026, 11, 1), date(2027, 6, 1)),
        "next": st.sampled_from(["none", "reissue", "nonsense"]),
        "to_agency": st.sampled_from(["employment", "civil-affairs"]),
        "outcome": st.sampled_from(["approved", "withdrawn", "refused", "lapsed", "nonsense"]),
        "amount": st.just(100),
        "period": st.just("monthly"),
        "assignee": st.sampled_from(PEOPLE),
        "level": st.sampled_from(["blue", "yellow", "red"]),
        "ground": st.just("statutory-duty"),
        "overdue_reason": st.just("staff-short"),
        "action": st.just("accept"),
    },
)
"""What may be filled in, right and wrong: every action takes what is its own."""
COMMANDED = {
    "successor": OTHER,
    "grade": 5,
    "changed": [],
    "rev": 2,
    "unit": "530103004008",
    "street": "530103004",
}


class Lives(RuleBasedStateMachine):
    """Three referrals and a clock that goes forward only."""

    which = Bundle("which")

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = MONDAY
        self.held: dict[int, Referral] = {}

    @initialize(target=which)
    def begin(self) -> int:
        """Deliver them all on a Monday."""
        self.held = {number: referral() for number in range(REFERRALS)}
        # One of them waits for the street's check first.
        self.held[0] = reckoned(referral(Status.PLANNED), MONDAY, TIMETABLE)
        return 0

    @rule(target=which, number=st.integers(0, REFERRALS - 1))
    def another(self, number: int) -> int:
        """Turn to another one."""
        return number

    @rule(
        which=which,
        action=st.sampled_from(sorted(TRANSITIONS)),
        fields=fields,
        by=st.sampled_from((*PEOPLE, None)),
    )
    def decide(self, which: int, action: str, fields: dict[str, Any], by: str | None) -> None:
        """Try an action of the table, by an officer, from paper (by nobody) or as a command."""
        row = TRANSITIONS[action]
        before = self.held[which]
        try:
            if by and row.roles and approvals.needs_leader(before, action, fields, "desk"):
                change = approvals.ask(before, action, fields, self.now, TIMETABLE, by=by, words=None)
                assert change.after.status is before.status
            else:
                given = fields if row.roles else {**COMMANDED, "reason": "withdrawn-by-person", **fields}
                change = act(before, action, given, self.now, TIMETABLE, by=by if row.roles else None)
                self._led_where_it_should(row.target, change)
        except ReferralError:
            return
        self._took(which, change)

    @rule(
        which=which, action=st.sampled_from(sorted(SIDE_ACTIONS)), fields=fields, by=st.sampled_from(PEOPLE)
    )
    def beside(self, which: int, action: str, fields: dict[str, Any], by: str) -> None:
        """Try a side action."""
        before = self.held[which]
        try:
            if action == "approve":
                settled, done = approvals.approve(before, self.now, TIMETABLE, by=by)
                self._took(which, settled)
                self._took(which, done)
                return
            if action == "decline":
                change = approvals.decline(before, fields, self.now, TIMETABLE, by=by, role="leader")
            else:
                commanded = {**COMMANDED, "reason": "consent-withdrawn", "action": "accept"}
                given = fields if SIDE_ACTIONS[action].roles and action != "record-on-behalf" else commanded
                change = side_act(before, action, Doing(before, given, self.now, TIMETABLE, by))
        except ReferralError:
            return
        assert change.after.status is before.status
        self._took(which, change)

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        """Let the clock go on, and do what comes due."""
        self.now += timedelta(hours=hours)
        for number in range(REFERRALS):
            for _ in range(ENOUGH):
                held = self.held[number]
                if held.timer_at is None or held.timer_at > self.now or held.timer == FORGET:
                    break
                assert held.timer is not None
                self._took(number, DEEDS[held.timer](held, self.now, TIMETABLE))
            else:
                raise AssertionError(f"{self.held[number].timer} never comes to its end")

    def _took(self, which: int, change: Change) -> None:
        before, after = change.before, change.after
        assert before == self.held[which]
        assert after.version == before.version + 1
        assert after.event_sequence == before.event_sequence + (1 if change.asks is None else 2)
        assert change.fact in CATALOGUE
        assert before.status not in ENDED or change.action in {"reopen", "rate", "note", "message"} | {
            action
            for action, row in SIDE_ACTIONS.items()
            if row.is_open_to(before.status, owing=owes_answer(before.life))
        }
        assert before.accepted_at is None or after.accepted_at == before.accepted_at
        assert (after.status is before.status) or after.status_since <= self.now
        self.held[which] = after

    def _led_where_it_should(self, target: Status | Way, change: Change) -> None:
        match target:
            case Way.STAY:
                assert change.after.status is change.before.status
            case Way.BACK:
                assert change.after.status not in STANDS_STILL | ENDED
            case _:
                # Without its papers a leg goes on where it stood.
                before = change.before
                assert change.after.status in {target, before.status, before.previous_status}

    @invariant()
    def a_clock_runs_or_there_is_none(self) -> None:
        """All that is known of a running clock is known together."""
        for held in self.held.values():
            assert (held.clock is None) == (held.due_on is None) == (held.due_at is None)
            if held.status in PAUSED | ENDED:
                assert held.clock == (ANSWER_WITHDRAWAL if owes_answer(held.life) else None)

    @invariant()
    def a_pause_lasts_exactly_while_time_stands_still(self) -> None:
        """Status and pauses agree."""
        for held in self.held.values():
            lasting = [pause for pause in held.life.pauses if pause.end is None and pause.kind != "publicity"]
            assert len(lasting) == (1 if held.status in STANDS_STILL else 0)
            assert all(pause.end is None or pause.start <= pause.end for pause in held.life.pauses)

    @invariant()
    def what_ended_waits_for_nothing_but_an_answer_and_being_forgotten(self) -> None:
        """Nothing hangs on an ended referral."""
        for held in self.held.values():
            if held.status in ENDED:
                assert held.pending is None
                assert held.timer == FORGET or (held.timer == ESCALATE and owes_answer(held.life))
                assert (held.rank < OPEN_BELOW) == owes_answer(held.life)
                assert held.ended_at is not None
            else:
                assert held.ended_at is None

    @invariant()
    def what_is_written_is_read_again(self) -> None:
        """No part of a life is lost between two transactions."""
        for held in self.held.values():
            assert life_from_json(life_to_json(held.life)) == held.life
            assert pending_from_json(pending_to_json(held.pending)) == held.pending


Lives.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40)
TestLives = Lives.TestCase


@pytest.mark.parametrize("record", [Frozen, Life, Pause, Pending, Proposal, Step, Told])
def test_what_may_be_nothing_need_not_have_been_written(record: type[Any]) -> None:
    hints = get_type_hints(record)
    empty = [field for field in fields_of(record) if type(None) in get_args(hints[field.name])]
    assert [field.name for field in empty if field.default is not None] == []
