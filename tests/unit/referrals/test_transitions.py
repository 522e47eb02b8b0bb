"""Every pair of status and action: those in the table lead on, all others are refused and change nothing."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.by_command import BY_COMMAND
from services.referrals.domain.errors import BadFields, IllegalTransition
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.status import ENDED, STATUS_TEXTS, TABS, Status
from services.referrals.domain.transitions import NAMED_ACTIONS, TRANSITIONS, possible_actions
from shared.events import CATALOGUE
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

LATER = MONDAY + timedelta(hours=3)
OTHER = "019aae10-4c01-7c42-8a10-6d5b3e9f7c09"
FIELDS: dict[str, dict[str, Any]] = {
    "request-documents": {"papers": ["id-card"]},
    "start": {"step": "survey"},
    "step": {"step": "survey"},
    "suspend": {"reason": "hearing", "review_on": date(2026, 12, 21)},
    "extend": {"reason": "special-case"},
    "propose-return": {"reason": "not-our-duty"},
    "confirm-return": {"next": "none", "reason": "duplicate"},
    "complete-return": {"successor": OTHER},
    "refuse-return": {"reason": "is-their-duty"},
    "propose-transfer": {"reason": "needs-other-help", "to_agency": "employment"},
    "complete-transfer": {"successor": OTHER},
    "refuse-transfer": {"reason": "no-consent"},
    "close": {"outcome": "approved", "amount": 650, "period": "monthly"},
    "reopen": {"reason": "appeal"},
    "cancel": {"reason": "withdrawn-by-person"},
}
LEGAL: dict[tuple[Status, str], Status] = {
    (Status.PLANNED, "issue"): Status.ISSUED,
    (Status.PLANNED, "cancel"): Status.CANCELLED,
    (Status.ISSUED, "acknowledge"): Status.RECEIVED,
    (Status.ISSUED, "accept"): Status.ACCEPTED,
    (Status.ISSUED, "propose-return"): Status.RETURN_PROPOSED,
    (Status.ISSUED, "cancel"): Status.CANCELLED,
    (Status.RECEIVED, "accept"): Status.ACCEPTED,
    (Status.RECEIVED, "request-documents"): Status.AWAITING_DOCUMENTS,
    (Status.RECEIVED, "propose-return"): Status.RETURN_PROPOSED,
    (Status.RECEIVED, "propose-transfer"): Status.TRANSFER_PROPOSED,
    (Status.RECEIVED, "cancel"): Status.CANCELLED,
    (Status.AWAITING_DOCUMENTS, "accept"): Status.ACCEPTED,
    (Status.AWAITING_DOCUMENTS, "documents-supplied"): Status.RECEIVED,
    (Status.AWAITING_DOCUMENTS, "lapse"): Status.CLOSED,
    (Status.AWAITING_DOCUMENTS, "cancel"): Status.CANCELLED,
    (Status.ACCEPTED, "request-documents"): Status.AWAITING_DOCUMENTS,
    (Status.ACCEPTED, "start"): Status.IN_PROGRESS,
    (Status.ACCEPTED, "step"): Status.IN_PROGRESS,
    (Status.ACCEPTED, "suspend"): Status.SUSPENDED,
    (Status.ACCEPTED, "extend"): Status.ACCEPTED,
    (Status.ACCEPTED, "propose-transfer"): Status.TRANSFER_PROPOSED,
    (Status.ACCEPTED, "close"): Status.CLOSED,
    (Status.IN_PROGRESS, "request-documents"): Status.AWAITING_DOCUMENTS,
    (Status.IN_PROGRESS, "start"): Status.IN_PROGRESS,
    (Status.IN_PROGRESS, "step"): Status.IN_PROGRESS,
    (Status.IN_PROGRESS, "suspend"): Status.SUSPENDED,
    (Status.IN_PROGRESS, "extend"): Status.IN_PROGRESS,
    (Status.IN_PROGRESS, "propose-transfer"): Status.TRANSFER_PROPOSED,
    (Status.IN_PROGRESS, "close"): Status.CLOSED,
    (Status.SUSPENDED, "resume"): Status.IN_PROGRESS,
    (Status.RETURN_PROPOSED, "confirm-return"): Status.RETURNED,
    (Status.RETURN_PROPOSED, "complete-return"): Status.RETURNED,
    (Status.RETURN_PROPOSED, "refuse-return"): Status.RECEIVED,
    (Status.RETURN_PROPOSED, "cancel"): Status.CANCELLED,
    (Status.TRANSFER_PROPOSED, "complete-transfer"): Status.TRANSFERRED,
    (Status.TRANSFER_PROPOSED, "refuse-transfer"): Status.RECEIVED,
    (Status.TRANSFER_PROPOSED, "cancel"): Status.CANCELLED,
    (Status.CLOSED, "reopen"): Status.IN_PROGRESS,
}
"""Written out once more by hand, so that a slip in the table is seen."""


def take(before: Referral, action: str) -> Referral:
    return act(before, action, FIELDS.get(action, {}), LATER, TIMETABLE).after


@pytest.mark.parametrize(("status", "action"), list(product(Status, sorted(NAMED_ACTIONS))))
def test_every_pair_of_status_and_action_leads_where_it_should_or_nowhere(
    status: Status, action: str
) -> None:
    before = referral(status)
    target = LEGAL.get((status, action))
    if target is None:
        with pytest.raises(IllegalTransition) as refused:
            take(before, action)
        assert refused.value.status is status
        assert refused.value.possible == tuple(
            row.action for row in TRANSITIONS.values() if row.roles and (status, row.action) in LEGAL
        )
    else:
        after = take(before, action)
        assert after.status is target
        assert after.version == before.version + 1
        told = 2 if action == "propose-transfer" else 1  # the fact, and the request for a successor
        assert after.event_sequence == before.event_sequence + told


@pytest.mark.parametrize("status", [Status.AWAITING_DOCUMENTS, Status.TRANSFER_PROPOSED])
def test_what_an_agency_has_accepted_cannot_be_cancelled_while_papers_or_a_transfer_are_awaited(
    status: Status,
) -> None:
    with pytest.raises(IllegalTransition):
        take(referral(status, accepted=True), "cancel")


def test_every_status_has_words_and_lies_in_one_drawer_but_the_planned_one() -> None:
    drawers = [status for statuses in TABS.values() for status in statuses]
    assert sorted(drawers) == sorted(set(Status) - {Status.PLANNED})
    assert set(STATUS_TEXTS) == set(Status)


def test_every_transition_tells_a_fact_the_catalogue_knows() -> None:
    assert {row.fact for row in TRANSITIONS.values()} <= set(CATALOGUE)


def test_what_comes_as_a_command_is_open_to_nobody_at_a_desk() -> None:
    assert {row.action for row in TRANSITIONS.values() if not row.roles} <= set(BY_COMMAND)


def test_the_moments_of_receipt_and_acceptance_are_kept() -> None:
    received = take(referral(), "acknowledge")
    accepted = take(received, "accept")
    assert (received.received_at, received.accepted_at) == (LATER, None)
    assert accepted.accepted_at == LATER
    assert take(referral(), "accept").received_at == LATER


def test_beginning_work_without_a_step_is_recorded_as_begun() -> None:
    after = act(referral(Status.ACCEPTED), "start", {}, LATER, TIMETABLE).after
    assert (after.status, after.step) == (Status.IN_PROGRESS, "started")


@pytest.mark.parametrize("step", [None, "no-such-step"])
def test_going_on_needs_one_of_the_programmes_steps(step: str | None) -> None:
    with pytest.raises(BadFields) as wrong:
        act(referral(Status.IN_PROGRESS), "start", {"step": step}, LATER, TIMETABLE)
    assert [fault.field for fault in wrong.value.faults] == ["step"]


def test_recording_a_step_leaves_the_status_and_its_beginning() -> None:
    before = take(referral(Status.ACCEPTED), "start")
    after = act(before, "start", {"step": "data-check"}, LATER + timedelta(days=1), TIMETABLE).after
    assert after.status_since == before.status_since
    assert after.previous_status is Status.ACCEPTED
    assert after.step == "data-check"


@given(st.lists(st.sampled_from(sorted(NAMED_ACTIONS)), max_size=12))
def test_whatever_is_tried_versions_count_changes_and_an_ended_referral_stays_ended_unless_reopened(
    actions: list[str],
) -> None:
    now = referral()
    for action in actions:
        try:
            after = take(now, action)
        except (IllegalTransition, BadFields):
            continue
        assert now.status not in ENDED or action == "reopen"
        assert after.version == now.version + 1
        assert (after.due_on is None) == (after.clock is None)
        now = after
    if now.status in ENDED:
        assert set(possible_actions(now.status, accepted=now.accepted)) <= {"reopen"}
        assert now.clock is None
