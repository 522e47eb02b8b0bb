"""Waiting for a place: which referrals do, and how a person who no longer wants to gives the turn up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.referrals.domain.doing import Doing, Effect
from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.reasons import PLACE_FREE
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import possible_actions

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral

WAITLISTED, WITHDRAWN = "waitlisted", "withdrawn"


def waits(referral: Referral) -> bool:
    """Tell whether a referral was closed onto a waiting list, so that a place may still come of it."""
    return referral.status is Status.CLOSED and referral.outcome == WAITLISTED


def has_withdrawn(referral: Referral) -> bool:
    """Tell whether a referral ended at the person's own wish: nothing was decided that its agency had to keep."""
    return referral.status is Status.CLOSED and referral.outcome == WITHDRAWN


def offer_place(doing: Doing) -> Effect:
    """Tell that a place is free and whose turn it is; raises ``IllegalTransition`` for one that does not wait."""
    leg = doing.referral
    if not waits(leg):
        raise IllegalTransition(
            "offer-place", leg.status, possible_actions(leg.status, accepted=leg.accepted)
        )
    today = doing.timetable.day_of(doing.at).isoformat()
    return Effect(leg.life, codes={"about": PLACE_FREE, "on": today})


def leave_line(doing: Doing) -> Effect:
    """Give the turn up at the person's wish: the referral stays closed, as withdrawn.

    Raises ``IllegalTransition`` for one that does not wait.
    """
    leg = doing.referral
    if not waits(leg):
        raise IllegalTransition("leave-line", leg.status, possible_actions(leg.status, accepted=leg.accepted))
    return Effect(
        leg.life,
        codes={"outcome": WITHDRAWN, "reason": doing.fields["reason"]},
        sets={"outcome": WITHDRAWN, "outcome_fields": None},
    )
