"""What has become of a consent that was taken back, at each agency that holds what it covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

UNDER_WAY, OWING, ANSWERED = "under-way", "owing", "answered"
CLOSED, DECIDED = "closed", "decided"
STATES = (UNDER_WAY, OWING, ANSWERED, CLOSED, DECIDED)
"""The agency has not been told yet; it owes an answer; it has answered; it had not accepted, and opens nothing any
more; it had decided before, and keeps what the law has it keep."""
_FROZEN, _ANSWERED, _UNFROZEN = "frozen", "withdrawal-acknowledged", "unfrozen"


def answers_owed(
    consent: Mapping[str, Any], legs: Sequence[Mapping[str, Any]], history: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Tell how each agency stands to a consent that was withdrawn: ``{leg, number, state, since, ground}`` each.

    ``consent``, ``legs`` and ``history`` as they are shown; a consent that stands has no holder to answer for it.
    """
    if consent["withdrawn_at"] is None:
        return []
    concerned = [
        leg
        for leg in legs
        if leg["agency"] == consent["agency"] and [leg["programme"]] == list(consent["programmes"])
    ]
    return [_holder(leg, [line for line in history if _is_about(line, leg)]) for leg in concerned]


def _is_about(line: Mapping[str, Any], leg: Mapping[str, Any]) -> bool:
    return line["leg"] is not None and line["leg"]["id"] == leg["id"]


def _holder(leg: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    of_consent = [line for line in told if line["fact"] in {_FROZEN, _ANSWERED, _UNFROZEN}]
    last = of_consent[-1] if of_consent else None
    state, since, ground = UNDER_WAY, None, None
    if last is not None and last["fact"] != _UNFROZEN:
        since = last["at"]
        ground = last["detail"].get("ground")
        state = ANSWERED if last["fact"] == _ANSWERED else OWING
    elif leg["status"] == "cancelled":
        state, since = CLOSED, leg["ended_at"]
    elif leg["status"] == "closed":
        state, since = DECIDED, leg["ended_at"]
    return {"leg": leg["id"], "number": leg["number"], "state": state, "since": since, "ground": ground}
