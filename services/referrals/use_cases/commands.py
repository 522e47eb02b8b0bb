"""What the help desk asks of a referral: carried out or refused with a reason, and answered in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import (
    BadFields,
    IllegalTransition,
    ReferralError,
    TooLate,
    WaitsForApproval,
)
from services.referrals.domain.events import Refusal
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.slips import BESIDE_THE_STATUS, SlipSpent
from services.referrals.domain.status import ENDED
from services.referrals.domain.transitions import TRANSITIONS
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import By, answer_command, record_change
from shared.db import UnitOfWork
from shared.directory import District
from shared.events import Event
from shared.identity import Role, outward_role
from shared.inbox import Refused
from shared.text import Text

HELP_DESK = outward_role(Role.HUT)
"""How the desk that filed a request is called where agencies can read it."""

NO_SUCH_LEG = Text("该申请没有这一转介。", "The request has no such referral.")


class CannotCarryOut(Exception):
    """A command is refused; ``reason`` is a code. What was done before it was raised stays done."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Carrying:
    """One command on one referral whose row is held; ``referral`` moves on with each change."""

    context: Context
    uow: UnitOfWork
    district: District
    command: Event
    referral: Referral

    @property
    def at(self) -> datetime:
        """When the help desk asked: business time comes from the event."""
        return self.command.time

    @property
    def data(self) -> Mapping[str, Any]:
        """What the command carries."""
        return self.command.data

    @property
    def by(self) -> By:
        """The help desk, and the command as the cause."""
        return By(actor=None, role=HELP_DESK, post=HELP_DESK, cause=self.command)

    @property
    def holds_own_key(self) -> bool:
        """Whether the agency's own system opens what is sealed to it, so that it gets it by message."""
        agency = self.district.agencies.get(self.referral.agency)
        return agency is not None and agency.keys == "own"

    def act(self, action: str, fields: Mapping[str, Any], **told: Any) -> None:  # noqa: ANN401 - as record_change
        """Take an action of the table; raises what the domain objects to."""
        self.record(act(self.referral, action, fields, self.at, timetable(self.district)), **told)

    def side_act(self, action: str, fields: Mapping[str, Any], **told: Any) -> None:  # noqa: ANN401 - as record_change
        """Take a side action; raises what the domain objects to."""
        doing = Doing(self.referral, fields, self.at, timetable(self.district), None)
        self.record(side_act(self.referral, action, doing), **told)

    def record(
        self,
        change: Change,
        *,
        more: Mapping[str, Any] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a change down."""
        self.referral = record_change(
            self.context, self.uow, change, self.by, self.district, at=self.at, more=more, detail=detail
        )


Handler = Callable[[Carrying], None]
"""Carries one command out; raises ``CannotCarryOut`` or what the domain objects to."""


def carry_out(
    verb: str, handler: Handler, context: Context, uow: UnitOfWork, commands: Sequence[Event]
) -> None:
    """Carry out or refuse commands of one verb, in the order in which they were given.

    Raises ``Refused`` for a command about a referral that does not exist or belongs to another request or agency.
    """
    district = context.directory.current()
    wanted = sorted({str(command.data["referral"]) for command in commands})
    held = referrals.load(uow.connection, wanted, lock=True)
    for command in commands:
        referral = held.get(str(command.data["referral"]))
        if referral is None or referral.request_id != command.subject or referral.agency != command.agency:
            raise Refused(NO_SUCH_LEG)
        carrying = Carrying(context, uow, district, command, referral)
        reason: str | None = None
        wrong: list[str] = []
        until: date | None = None
        try:
            (_refuse if referral.life.erased_at is not None else handler)(carrying)
        except CannotCarryOut as error:
            reason = error.reason
        except ReferralError as error:
            reason = refusal_of(verb, error, carrying.referral)
            if isinstance(error, BadFields):
                named = (fault.field.removeprefix("fields.").partition(".")[0] for fault in error.faults)
                wrong = list(dict.fromkeys(named))
            until = error.until if isinstance(error, TooLate) else None
        held[referral.id] = answer_command(
            context,
            uow,
            carrying.referral,
            verb,
            carrying.by,
            at=carrying.at,
            refused=None if reason is None else Refusal(reason, wrong, _taken_down(command), until),
        )


def _refuse(_carrying: Carrying) -> None:
    # What was asked before and comes late, from a letter or an older copy, brings nothing of an erased person back.
    raise CannotCarryOut(ERASED)


ALREADY_ENDED, NOT_NOW, WAITING = "already-ended", "not-possible-now", "waits-for-approval"
ALREADY_DONE, BAD_FIELDS, TOO_LATE, SPENT = "already-done", "bad-fields", "too-late", "slip-spent"
TOO_EARLY, ERASED = "not-yet", "person-erased"
_BY_VERB: Mapping[tuple[str, type[ReferralError]], str] = MappingProxyType(
    {
        ("cancel", IllegalTransition): "already-accepted",
        ("supply", IllegalTransition): "papers-not-awaited",
        ("more-time", IllegalTransition): "papers-not-awaited",
        ("more-time", TooLate): "already-extended",
        ("reopen", IllegalTransition): "not-closed",
    }
)
_REASONS: Mapping[type[ReferralError], str] = MappingProxyType(
    {
        IllegalTransition: NOT_NOW,
        WaitsForApproval: WAITING,
        BadFields: BAD_FIELDS,
        TooLate: TOO_LATE,
        SlipSpent: SPENT,
    }
)


def refusal_of(verb: str, error: ReferralError, referral: Referral) -> str:
    """Give the code for what the domain objected to; raises the error again where nobody foresaw it."""
    if isinstance(error, IllegalTransition) and referral.status in ENDED and verb != "reopen":
        return ALREADY_ENDED
    if isinstance(error, IllegalTransition) and verb == "record" and _has_happened(error.action, referral):
        return ALREADY_DONE
    if isinstance(error, TooLate) and verb == "record" and error.action in BESIDE_THE_STATUS:
        return ALREADY_DONE
    if isinstance(error, TooLate) and error.until is not None:
        return TOO_EARLY
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return _BY_VERB.get((verb, kind), reason)
    raise error


def _taken_down(command: Event) -> str | None:
    action = command.data.get("action")
    return None if action is None else str(action)


_HAPPENED: Mapping[str, Callable[[Referral], bool]] = MappingProxyType(
    {
        "acknowledge": lambda referral: referral.received_at is not None,
        "accept": lambda referral: referral.accepted,
    }
)


def _has_happened(action: str, referral: Referral) -> bool:
    """Tell whether what was to be taken down from paper is what has been done already."""
    happened = _HAPPENED.get(action)
    return TRANSITIONS[action].target is referral.status if happened is None else happened(referral)
