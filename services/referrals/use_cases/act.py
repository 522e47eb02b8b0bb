"""Somebody takes one action on one referral: a decision of the table, or a side action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.referrals.domain import approvals
from services.referrals.domain.by_command import BY_COMMAND
from services.referrals.domain.doing import Doing, together
from services.referrals.domain.errors import IllegalTransition, NoSuchReferral, NotYours, PersonErased, Stale
from services.referrals.domain.outcomes import check_words, words_needed
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.side_actions import SIDE_ACTIONS, side_act
from services.referrals.domain.transitions import NAMED_ACTIONS, TRANSITIONS
from services.referrals.persistence import packets, referrals
from services.referrals.use_cases import words
from services.referrals.use_cases.assign import check_hands
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.on_behalf import record_on_behalf
from services.referrals.use_cases.own_rules import held_to_its_own
from services.referrals.use_cases.reaching import reaches
from services.referrals.use_cases.receivers import with_receiver
from services.referrals.use_cases.record import By, record_change
from services.referrals.use_cases.succeed import let_go_after_answer
from services.referrals.use_cases.views import ReferralView, view
from shared import ids
from shared.db import Once, UnitOfWork
from shared.directory import District
from shared.directory.programmes import CLINICAL_OUTWARD
from shared.directory.rules import detail_choices
from shared.identity import Grant, Principal, allow

UNVERSIONED = 0
"""Given as the version by whoever decides on no version in particular: most side actions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody wants done: ``version`` is the one they decided on, ``fields`` what they filled in."""

    referral_id: str
    action: str
    version: int
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Acting:
    """One action under way, with all it needs."""

    context: Context
    uow: UnitOfWork
    district: District
    command: Action
    grant: Grant
    staff: str
    at: datetime

    @property
    def by(self) -> By:
        """Who acts."""
        return By(actor=self.staff, role=self.grant.post.role, post=str(self.grant.post))


def take_action(
    context: Context, principal: Principal, command: Action, *, once: Once | None = None
) -> ReferralView:
    """Take one action and tell of it; gives the referral as it is then.

    What needs the leader is put to them instead of being done, which the answer shows as ``pending``.

    Raises ``NoSuchReferral``, ``NotYours``, ``Stale`` (checked before the transition), ``IllegalTransition``,
    ``WaitsForApproval``, ``NothingPending``, ``OwnRequest``, ``TooLate``, ``BadFields``, ``KeyElsewhere``, or
    ``shared.identity.Forbidden``; then nothing has changed.
    """
    grant = allow(principal, policy_of(command.action))
    district = context.directory.current()
    try:
        with context.database.unit_of_work(once=once) as uow:
            shown = take_within(context, uow, principal, grant, command, district)
            uow.result = shown
    except IllegalTransition as error:
        _audit_refusal(context, principal, grant, command, error)
        raise
    return shown


def take_within(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    grant: Grant,
    command: Action,
    district: District,
) -> ReferralView:
    """Take one action in a transaction that somebody else has begun; raises as ``take_action`` does."""
    referral = _held(uow, grant, command)
    if command.action in _BY_ITS_OWN:
        referral = held_to_its_own(context, uow.connection, referral, district)
    acting = _Acting(context, uow, district, command, grant, principal.staff, context.clock.now())
    after = _SIDE.get(command.action, _side if command.action in SIDE_ACTIONS else _decide)(acting, referral)
    return view(after, principal, district, context.clock.now())


def policy_of(action: str) -> str:
    """Name the row of the policy table by which an action is allowed; reading, for what nobody may take here."""
    row = TRANSITIONS.get(action) or SIDE_ACTIONS.get(action)
    return f"referrals.{action}" if row is not None and row.roles else "referrals.read"


def _held(uow: UnitOfWork, grant: Grant, command: Action) -> Referral:
    side = SIDE_ACTIONS.get(command.action)
    if command.action not in NAMED_ACTIONS and (side is None or not side.roles):
        raise NoSuchReferral(command.action)
    referral = referrals.load(uow.connection, [command.referral_id], lock=True).get(command.referral_id)
    if referral is None or not reaches(grant, referral):
        raise NoSuchReferral(command.referral_id)
    if referral.life.erased_at is not None:
        raise PersonErased(referral.id)
    if command.action in BY_COMMAND:
        raise NotYours(command.action, BY_COMMAND[command.action])
    if (side is None or side.versioned) and referral.version != command.version:
        raise Stale(command.version, referral.version, referral.status)
    return referral


def _decide(acting: _Acting, referral: Referral) -> Referral:
    action, fields = acting.command.action, acting.command.fields
    reckoning = timetable(acting.district)
    written = words.words_of(action, fields)
    if approvals.needs_leader(referral, action, fields, acting.grant.post.role):
        _checked(
            acting, referral, lambda: act(referral, action, fields, acting.at, reckoning, by=acting.staff)
        )
        sealed = words.seal_inside(acting.context, referral, written, acting.district, acting.at)
        change = approvals.ask(referral, action, fields, acting.at, reckoning, by=acting.staff, words=sealed)
        return record_change(acting.context, acting.uow, change, acting.by, acting.district, at=acting.at)
    change = _checked(
        acting, referral, lambda: act(referral, action, fields, acting.at, reckoning, by=acting.staff)
    )
    more = words.answer(acting.context, change, written, acting.district, acting.at)
    return record_change(
        acting.context, acting.uow, change, acting.by, acting.district, at=acting.at, more=more
    )


def _checked(acting: _Acting, referral: Referral, take: Callable[[], Change]) -> Change:
    """Take an action together with what the domain cannot check, so that one answer names every fault."""
    action, fields = acting.command.action, acting.command.fields
    own_key = words.holds_own_key(referral, acting.district)
    if action in words.NEEDED and not own_key:
        said: Change = together(take, lambda: words.require_words(action, fields))[0]
        return said
    if action != "close":
        return with_receiver(take, referral, action, fields, acting.district)
    clinical = referral.programme == CLINICAL_OUTWARD
    complete = words_needed(fields.get("outcome"), clinical=clinical, own_key=own_key)
    choices = detail_choices(acting.district, referral.programme)
    change: Change = together(
        take, lambda: check_words(fields, referral.rules, complete=complete, choices=choices)
    )[0]
    return change


def _side(acting: _Acting, referral: Referral) -> Referral:
    action, fields = acting.command.action, acting.command.fields
    check_hands(acting.district, referral, action, fields, acting.grant, acting.staff, acting.at)
    written = words.words_of(action, fields)
    marks = words.marks(acting.context, referral, action, written)
    doing = Doing(referral, fields, acting.at, timetable(acting.district), acting.staff, marks)
    change = _checked(acting, referral, lambda: side_act(referral, action, doing))
    more = words.answer(acting.context, change, written, acting.district, acting.at)
    if action in words.INTERNAL:
        _keep_inside(acting, referral, written)
    after = record_change(
        acting.context, acting.uow, change, acting.by, acting.district, at=acting.at, more=more
    )
    if action != "acknowledge-withdrawal":
        return after
    return let_go_after_answer(acting.context, acting.uow, after, acting.at)


def _keep_inside(acting: _Acting, referral: Referral, written: Mapping[str, str]) -> None:
    sealed = words.seal_inside(acting.context, referral, written, acting.district, acting.at)
    if sealed is not None:
        packets.keep_message(
            acting.uow.connection,
            id_=ids.new(),
            referral=referral.id,
            at=acting.at,
            sealed=sealed,
            author=acting.staff,
        )


def _approve(acting: _Acting, referral: Referral) -> Referral:
    settled, done = approvals.approve(referral, acting.at, timetable(acting.district), by=acting.staff)
    pending = referral.pending
    written = words.open_inside(acting.context, referral, pending.words if pending else None)
    record_change(acting.context, acting.uow, settled, acting.by, acting.district, at=acting.at)
    more = words.answer(acting.context, done, written, acting.district, acting.at)
    return record_change(
        acting.context, acting.uow, done, acting.by, acting.district, at=acting.at, more=more
    )


def _decline(acting: _Acting, referral: Referral) -> Referral:
    change = approvals.decline(
        referral,
        acting.command.fields,
        acting.at,
        timetable(acting.district),
        by=acting.staff,
        role=acting.grant.post.role,
    )
    return record_change(acting.context, acting.uow, change, acting.by, acting.district, at=acting.at)


def _record(acting: _Acting, referral: Referral) -> Referral:
    return record_on_behalf(
        acting.context,
        acting.uow,
        referral,
        acting.command.fields,
        acting.by,
        acting.district,
        acting.at,
    )


_BY_ITS_OWN = frozenset({"request-documents", "start", "step", "close"})
"""Actions that name a paper, a step or an outcome of the leg's own programme."""
_SIDE = {"approve": _approve, "decline": _decline, "record-on-behalf": _record}


def _audit_refusal(
    context: Context, principal: Principal, grant: Grant, command: Action, error: IllegalTransition
) -> None:
    detail = {"action": command.action, "status": error.status.value}
    with context.database.unit_of_work() as uow:
        audit(
            context,
            uow,
            principal,
            grant,
            "referral.action-refused",
            ("referral", command.referral_id),
            detail,
        )
