"""Whose a referral is: claimed once, given to an officer, lent for a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.assigning import deputy, is_at_hand
from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import BadFields, TooLate
from services.referrals.domain.referral import Change, Referral
from services.referrals.domain.side_actions import side_act
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

TODAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)


def side(leg: Referral, action: str, fields: Mapping[str, Any], by: str = "an") -> Change:
    """Take a side action on the Monday of these tests."""
    return side_act(leg, action, Doing(leg, fields, MONDAY, TIMETABLE, by))


def held(**changes: Any) -> Referral:
    """Give a referral that officer ``an`` has in hand."""
    return replace(referral(), assignee="an", **changes)


def test_what_nobody_has_is_claimed_and_a_colleague_comes_too_late() -> None:
    mine = side(referral(), "claim", {}).after
    assert mine.assignee == "an"
    for officer in ("bo", "an"):
        with pytest.raises(TooLate):
            side(mine, "claim", {}, by=officer)


@pytest.mark.parametrize("action", ["assign", "reassign"])
def test_whose_it_is_gets_nothing_but_what_is_lent(action: str) -> None:
    with pytest.raises(BadFields) as wrong:
        side(held(delegated_to="bo", delegated_until=TODAY - timedelta(days=1)), action, {"assignee": "an"})
    assert [fault.field for fault in wrong.value.faults] == ["assignee"]
    lent = held(delegated_to="bo", delegated_until=TODAY)
    assert side(lent, action, {"assignee": "an"}).after.delegated_to is None
    assert side(lent, "claim", {}).after.delegated_to is None


@pytest.mark.parametrize(("action", "fields"), [("claim", {}), ("reassign", {"assignee": "an"})])
def test_from_whom_it_is_taken_back_is_told(action: str, fields: dict[str, Any]) -> None:
    lent = held(delegated_to="bo", delegated_until=FRIDAY)
    assert side(lent, action, fields).fields["holder"] == "bo"
    gone_by = held(delegated_to="bo", delegated_until=TODAY - timedelta(days=1))
    assert side(gone_by, "reassign", {"assignee": "cy"}).fields["holder"] == "an"


def test_a_new_holder_ends_a_delegation() -> None:
    lent = held(delegated_to="bo", delegated_until=FRIDAY)
    after = side(lent, "reassign", {"assignee": "cy"}).after
    assert (after.assignee, after.delegated_to, after.delegated_until) == ("cy", None, None)


@pytest.mark.parametrize(
    ("action", "fields"),
    [("reassign", {"assignee": "bo"}), ("delegate", {"assignee": "bo", "until": FRIDAY})],
)
def test_what_nobody_has_cannot_be_passed_on(action: str, fields: dict[str, Any]) -> None:
    with pytest.raises(TooLate):
        side(referral(), action, fields)


@pytest.mark.parametrize("action", ["assign", "reassign", "delegate"])
def test_it_is_given_to_somebody(action: str) -> None:
    with pytest.raises(BadFields) as wrong:
        side(held(), action, {"until": FRIDAY})
    assert [fault.field for fault in wrong.value.faults] == ["assignee"]


@pytest.mark.parametrize("until", [None, TODAY - timedelta(days=1), date(2126, 11, 27)])
def test_it_is_lent_until_a_day_that_has_not_gone_by(until: date | None) -> None:
    with pytest.raises(BadFields) as wrong:
        side(held(), "delegate", {"assignee": "bo", "until": until})
    assert [fault.field for fault in wrong.value.faults] == ["until"]


def test_it_is_not_lent_to_whose_it_is() -> None:
    with pytest.raises(BadFields) as wrong:
        side(held(), "delegate", {"assignee": "an", "until": FRIDAY})
    assert [fault.field for fault in wrong.value.faults] == ["assignee"]


@given(st.integers(0, 60), st.integers(-5, 70))
def test_who_stands_in_does_so_until_the_last_day_and_then_no_more(length: int, later: int) -> None:
    until = TODAY + timedelta(days=length)
    lent = side(held(), "delegate", {"assignee": "bo", "until": until}).after
    day = TODAY + timedelta(days=later)
    assert deputy(lent, day) == ("bo" if day <= until else None)
    assert is_at_hand(lent, "bo", day) == (day <= until)
    assert is_at_hand(lent, "an", day)
