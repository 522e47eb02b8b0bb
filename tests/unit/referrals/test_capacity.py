"""Places: what a decision takes or gives back, who is before whom, and that nothing is ever given twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.capacity import (
    Capacity,
    Effect,
    NoPlaceLeft,
    effect_of,
    set_figures,
    take,
    takers,
)
from services.referrals.domain.errors import BadFields
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import Status
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

TODAY = date(2026, 11, 23)
PLACES = Capacity(
    programme="pub-job", agency="employment", places=2, free=2, as_of=date(2026, 11, 1), version=0
)


def closed(outcome: str, *takes: str) -> Referral:
    rules = {**referral().rules, "takes_place": list(takes or ("approved",))}
    return replace(referral(Status.CLOSED), outcome=outcome, rules=rules)


def working(*takes: str) -> Referral:
    return replace(closed("approved", *takes), status=Status.IN_PROGRESS, outcome=None)


def test_an_approval_takes_a_place_and_keeps_it_until_it_is_decided_otherwise() -> None:
    assert effect_of(working(), closed("approved"), ()) == Effect(1, waits=False)
    assert effect_of(working(), closed("refused"), ()) == Effect(0, waits=False)
    again = reopened(closed("approved"))
    assert effect_of(closed("approved"), again, ()) == Effect(0, waits=None)
    after = {
        outcome: effect_of(again, replace(again, status=Status.CLOSED, outcome=outcome), ())
        for outcome in ("approved", "refused", "waitlisted")
    }
    assert after == {
        "approved": Effect(0, waits=False),
        "refused": Effect(-1, waits=False),
        "waitlisted": Effect(-1, waits=True),
    }
    assert effect_of(again, replace(again, status=Status.TRANSFERRED), ()).takes == -1


def reopened(leg: Referral) -> Referral:
    return act(leg, "reopen", {"reason": "error"}, MONDAY, TIMETABLE).after


def test_what_takes_a_place_is_what_the_referral_began_with() -> None:
    assert (
        effect_of(working("service-delivered"), closed("approved", "service-delivered"), ("approved",)).takes
        == 0
    )
    assert takers({}, ("enrolled",)) == ("enrolled",)


def test_who_waits_keeps_the_turn_when_opened_again() -> None:
    assert effect_of(working(), closed("waitlisted"), ()) == Effect(0, waits=True)
    assert effect_of(closed("waitlisted"), working(), ()) == Effect(0, waits=None)


def test_without_a_place_there_is_no_approval_and_the_error_names_why() -> None:
    with pytest.raises(NoPlaceLeft) as refused:
        take(replace(PLACES, free=0), Effect(1, waits=False), 0)
    assert (refused.value.capacity.programme, refused.value.ahead) == ("pub-job", 0)


def test_a_free_place_is_kept_for_who_has_waited_longer() -> None:
    with pytest.raises(NoPlaceLeft):
        take(PLACES, Effect(1, waits=False), 2)
    assert take(PLACES, Effect(1, waits=False), 1).free == 1


@pytest.mark.parametrize(
    ("free", "as_of", "fields"),
    [(3, TODAY, ["free"]), (1, date(2026, 11, 24), ["as_of"]), (9, date(2027, 1, 1), ["free", "as_of"])],
)
def test_figures_that_cannot_be_are_named_by_field(free: int, as_of: date, fields: list[str]) -> None:
    with pytest.raises(BadFields) as wrong:
        set_figures(PLACES, places=2, free=free, as_of=as_of, today=TODAY)
    assert [fault.field for fault in wrong.value.faults] == fields


@given(
    places=st.integers(0, 5),
    steps=st.lists(st.tuples(st.sampled_from(["take", "back", "set"]), st.integers(0, 5)), max_size=30),
)
def test_there_are_never_fewer_than_none_nor_more_free_than_there_are(
    places: int, steps: list[tuple[str, int]]
) -> None:
    capacity, held = replace(PLACES, places=places, free=places), 0
    for number, (what, value) in enumerate(steps, 1):
        if what == "take" and capacity.free <= value:
            with pytest.raises(NoPlaceLeft):
                take(capacity, Effect(1, waits=False), value)
            capacity = replace(capacity, version=number)
        elif what == "take":
            capacity, held = take(capacity, Effect(1, waits=False), value), held + 1
        elif what == "back" and held:
            capacity, held = take(capacity, Effect(-1, waits=None), 0), held - 1
        else:
            free = min(value, places)
            capacity = set_figures(capacity, places=places, free=free, as_of=TODAY, today=TODAY)
        assert 0 <= capacity.free <= capacity.places
        assert capacity.version == number
