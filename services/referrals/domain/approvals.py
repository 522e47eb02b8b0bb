"""What needs the leader's agreement, and how it is asked for, given or declined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain.clocks import Timetable
from services.referrals.domain.doing import coded
from services.referrals.domain.errors import NothingPending, OwnRequest
from services.referrals.domain.life import Pending
from services.referrals.domain.outcomes import OUTCOMES
from services.referrals.domain.reasons import DECLINE_REASONS
from services.referrals.domain.referral import Change, Referral, act, changed
from services.referrals.domain.transitions import possible_actions

LEADER = "leader"


def _closes_by_leader(_referral: Referral, fields: Mapping[str, Any]) -> bool:
    outcome = OUTCOMES.get(str(fields.get("outcome")))
    return outcome is not None and outcome.by_leader


def _asks_again(referral: Referral, _fields: Mapping[str, Any]) -> bool:
    return referral.life.papers_asked > 0


def _always(_referral: Referral, _fields: Mapping[str, Any]) -> bool:
    return True


NEEDS_LEADER: Mapping[str, Callable[[Referral, Mapping[str, Any]], bool]] = MappingProxyType(
    {"close": _closes_by_leader, "request-documents": _asks_again, "extend": _always}
)
"""Actions that may need the leader's agreement, and when: a refusal, asking for papers again, more time."""


def needs_leader(referral: Referral, action: str, fields: Mapping[str, Any], role: str) -> bool:
    """Tell whether an action taken in ``role`` has to wait for the leader."""
    needed = NEEDS_LEADER.get(action)
    return role != LEADER and needed is not None and needed(referral, fields)


def ask(
    referral: Referral,
    action: str,
    fields: Mapping[str, Any],
    at: datetime,
    timetable: Timetable,
    *,
    by: str,
    words: str | None,
) -> Change:
    """Put an action to the leader; its clock keeps running, and its fields are checked now.

    ``words`` are sealed to the agency. Raises as ``act`` does.
    """
    act(referral, action, fields, at, timetable, by=by)
    pending = Pending(action=action, fields=_codes(fields), by=by, at=at, words=words)
    after = replace(referral, pending=pending)
    return changed(
        referral, after, "ask-approval", "referral.approval-requested.v1", {"action": action}, at, timetable
    )


def approve(referral: Referral, at: datetime, timetable: Timetable, *, by: str) -> tuple[Change, Change]:
    """Agree to what waits, and take the action; gives both changes in order.

    Raises ``NothingPending``, ``OwnRequest``, and as ``act`` does where the action is no longer possible.
    """
    pending = _pending(referral, "approve", LEADER)
    if pending.by == by:
        raise OwnRequest
    cleared = replace(referral, pending=None)
    settled = changed(
        referral,
        cleared,
        "approve",
        "referral.approval-settled.v1",
        {"action": pending.action, "approved": True},
        at,
        timetable,
    )
    return settled, act(settled.after, pending.action, _fields(pending), at, timetable, by=pending.by)


def decline(
    referral: Referral, fields: Mapping[str, Any], at: datetime, timetable: Timetable, *, by: str, role: str
) -> Change:
    """Decline what waits; whoever asked may take it back, which needs no reason.

    Raises ``NothingPending``, ``OwnRequest`` for a colleague who is not the leader, or ``BadFields``.
    """
    pending = _pending(referral, "decline", role)
    if role != LEADER and pending.by != by:
        raise OwnRequest
    reason = "taken-back" if pending.by == by else coded(fields, "reason", DECLINE_REASONS)
    after = replace(referral, pending=None)
    codes = {"action": pending.action, "approved": False, "reason": reason}
    return changed(referral, after, "decline", "referral.approval-settled.v1", codes, at, timetable)


def nothing_pending(referral: Referral, action: str, role: str) -> NothingPending:
    """Make the objection that nothing waits for the leader, with what somebody of this role could do."""
    can = possible_actions(referral.status, accepted=referral.accepted, roles=frozenset({role}))
    return NothingPending(action, referral.status, can)


def _pending(referral: Referral, action: str, role: str) -> Pending:
    if referral.pending is None:
        raise nothing_pending(referral, action, role)
    return referral.pending


_DAYS = ("due_on", "review_on")


def _codes(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Keep an action's codes as JSON; its words are sealed apart."""
    kept = ("outcome", "amount", "period", "reason", "overdue_reason", "papers", *_DAYS)
    return {
        name: fields[name].isoformat() if name in _DAYS else fields[name]
        for name in kept
        if fields.get(name) not in (None, "")
    }


def _fields(pending: Pending) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in _DAYS else value for name, value in pending.fields.items()
    }
