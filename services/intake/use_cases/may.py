"""Which steps of a request's life somebody may take, wherever it stands in it."""

from __future__ import annotations

from services.intake.domain.steps import ACTIONS
from shared.identity import Forbidden, Principal, allow


def steps_allowed(principal: Principal, *, unit: str, street: str | None) -> frozenset[str]:
    """Name the steps that somebody's posts allow with a request of this unit and street."""
    actions = {
        action for action in set(ACTIONS.values()) if _reaches(principal, action, unit=unit, street=street)
    }
    return frozenset(step for step, action in ACTIONS.items() if action in actions)


def _reaches(principal: Principal, action: str, *, unit: str, street: str | None) -> bool:
    try:
        return allow(principal, action).reaches(unit=unit, street=street)
    except Forbidden:
        return False
