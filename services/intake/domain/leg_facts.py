"""What each fact about a leg means for intake's mirror of it: one row per type of event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.intake.domain.request import LEG_ISSUED, LEGS_ENDED


@dataclass(frozen=True, slots=True)
class Meaning:
    """``moves``: the leg takes the status and version the event tells. ``ends``: the leg has come to its end.

    ``request``: what has happened to the request with it. ``answers_cancel``: a cancellation asked for is settled.
    ``shows``: which codes of the event's data the timeline keeps.
    """

    moves: bool = True
    ends: bool = False
    request: str | None = None
    answers_cancel: bool = False
    shows: tuple[str, ...] = ()


MEANINGS: Mapping[str, Meaning] = {
    "referral.issued.v1": Meaning(request=LEG_ISSUED, shows=("due_on",)),
    "referral.acknowledged.v1": Meaning(shows=("by_post",)),
    "referral.accepted.v1": Meaning(),
    "referral.step-recorded.v1": Meaning(shows=("step",)),
    "referral.closed.v1": Meaning(ends=True, request=LEGS_ENDED, shows=("outcome",)),
    "referral.cancelled.v1": Meaning(ends=True, request=LEGS_ENDED, shows=("reason",)),
    "referral.cancel-done.v1": Meaning(moves=False, answers_cancel=True),
    "referral.cancel-refused.v1": Meaning(moves=False, answers_cancel=True, shows=("reason",)),
}


def fact_of(event_type: str) -> str:
    """Give the bare fact of a type: ``acknowledged`` of ``referral.acknowledged.v1``."""
    return event_type.split(".")[1]
