"""Referrals in any status, for tests of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.referrals.domain.clocks import Timetable
from services.referrals.domain.referral import NewLeg, Referral, issue
from services.referrals.domain.status import Status
from shared.clock import Calendar

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Half past nine in the district, on a Monday."""
TIMETABLE = Timetable(
    Calendar(),
    "Asia/Shanghai",
    limits={
        "assign": {"unit": "working_day", "total": 1},
        "return_wrong_agency": {"unit": "working_day", "total": 5},
        "return_decision": {"unit": "working_day", "total": 2},
        "supplement": {"unit": "working_day", "total": 10},
    },
    escalation=(
        {"at": -3, "do": ["light-yellow"]},
        {"at": 0, "do": ["blue-notice"]},
        {"at": 1, "do": ["yellow-notice"]},
        {"at": 5, "do": ["red-notice", "circular"]},
    ),
)


def rules(**clocks: dict[str, Any]) -> dict[str, Any]:
    """Give the rules of a leg, by default those of the minimum living allowance."""
    usual = {
        "acknowledge": {"unit": "working_day", "total": 2, "starts_on": "issued"},
        "accept": {"unit": "working_day", "total": 5, "starts_on": "issued"},
        "decide": {"unit": "working_day", "total": 30, "extended_total": 45, "starts_on": "issued"},
    }
    return {
        "clocks": {**usual, **clocks},
        "steps": ["survey", "data-check"],
        "papers": ["id-card"],
        "outcomes": ["approved", "withdrawn"],
        "publicity": None,
    }


def referral(status: Status = Status.ISSUED, *, accepted: bool | None = None, **changes: Any) -> Referral:
    """Give a referral in a status; ``accepted`` says whether its agency ever took it on, where the status does not."""
    made = issue(
        NewLeg(
            id="019aae10-4c01-7c42-8a10-6d5b3e9f7c02",
            number="MZ-2026-7K3F9QXD",
            request_id="019aae10-4c00-7b3e-9d51-2f6c8a7e4b01",
            request_number="PL-2026-000123",
            agency="civil-affairs",
            programme="dibao",
            unit="530103004007",
            street="530103004",
            urgency="normal",
            position=0,
            rules=changes.pop("rules", None) or rules(),
        ),
        MONDAY,
        TIMETABLE,
    )
    if accepted is None:
        accepted = status in {Status.ACCEPTED, Status.IN_PROGRESS, Status.SUSPENDED, Status.CLOSED}
    return replace(made, status=status, accepted_at=MONDAY if accepted else None, **changes)
