"""How a whole case is written in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.referrals.entrypoints import answers
from services.referrals.use_cases.case_timeline import Entry
from services.referrals.use_cases.cases import CaseView


def whole_case(case: CaseView, entries: Sequence[Entry]) -> dict[str, Any]:
    """Write a case with its timeline."""
    return {**answers.case(case), "timeline": [_entry(entry) for entry in entries]}


def _entry(entry: Entry) -> dict[str, Any]:
    view = entry.leg
    return {
        "at": entry.at,
        "leg": view and view.referral.id,
        "number": view and view.referral.number,
        "agency": view and view.referral.agency,
        "agency_name": view and view.agency_name.both(),
        "programme": view and view.referral.programme,
        "action": entry.action,
        "action_name": entry.name.both(),
        "from_status": None if entry.from_status is None else entry.from_status.value,
        "to_status": None if entry.to_status is None else entry.to_status.value,
        "by": {
            "role": entry.role,
            "agency": entry.by_agency,
            "unit": entry.by_unit,
            "staff": entry.staff,
        },
        "codes": dict(entry.codes),
        "days_used": entry.days_used,
    }
