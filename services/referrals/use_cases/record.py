"""Writes down a change of a referral: its row, its event, its history, the audit entry and the figures, together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referrals.domain import events
from services.referrals.domain.doing import Doing
from services.referrals.domain.events import Refusal
from services.referrals.domain.reasons import PLACE_FREE
from services.referrals.domain.referral import Change, Referral, told
from services.referrals.domain.side_actions import side_act
from services.referrals.persistence import figures, referrals
from services.referrals.persistence.referrals import Line
from services.referrals.use_cases.capacity import settle_places
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.own_rules import codes_for_others
from shared import ids
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.directory import District
from shared.events import Event

SYSTEM = "system"
"""Who the audit log names where no member of staff acted here: a command, or the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who brought a change about: ``actor`` (a staff id, None for a command or the clock), in which role and post."""

    actor: str | None
    role: str
    post: str
    cause: Event | None = None


THIRD_RETURN = "third-return"
"""Why a referral is put before the coordinator although no day was missed."""
TOO_OFTEN_RETURNED = 3
"""Which return of one need escalates."""

CLOCK = By(actor=None, role="clock", post="clock")
"""Time itself."""


def record_change(
    context: Context,
    uow: UnitOfWork,
    change: Change,
    by: By,
    district: District,
    *,
    at: datetime,
    more: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Referral:
    """Write a change of a referral whose row this transaction has locked; gives the referral after it.

    ``more`` is added to the event's data (sealed parts), ``detail`` to the audit entry (codes). Raises ``Overtaken``
    when the row is no longer as the change began, and ``NoPlaceLeft`` when its programme has no place for it.
    """
    after = change.after
    turn = change.action == "reopen" and change.fields.get("reason") == PLACE_FREE
    settle_places(context, uow, change.before, after, district, at, cause=by.cause, takes_turn=turn)
    referrals.update(uow.connection, change.before, after)
    first = after.event_sequence if change.asks is None else after.event_sequence - 1
    _tell(
        context,
        uow,
        change.fact,
        after,
        events.changed(change, at, by_post=by.role, more=more),
        by,
        at=at,
        sequence=first,
    )
    if change.asks is not None:
        _tell(
            context,
            uow,
            "referral.reissue-requested.v1",
            after,
            events.reissue_requested(change, at),
            by,
            at=at,
            sequence=after.event_sequence,
        )
    codes = codes_for_others(after, change.fields)
    line = Line(
        id=ids.new(),
        referral_id=after.id,
        at=at,
        action=change.action,
        from_status=change.before.status,
        to_status=after.status,
        actor=by.actor,
        role=by.role,
        fields=change.fields,
    )
    referrals.add_history(uow.connection, [line])
    uow.audit(
        AuditEntry(
            at=at,
            actor=by.actor or SYSTEM,
            post=by.post,
            action=audit_name(change.action),
            object_type="referral",
            object_id=after.id,
            detail={
                "version": after.version,
                "from": change.before.status.value,
                **({"command": by.cause.id} if by.cause else {}),
                **{name: codes[name] for name in _AUDITED_CODES if codes.get(name)},
                **dict(detail or {}),
            },
        )
    )
    figures.count(uow, change.before, after, at, district)
    if change.action == "propose-return" and after.life.returns + 1 >= TOO_OFTEN_RETURNED:
        return record_change(context, uow, _escalated(after, at, district), CLOCK, district, at=at)
    return after


def _escalated(referral: Referral, at: datetime, district: District) -> Change:
    # Sent from desk to desk, a need is the coordinator's to settle: everybody concerned at one table (一事一议).
    fields = {"level": "blue", "cause": THIRD_RETURN}
    return side_act(referral, "supervise", Doing(referral, fields, at, timetable(district), None))


def answer_command(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    verb: str,
    by: By,
    *,
    at: datetime,
    refused: Refusal | None = None,
) -> Referral:
    """Tell how a command came out: done, or refused; gives the referral with that counted in."""
    answered = told(referral)
    referrals.update(uow.connection, referral, answered)
    type_ = f"referral.{verb}-{'done' if refused is None else 'refused'}.v1"
    data = events.settled(answered, at, refused)
    _tell(context, uow, type_, answered, data, by, at=at, sequence=answered.event_sequence)
    return answered


def audit_name(action: str) -> str:
    """Name an action as the audit log does."""
    return _AUDITED.get(action, f"referral.{action}")


def _tell(
    context: Context,
    uow: UnitOfWork,
    type_: str,
    referral: Referral,
    data: Mapping[str, Any],
    by: By,
    *,
    at: datetime,
    sequence: int,
) -> None:
    uow.record(
        events.event(
            type_,
            referral,
            data,
            id=ids.new(),
            source=context.source,
            at=at,
            sequence=sequence,
            cause=by.cause,
        )
    )


_AUDITED: Mapping[str, str] = {
    "acknowledge": "referral.acknowledged",
    "accept": "referral.accepted",
    "start": "referral.started",
    "step": "referral.started",
    "close": "referral.closed",
    "lapse": "referral.closed",
    "cancel": "referral.cancelled",
}
"""Names the audit log has given for longer than others have existed; every other action goes by its own."""
_AUDITED_CODES = (
    "step",
    "outcome",
    "reason",
    "assignee",
    "level",
    "next",
    "to_agency",
    "successor",
    "action",
)
