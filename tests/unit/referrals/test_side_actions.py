"""Every pair of status and side action: those of the table are taken, all others are refused and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import IllegalTransition, TooLate
from services.referrals.domain.life import FRESH, Frozen
from services.referrals.domain.referral import Referral
from services.referrals.domain.side_actions import SIDE_ACTIONS, side_act
from services.referrals.domain.status import PAUSED, Status
from shared.events import CATALOGUE
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

IN_HAND = frozenset(
    {
        Status.ISSUED,
        Status.RECEIVED,
        Status.AWAITING_DOCUMENTS,
        Status.ACCEPTED,
        Status.IN_PROGRESS,
        Status.SUSPENDED,
        Status.RETURN_PROPOSED,
        Status.TRANSFER_PROPOSED,
    }
)
HANDED_ON = {Status.RETURNED, Status.TRANSFERRED}
OVER = HANDED_ON | {Status.CLOSED, Status.CANCELLED}
OPEN = IN_HAND | {Status.PLANNED}
LEGAL: Mapping[str, frozenset[Status]] = {
    "claim": IN_HAND,
    "assign": IN_HAND,
    "reassign": IN_HAND,
    "delegate": IN_HAND,
    "urge": IN_HAND,
    "supervise": IN_HAND,
    "explain-delay": IN_HAND,
    "note": IN_HAND | {Status.CLOSED},
    "message": IN_HAND | {Status.CLOSED},
    "receive-message": IN_HAND | {Status.CLOSED},
    "appointment": IN_HAND,
    "record-on-behalf": IN_HAND | HANDED_ON | {Status.CLOSED},
    "freeze": IN_HAND | HANDED_ON | {Status.CLOSED},
    "unfreeze": IN_HAND,
    "acknowledge-withdrawal": IN_HAND | HANDED_ON | {Status.CLOSED},
    "ask-withdrawal": IN_HAND,
    "leave-line": frozenset({Status.CLOSED}),
    "offer-place": frozenset({Status.CLOSED}),
    "reseal": OPEN | {Status.CLOSED},
    "more-time": frozenset({Status.AWAITING_DOCUMENTS}),
    "remind": OPEN,
    "move-due": OPEN,
    "reissue-failed": OPEN,
    "move": OPEN | OVER,
    "send-back": frozenset({Status.PLANNED}),
    "resubmit": frozenset({Status.PLANNED}),
    "rate": OPEN | OVER,
    "approve": OPEN,
    "decline": OPEN,
}
"""Written out once more by hand, so that a slip in the table is seen."""
TODAY = MONDAY.date()
LATE = MONDAY + timedelta(days=90)
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "assign": {"assignee": "bo"},
    "reassign": {"assignee": "bo"},
    "delegate": {"assignee": "bo", "until": LATE.date()},
    "supervise": {"level": "blue"},
    "explain-delay": {"reason": "staff-short"},
    "appointment": {"on": LATE.date()},
    "freeze": {"reason": "withdrawn-by-person"},
    "unfreeze": {"rev": 2},
    "acknowledge-withdrawal": {"ground": "statutory-duty"},
    "ask-withdrawal": {"reason": "withdrawn-by-person"},
    "leave-line": {"reason": "withdrawn-by-person"},
    "reissue-failed": {"reason": "no-consent"},
    "move": {"unit": "530103004008", "street": "530103004"},
    "rate": {"grade": 5},
}
FROZEN = replace(FRESH, frozen=Frozen(at=MONDAY, reason="withdrawn-by-person"))
LEGS: Mapping[str, Mapping[str, Any]] = {
    "reassign": {"assignee": "an"},
    "delegate": {"assignee": "an"},
    "acknowledge-withdrawal": {"life": FROZEN},
    "leave-line": {"outcome": "waitlisted"},
    "offer-place": {"outcome": "waitlisted"},
    "more-time": {"life": replace(FRESH, papers_due_on=TODAY)},
}
"""What has to be so before an action is anything but too late."""
NOT_LATE = {("explain-delay", status) for status in PAUSED}
"""While the clock stands still nothing is late, so that there is no delay to explain either."""
POSSIBLE = {Status.CLOSED: ("reopen",)}
"""What somebody who signs in may do instead, where anything at all: a planned one waits for the street."""
OWED = ("urge", "supervise", "remind")
"""What may still be done about an ended referral while its agency owes an answer to a withdrawn consent."""


def take(leg: Referral, action: str) -> Referral:
    """Take a side action with all it needs, long after the agency was to decide."""
    return side_act(leg, action, Doing(leg, FIELDS.get(action, {}), LATE, TIMETABLE, "an")).after


def test_every_side_action_stands_in_the_list_of_this_test() -> None:
    assert set(SIDE_ACTIONS) == set(LEGAL)


@pytest.mark.parametrize(("status", "action"), list(product(Status, sorted(LEGAL))))
def test_every_pair_of_status_and_side_action_is_taken_or_refused(status: Status, action: str) -> None:
    before = referral(status, **LEGS.get(action, {}))
    if (action, status) in NOT_LATE:
        with pytest.raises(TooLate):
            take(before, action)
    elif status in LEGAL[action]:
        after = take(before, action)
        assert (after.status, after.version) == (status, before.version + 1)
        assert after.event_sequence == before.event_sequence + 1
    else:
        with pytest.raises(IllegalTransition) as refused:
            take(before, action)
        assert (refused.value.action, refused.value.status) == (action, status)
        if SIDE_ACTIONS[action].roles:
            assert refused.value.possible == POSSIBLE.get(status, ())


@pytest.mark.parametrize(("status", "action"), list(product(sorted(OVER), sorted(LEGAL))))
def test_an_ended_referral_whose_agency_owes_an_answer_is_urged_and_nothing_else_is_opened_by_it(
    status: Status, action: str
) -> None:
    leg = referral(status, **{**LEGS.get(action, {}), "life": FROZEN})
    if action in OWED or status in LEGAL[action]:
        assert take(leg, action).status is status
    else:
        with pytest.raises(IllegalTransition):
            take(leg, action)


def test_every_side_action_tells_a_fact_the_catalogue_knows() -> None:
    assert {row.fact for row in SIDE_ACTIONS.values()} <= set(CATALOGUE)
