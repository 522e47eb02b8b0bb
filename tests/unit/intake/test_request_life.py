"""A request's life is its table: every pair of status and step, calls that always come to an end, drafts that merge."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import follow_up, request, timers
from services.intake.domain.drafts import has_consent, merged
from services.intake.domain.errors import IllegalStep, InvalidFiling
from services.intake.domain.follow_up import Call, status_after_call
from services.intake.domain.request import LIFE, STATUSES
from services.intake.domain.steps import ACTIONS, Stand, possible, require
from services.intake.domain.street_check import REASONS, check_reasons
from services.intake.domain.tasks import KINDS, NotByHand, require_by_hand
from shared.identity.policy import POLICY

STAFF_STEPS = [step.name for step in LIFE.values() if step.by == "staff"]
AFTER_THE_END = {request.ENDED, request.FOLLOWED_UP, request.CLOSED}


@pytest.mark.parametrize(("status", "step"), list(product(STATUSES, STAFF_STEPS)))
@pytest.mark.parametrize("checking", [True, False])
def test_what_is_not_in_the_table_names_the_status_and_what_is_possible(
    status: str, step: str, checking: bool
) -> None:
    stand = Stand(status=status, checking=checking)
    can = possible(stand)
    if step in can:
        require(stand, step)
        return
    with pytest.raises(IllegalStep) as told:
        require(stand, step)
    assert (told.value.status, told.value.possible) == (status, can)
    assert told.value.explanation.zh != told.value.explanation.en


def test_only_what_waits_is_approved_or_sent_back() -> None:
    waits, does_not = Stand(status=request.SUBMITTED, checking=True), Stand(status=request.SUBMITTED)
    assert {"approve", "send-back"} <= set(possible(waits))
    assert not {"approve", "send-back"} & set(possible(does_not))


def test_what_is_possible_is_what_whoever_asks_may_do() -> None:
    stand = Stand(status=request.SUBMITTED, checking=True)
    assert possible(stand, {"approve", "withdraw"}) == ("approve", "withdraw")
    with pytest.raises(IllegalStep, match="move it to another unit") as told:
        require(stand, "follow-up", {"move", "follow-up"})
    assert told.value.possible == ("move",)
    # Nothing is left for them to do, which is not to say that nothing can be done.
    with pytest.raises(IllegalStep, match="for others to do: approve it"):
        require(stand, "follow-up", {"follow-up"})


def test_every_step_of_staff_is_an_action_of_the_policy() -> None:
    assert set(ACTIONS) == set(STAFF_STEPS)
    assert set(ACTIONS.values()) <= set(POLICY)


def test_nothing_is_reopened_where_nothing_is_closed() -> None:
    assert "reopen" in possible(Stand(status=request.IN_PROGRESS, closed=True))
    assert "reopen" not in possible(Stand(status=request.IN_PROGRESS, closed=False))


def test_a_withdrawn_request_is_done_with() -> None:
    assert possible(Stand(status=request.WITHDRAWN)) == ()


def test_every_step_leads_from_known_statuses_to_a_known_one() -> None:
    for step in LIFE.values():
        assert step.sources <= set(STATUSES)
        assert step.target is None or step.target in STATUSES
        assert step.text.zh != step.text.en


@given(st.lists(st.sampled_from(sorted(LIFE)), max_size=30))
def test_whatever_is_tried_a_request_stays_within_its_table(steps: list[str]) -> None:
    status, filed = request.DRAFT, False
    for step in steps:
        after = request.TRANSITIONS.get((status, step))
        if after is None:
            continue
        filed = filed or status == request.DRAFT
        status = after
        assert status != request.DRAFT
        assert status in STATUSES
    assert filed or status == request.DRAFT


CALLS = st.one_of(
    st.builds(
        Call,
        reached=st.just(value=True),
        outcome=st.sampled_from(sorted(follow_up.REACHED)),
        satisfied=st.one_of(st.none(), st.integers(*follow_up.RATING)),
    ),
    st.builds(Call, reached=st.just(value=False), outcome=st.sampled_from(sorted(follow_up.NOT_REACHED))),
)


@given(st.lists(CALLS, min_size=5, max_size=8))
def test_five_calls_at_most_close_a_request_and_nothing_leads_back(calls: list[Call]) -> None:
    status, tries, seen = request.ENDED, 0, [request.ENDED]
    for call in calls:
        if status == request.CLOSED:
            break
        follow_up.check_call(call)
        tries += not call.reached
        status = status_after_call(status, call, tries)
        seen.append(status)
    assert status == request.CLOSED
    assert set(seen) <= AFTER_THE_END
    assert seen == sorted(seen, key=[request.ENDED, request.FOLLOWED_UP, request.CLOSED].index)


def test_a_bad_rating_leaves_room_to_mend_it_once() -> None:
    bad = Call(reached=True, outcome="not-settled", satisfied=2)
    assert status_after_call(request.ENDED, bad, 0) == request.FOLLOWED_UP
    assert status_after_call(request.FOLLOWED_UP, bad, 0) == request.CLOSED


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(BODIES, BODIES)
def test_the_same_change_twice_is_the_change_once(body: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(merged({}, body), patch)
    assert merged(once, patch) == once


@given(BODIES)
def test_a_draft_keeps_no_member_without_a_value(body: dict[str, Any]) -> None:
    made = merged({}, body)
    assert merged(made, {}) == made
    assert None not in made.values()
    assert merged(made, dict.fromkeys(made)) == {}


def test_a_consent_begun_but_given_by_nobody_is_none() -> None:
    assert not has_consent({"consents": [{"agency": "civil-affairs"}]})
    assert has_consent({"consents": [{"agency": "civil-affairs", "given_by": "person"}]})


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2027, 12, 31)))
def test_a_warning_comes_before_the_end_it_warns_of(day: Any) -> None:
    zone = "Asia/Shanghai"
    assert timers.consent_warning(day, zone) < timers.after(day, zone)
    last = timers.draft_expires_on(day, 30)
    assert timers.start_of(day, zone) < timers.draft_warning(last, zone) < timers.after(last, zone)


def test_a_sending_back_says_what_to_do() -> None:
    for reason in REASONS:
        check_reasons([reason], "请补充")
    with pytest.raises(InvalidFiling):
        check_reasons(["other"], None)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_task_is_ticked_off_or_names_the_deed_that_ends_it(kind: str) -> None:
    deed = KINDS[kind].settled_by
    assert KINDS[kind].text.zh != KINDS[kind].text.en
    if deed is None:
        require_by_hand(kind)
        return
    with pytest.raises(NotByHand) as told:
        require_by_hand(kind)
    assert told.value.deed == deed
