"""An officer at a desk takes one action on one referral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.referrals.domain import events
from services.referrals.domain.errors import (
    IllegalTransition,
    KeyElsewhere,
    NoSuchReferral,
    NotYours,
    Stale,
)
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.transitions import BY_COMMAND, NAMED_ACTIONS, TRANSITIONS, transition_for
from services.referrals.persistence import referrals
from services.referrals.persistence.referrals import Line
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.views import ReferralView, view
from shared import ids
from shared.audit import AuditEntry
from shared.db import Once, UnitOfWork
from shared.directory import District
from shared.identity import Grant, Principal, allow

_AUDITED = {
    "acknowledge": "referral.acknowledged",
    "accept": "referral.accepted",
    "start": "referral.started",
    "close": "referral.closed",
}
_IN_WORDS = ("note", "evidence")
"""Fields that people write in their own words: they go sealed to the help desk and are kept nowhere here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody wants done: ``version`` is the one they decided on, ``fields`` what they filled in."""

    referral_id: str
    action: str
    version: int
    fields: Mapping[str, Any] = field(default_factory=dict)


def take_action(
    context: Context, principal: Principal, command: Action, *, once: Once | None = None
) -> ReferralView:
    """Take one action of the table and tell of it; gives the referral as it is then.

    Raises ``NoSuchReferral``, ``NotYours``, ``Stale`` (checked before the transition), ``IllegalTransition``,
    ``BadFields``, ``KeyElsewhere``, or ``shared.identity.Forbidden``; then nothing has changed.
    """
    grant = allow(principal, _policy(command.action))
    district = context.directory.current()
    try:
        with context.database.unit_of_work(once=once) as uow:
            referral = _held(uow, grant, command)
            change = _decide(context, principal, grant, uow, referral, command, district)
            uow.result = view(change.after, principal, district, context.today(district))
    except IllegalTransition as error:
        _audit_refusal(context, principal, grant, command, error)
        raise
    shown: ReferralView = uow.result
    return shown


def _policy(action: str) -> str:
    row = TRANSITIONS.get(action)
    return f"referrals.{action}" if row is not None and row.roles else "referrals.read"


def _held(uow: UnitOfWork, grant: Grant, command: Action) -> Referral:
    if command.action not in NAMED_ACTIONS:
        raise NoSuchReferral(command.action)
    referral = referrals.load(uow.connection, [command.referral_id], lock=True).get(command.referral_id)
    if referral is None or not grant.reaches(
        agency=referral.agency, unit=referral.unit, street=referral.street
    ):
        raise NoSuchReferral(command.referral_id)
    if command.action in BY_COMMAND:
        raise NotYours(command.action, BY_COMMAND[command.action])
    if referral.version != command.version:
        raise Stale(command.version, referral.version, referral.status)
    if command.action not in TRANSITIONS:
        transition_for(command.action, referral.status, accepted=referral.accepted)
    return referral


def _decide(
    context: Context,
    principal: Principal,
    grant: Grant,
    uow: UnitOfWork,
    referral: Referral,
    command: Action,
    district: District,
) -> Change:
    at = context.clock.now()
    change = act(referral, command.action, command.fields, at, timetable(district))
    after = change.after
    answer = _answer(context, change, command, district, at)
    referrals.update(uow.connection, change.before, after)
    uow.record(
        events.event(
            change.transition.fact,
            after,
            events.changed(change, at, by_post=grant.post.role, answer=answer),
            id=ids.new(),
            source=context.source,
            at=at,
            sequence=after.event_sequence,
        )
    )
    line = Line(
        id=ids.new(),
        referral_id=referral.id,
        at=at,
        action=command.action,
        from_status=change.before.status,
        to_status=after.status,
        actor=principal.staff,
        role=grant.post.role,
        fields=change.fields,
    )
    referrals.add_history(uow.connection, [line])
    uow.audit(
        AuditEntry(
            at=at,
            actor=principal.staff,
            post=str(grant.post),
            action=_AUDITED[command.action],
            object_type="referral",
            object_id=referral.id,
            detail={"version": after.version, "from": change.before.status.value, **_codes(change.fields)},
        )
    )
    return change


def _answer(
    context: Context, change: Change, command: Action, district: District, at: datetime
) -> str | None:
    words = {name: command.fields[name] for name in _IN_WORDS if command.fields.get(name)}
    details = change.after.outcome_fields or {}
    if command.action != "close" or not (words or details):
        return None
    agency = district.agencies.get(change.after.agency)
    if agency is not None and agency.keys == "own":
        raise KeyElsewhere
    fields = {**change.fields, **{name: words[name] for name in words if name != "note"}}
    body: dict[str, Any] = {"action": command.action, "fields": fields}
    if "note" in words:
        body["note"] = words["note"]
    return context.keyring.seal("intake", change.after.agency, change.after.id, "answer", body, now=at)


def _codes(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("step", "outcome", "reason") if fields.get(name)}


def _audit_refusal(
    context: Context, principal: Principal, grant: Grant, command: Action, error: IllegalTransition
) -> None:
    with context.database.unit_of_work() as uow:
        uow.audit(
            AuditEntry(
                at=context.clock.now(),
                actor=principal.staff,
                post=str(grant.post),
                action="referral.action-refused",
                object_type="referral",
                object_id=command.referral_id,
                detail={"action": command.action, "status": error.status.value},
            )
        )
