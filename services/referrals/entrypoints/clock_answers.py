"""How the explanation of a referral's time is written in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.referrals.use_cases.explain_clock import PAUSE_TEXTS, WHY_TEXTS, ClockView, Explanation
from shared.clock import ExplainedDay, StepDue


def clocks(explained: Explanation) -> dict[str, Any]:
    """Write how a referral's time is counted."""
    leg = explained.view.referral
    return {
        "id": leg.id,
        "light": explained.view.light,
        "due_on": leg.due_on,
        "days_left": explained.view.days_left,
        "clock": leg.clock,
        "provisional": explained.provisional,
        "clocks": [_clock(clock) for clock in explained.clocks],
        "pauses": [
            {"kind": kind, "name": PAUSE_TEXTS[kind].both(), "start": start, "end": end}
            for kind, start, end in explained.pauses
        ],
        "publicity": explained.notice,
        "steps": [_step(step) for step in explained.steps],
    }


def _clock(clock: ClockView) -> Mapping[str, Any]:
    return {
        "clock": clock.clock,
        "name": clock.name.both(),
        "unit": clock.unit,
        "total": clock.total,
        "extended_from": clock.extended_from,
        "days_used": clock.days_used,
        "starts_on": clock.starts_on,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "due_on": clock.due_on,
        "yellow_on": clock.yellow_on,
        "running": clock.running,
        "left": clock.left,
        "days": [_day(day) for day in clock.days],
    }


def _day(explained: ExplainedDay) -> Mapping[str, Any]:
    day = explained.day
    return {
        "on": day.on,
        "counted": explained.counted,
        "units": explained.units,
        "why": explained.why,
        "why_name": WHY_TEXTS[explained.why].both(),
        "pause": explained.pause,
        "working": day.working,
        "name": day.name.both() if day.name else None,
        "source": day.source,
        "provisional": day.provisional,
    }


def _step(step: StepDue) -> Mapping[str, Any]:
    return {
        "step": step.step,
        "unit": step.rule["unit"],
        "total": step.rule["total"],
        "started_at": step.started_at,
        "reached_at": step.reached_at,
        "due_on": step.due.due_on if step.due else None,
    }
