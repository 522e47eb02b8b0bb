"""The rules of a leg that is never put on public notice: those of its programme, without that step and its days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.clock.steps import PUBLICITY


def unpublished(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Take the public notice out of a leg's rules (see ``District.leg_rules``); all else stays as it is."""
    return {
        **rules,
        "steps": [step for step in rules["steps"] if step != PUBLICITY],
        "step_limits": {
            step: limit for step, limit in (rules.get("step_limits") or {}).items() if step != PUBLICITY
        },
        "publicity": None,
    }


def is_published(rules: Mapping[str, Any]) -> bool:
    """Tell whether the rules of a leg put it on public notice."""
    return rules.get("publicity") is not None or PUBLICITY in rules["steps"]
