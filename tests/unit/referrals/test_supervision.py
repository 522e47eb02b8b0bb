"""Urging, notices that only grow, and the reason that a late decision owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain import reasons
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import BadFields, TooLate
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.status import Status
from services.referrals.domain.supervision import LEVELS, copies_of
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

WITH_COPIES = replace(
    TIMETABLE,
    escalation=(
        {"at": 0, "do": ["blue-notice"]},
        {"at": 1, "do": ["yellow-notice"], "copy_to": ["leader"]},
        {"at": 5, "do": ["red-notice", "circular"], "copy_to": ["leader", "coordinator"]},
    ),
)
CLOSING = {"outcome": "approved", "amount": 650, "period": "monthly"}
LATE = MONDAY + timedelta(days=90)


def side(
    leg: Referral,
    action: str,
    fields: Mapping[str, Any] | None = None,
    at: datetime = MONDAY,
    timetable: Timetable = WITH_COPIES,
) -> Change:
    """Take a side action as the coordinator."""
    return side_act(leg, action, Doing(leg, fields or {}, at, timetable, "coordinator"))


def in_work() -> Referral:
    """Give a referral that was accepted on the Monday."""
    return act(referral(), "accept", {}, MONDAY, TIMETABLE).after


def test_an_agency_is_urged_once_a_working_day_and_a_weekend_is_none() -> None:
    friday = MONDAY + timedelta(days=4)
    urged = side(referral(), "urge", at=friday).after
    for hours in (1, 24, 48):
        with pytest.raises(TooLate):
            side(urged, "urge", at=friday + timedelta(hours=hours))
    assert side(urged, "urge", at=friday + timedelta(days=3)).after.life.urged_on is not None


def by_clock(level: str) -> dict[str, str]:
    return {"level": level, "cause": "clock"}


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.booleans()), max_size=8))
def test_a_notice_never_gets_milder_and_goes_up_by_one_level_where_somebody_gives_it(
    notices: list[tuple[str, bool]],
) -> None:
    leg = referral()
    gravest = -1
    for day, (level, comes_by_clock) in enumerate(notices):
        at = LATE + timedelta(weeks=day)
        wanted = LEVELS.index(level)
        if not comes_by_clock and not gravest <= wanted <= gravest + 1:
            with pytest.raises(BadFields) as wrong:
                side(leg, "supervise", {"level": level}, at=at)
            assert [fault.field for fault in wrong.value.faults] == ["level"]
            continue
        leg = side(leg, "supervise", by_clock(level) if comes_by_clock else {"level": level}, at=at).after
        gravest = max(gravest, wanted)
        assert leg.supervised == LEVELS[gravest]


def test_by_hand_one_notice_a_working_day_is_all() -> None:
    warned = side(referral(), "supervise", {"level": "blue"}, at=LATE).after
    for level in ("blue", "yellow"):
        with pytest.raises(TooLate):
            side(warned, "supervise", {"level": level}, at=LATE + timedelta(minutes=1))
    assert side(warned, "supervise", by_clock("yellow"), at=LATE).after.supervised == "yellow"
    tomorrow = LATE + timedelta(days=1)
    assert side(warned, "supervise", {"level": "yellow"}, at=tomorrow).after.supervised == "yellow"


def test_before_the_agency_is_late_only_the_blue_notice_may_be_given() -> None:
    warned = side(referral(), "supervise", {"level": "blue"}).after
    with pytest.raises(BadFields):
        side(warned, "supervise", {"level": "yellow"}, at=MONDAY + timedelta(days=1))


def test_a_delay_is_explained_where_there_is_one() -> None:
    with pytest.raises(TooLate):
        side(in_work(), "explain-delay", {"reason": "other"})


def test_what_is_done_is_under_notice_no_more() -> None:
    warned = side(referral(), "supervise", by_clock("red")).after
    received = act(warned, "acknowledge", {}, MONDAY, TIMETABLE).after
    assert (warned.supervised, received.supervised) == ("red", None)
    assert side(received, "supervise", {"level": "blue"}).after.supervised == "blue"


def test_a_notice_about_one_that_waits_stays_while_it_waits() -> None:
    waiting = act(
        in_work(), "suspend", {"reason": "hearing", "review_on": LATE.date()}, MONDAY, TIMETABLE
    ).after
    warned = side(waiting, "supervise", {"level": "blue"}).after
    assert (warned.supervised, warned.due_on) == ("blue", None)
    assert act(warned, "resume", {}, MONDAY, TIMETABLE).after.supervised is None


def test_copies_go_where_the_districts_table_says() -> None:
    told = {level: side(referral(), "supervise", by_clock(level)).fields.get("copy_to") for level in LEVELS}
    assert told == {"blue": None, "yellow": ["leader"], "red": ["leader", "coordinator"]}
    assert copies_of("red", TIMETABLE.escalation) == []


def test_a_notice_is_circulated_where_the_districts_table_says() -> None:
    told = {level: side(referral(), "supervise", by_clock(level)).fields.get("circular") for level in LEVELS}
    assert told == {"blue": None, "yellow": None, "red": True}


def test_a_decision_in_time_owes_no_reason_and_takes_none() -> None:
    assert act(in_work(), "close", CLOSING, MONDAY, TIMETABLE).after.status is Status.CLOSED
    with pytest.raises(BadFields) as wrong:
        act(in_work(), "close", {**CLOSING, "overdue_reason": "staff-short"}, MONDAY, TIMETABLE)
    assert [fault.field for fault in wrong.value.faults] == ["overdue_reason"]


@pytest.mark.parametrize("given_reason", [None, "because"])
def test_a_late_decision_says_why(given_reason: str | None) -> None:
    with pytest.raises(BadFields) as wrong:
        act(in_work(), "close", {**CLOSING, "overdue_reason": given_reason}, LATE, TIMETABLE)
    (fault,) = wrong.value.faults
    assert fault.field == "overdue_reason"
    assert all(code in fault.message.en for code in reasons.OVERDUE_REASONS)


def test_a_late_decision_with_its_reason_closes_and_keeps_it() -> None:
    change = act(in_work(), "close", {**CLOSING, "overdue_reason": "staff-short"}, LATE, TIMETABLE)
    assert change.after.life.overdue_reason == "staff-short"
    assert change.fields["overdue_reason"] == "staff-short"


def test_a_delay_explained_before_need_not_be_explained_again() -> None:
    explained = side(in_work(), "explain-delay", {"reason": "waiting-for-data"}, at=LATE).after
    change = act(explained, "close", CLOSING, LATE, TIMETABLE)
    assert change.fields["overdue_reason"] == "waiting-for-data"


def test_everything_that_is_wrong_with_a_late_decision_is_named_at_once() -> None:
    with pytest.raises(BadFields) as wrong:
        act(in_work(), "close", {"outcome": "approved"}, LATE, TIMETABLE)
    assert [fault.field for fault in wrong.value.faults] == ["amount", "period", "overdue_reason"]
