"""How referrals and cases are written in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.referrals.domain.keeping import may_be_read
from services.referrals.domain.status import STATUS_TEXTS, Status
from services.referrals.use_cases.badges import Badge
from services.referrals.use_cases.cases import CaseView
from services.referrals.use_cases.views import ReferralView
from shared.http.locale import language
from shared.text import Text


def referral(view: ReferralView) -> dict[str, Any]:
    """Write one referral."""
    leg = view.referral
    return {
        "id": leg.id,
        "number": leg.number,
        "agency": leg.agency,
        "agency_name": view.agency_name.both(),
        "programme": leg.programme,
        "programme_name": view.programme_name.both(),
        "status": leg.status.value,
        "status_name": STATUS_TEXTS[leg.status].both(),
        "status_since": leg.status_since,
        "version": leg.version,
        "light": view.light,
        "clock": leg.clock,
        "due_on": leg.due_on,
        "due_at": leg.due_at,
        "yellow_on": leg.yellow_on,
        "days_left": view.days_left,
        "unit": leg.unit,
        "street": leg.street,
        "urgency": leg.urgency,
        "issued_at": leg.issued_at if leg.has_been_issued else None,
        "received_at": leg.received_at,
        "accepted_at": leg.accepted_at,
        "closed_at": leg.ended_at if leg.status is Status.CLOSED else None,
        "step": leg.step,
        "outcome": leg.outcome,
        "outcome_fields": view.outcome_fields,
        "reason": leg.reason,
        "actions": list(view.actions),
        "side_actions": list(view.side_actions),
        "assignee": leg.assignee if view.own else None,
        "delegated_to": view.deputy,
        "delegated_until": leg.delegated_until if view.deputy else None,
        "desk_street": leg.desk_street,
        "supervised": leg.supervised,
        "overdue_reason": leg.life.overdue_reason,
        "pending": None
        if leg.pending is None
        else {
            "action": leg.pending.action,
            "by": leg.pending.by if view.own else None,
            "at": leg.pending.at,
        },
        "successor_refused": view.successor_refused,
        "papers": list(leg.life.papers),
        "papers_due_on": leg.life.papers_due_on,
        "review_on": leg.life.review_on,
        "frozen": not may_be_read(leg.life),
        "appointment_on": leg.life.appointment_on if view.own else None,
        "warnings": [
            {
                "code": each.code,
                "field": each.field,
                "message": each.message.both()[language()],
                "messages": each.message.both(),
            }
            for each in view.warnings
        ],
        "withdrawal_asked_at": leg.life.withdrawal_asked_at,
        # One leg of a person must not lead an agency to the next.
        "predecessor": leg.life.predecessor if view.request_id else None,
        "successor": leg.life.successor if view.request_id else None,
        "steps": list(view.steps),
        "outcomes": list(view.outcomes),
        "outcome_needs": {
            code: {"needed": list(needs.needed), "optional": list(needs.optional)}
            for code, needs in view.outcome_needs.items()
        },
        "badge": None if view.badge is None else _badge(view.badge),
        "request_id": view.request_id,
    }


def _badge(badge: Badge) -> dict[str, Any]:
    return {
        "programme": badge.programme,
        "name": badge.name,
        "id_number": badge.id_number,
        "papers": _named(badge.papers),
        "steps": _named(badge.steps),
    }


def _named(names: Mapping[str, Text] | None) -> list[dict[str, Any]]:
    return [{"id": code, "name": name.both()} for code, name in (names or {}).items()]


def case(view: CaseView) -> dict[str, Any]:
    """Write one case with its legs."""
    return {
        "id": view.id,
        "number": view.number,
        "status": view.status,
        "light": view.light,
        "unit": view.unit,
        "street": view.street,
        "urgency": view.urgency,
        "issued_at": view.issued_at,
        "due_on": view.due_on,
        "legs": [referral(leg) for leg in view.legs],
    }
