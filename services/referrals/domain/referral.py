"""A referral: one leg of a request at one agency, and how each action changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from services.referrals.domain.clocks import Running, Starts, Timetable, due_first
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.outcomes import DETAILS, check_outcome
from services.referrals.domain.status import ENDED, Status
from services.referrals.domain.transitions import Transition, transition_for
from shared.text import Text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STARTED = "started"
"""What is recorded where work begins without naming one of the programme's steps."""
_ENDED_LAST = 1_000_000_000_000
NO_CLOCK = 500_000_000_000
"""Ranks from this on are those of open referrals without a running clock."""
OPEN_BELOW = 900_000_000_000
"""Ranks below this are those of open referrals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """The state of one referral; ``position`` is its place among the legs of its request.

    ``version`` counts changes that people decide on (If-Match), ``event_sequence`` the events told. ``rules`` are
    those that travelled with the request and never change under it. ``clock`` is the running clock due first,
    and ``due_at``, ``due_on`` and ``yellow_on`` are its own; all four are None while none runs. ``rank`` sorts a
    queue.
    """

    id: str
    number: str
    request_id: str
    request_number: str
    agency: str
    programme: str
    unit: str
    street: str
    urgency: str
    position: int
    status: Status
    previous_status: Status | None
    status_since: datetime
    version: int
    event_sequence: int
    rules: Mapping[str, Any]
    issued_at: datetime
    received_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    clock: str | None
    due_at: datetime | None
    due_on: date | None
    yellow_on: date | None
    rank: int
    step: str | None
    outcome: str | None
    outcome_fields: Mapping[str, Any] | None
    reason: str | None

    @property
    def accepted(self) -> bool:
        """Whether the agency has taken it on."""
        return self.accepted_at is not None

    @property
    def starts(self) -> Starts:
        """The moments its clocks may start from."""
        return Starts(self.issued_at, self.received_at, self.accepted_at)


@dataclass(frozen=True, slots=True)
class Change:
    """What an action has done: the referral after it, the row of the table, and the codes it was given."""

    before: Referral
    after: Referral
    transition: Transition
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeg:
    """What a request tells about one of its legs."""

    id: str
    number: str
    request_id: str
    request_number: str
    agency: str
    programme: str
    unit: str
    street: str
    urgency: str
    position: int
    rules: Mapping[str, Any]


def issue(leg: NewLeg, at: datetime, timetable: Timetable) -> Referral:
    """Open a referral at the moment its request was submitted: delivered, and its clocks running."""
    running = due_first(Status.ISSUED, leg.rules, Starts(at, None, None), timetable)
    return Referral(
        id=leg.id,
        number=leg.number,
        request_id=leg.request_id,
        request_number=leg.request_number,
        agency=leg.agency,
        programme=leg.programme,
        unit=leg.unit,
        street=leg.street,
        urgency=leg.urgency,
        position=leg.position,
        status=Status.ISSUED,
        previous_status=None,
        status_since=at,
        version=1,
        event_sequence=1,
        rules=leg.rules,
        issued_at=at,
        received_at=None,
        accepted_at=None,
        ended_at=None,
        clock=running.clock if running else None,
        due_at=running.due_at if running else None,
        due_on=running.due_on if running else None,
        yellow_on=running.yellow_on if running else None,
        rank=rank(Status.ISSUED, running, at),
        step=None,
        outcome=None,
        outcome_fields=None,
        reason=None,
    )


def act(
    referral: Referral, action: str, fields: Mapping[str, Any], at: datetime, timetable: Timetable
) -> Change:
    """Take one action of the table.

    Raises ``IllegalTransition`` or ``BadFields``; then nothing has changed.
    """
    transition = transition_for(action, referral.status, accepted=referral.accepted)
    taken = _CHECKS.get(action, _nothing)(referral, fields)
    target = transition.target
    same = target is referral.status
    received_at = referral.received_at
    accepted_at = referral.accepted_at
    if target in {Status.RECEIVED, Status.ACCEPTED}:
        received_at = received_at or at
    if target is Status.ACCEPTED:
        accepted_at = accepted_at or at
    running = due_first(
        target, referral.rules, Starts(referral.issued_at, received_at, accepted_at), timetable
    )
    after = replace(
        referral,
        status=target,
        previous_status=referral.previous_status if same else referral.status,
        status_since=referral.status_since if same else at,
        version=referral.version + 1,
        event_sequence=referral.event_sequence + 1,
        received_at=received_at,
        accepted_at=accepted_at,
        ended_at=at if target in ENDED else None,
        clock=running.clock if running else None,
        due_at=running.due_at if running else None,
        due_on=running.due_on if running else None,
        yellow_on=running.yellow_on if running else None,
        rank=rank(target, running, at),
        step=taken.get("step", referral.step),
        outcome=taken.get("outcome", referral.outcome),
        outcome_fields={name: taken[name] for name in DETAILS if name in taken} or None,
        reason=taken.get("reason", referral.reason),
    )
    return Change(referral, after, transition, taken)


def told(referral: Referral) -> Referral:
    """Count one more event of a referral whose state stays as it is, such as the answer to a command."""
    return replace(referral, event_sequence=referral.event_sequence + 1)


def rank(status: Status, running: Running | None, at: datetime) -> int:
    """Give one number by which a queue is sorted: open referrals by their due moment, then ended ones, newest first.

    Open ones whose clock is paused stand between the two. Counts seconds.
    """
    if status in ENDED:
        return _ENDED_LAST - _seconds(at)
    return NO_CLOCK + _seconds(at) if running is None else _seconds(running.due_at)


def _seconds(at: datetime) -> int:
    return int((at - _EPOCH).total_seconds())


def _nothing(_referral: Referral, _fields: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _check_step(referral: Referral, fields: Mapping[str, Any]) -> dict[str, Any]:
    steps = referral.rules["steps"]
    step = fields.get("step")
    if step in steps and step is not None:
        return {"step": step}
    if step is None and referral.status is Status.ACCEPTED:
        return {"step": STARTED}
    if not steps:
        raise BadFields([FieldFault("step", _NO_STEPS)])
    raise BadFields([FieldFault("step", _one_of(steps) if step else _STEP_NEEDED)])


def _one_of(steps: Sequence[str]) -> Text:
    return Text(_ONE_OF.zh.format(steps="、".join(steps)), _ONE_OF.en.format(steps=", ".join(steps)))


def _check_close(referral: Referral, fields: Mapping[str, Any]) -> dict[str, Any]:
    code = check_outcome(fields, referral.status)
    return {"outcome": code} | {name: fields[name] for name in DETAILS if fields.get(name) not in (None, "")}


def _check_reason(_referral: Referral, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": fields["reason"]}


_CHECKS = {"start": _check_step, "close": _check_close, "cancel": _check_reason}

_NO_STEPS = Text("该事项没有分步骤，无需填写。", "This programme has no named steps; leave it out.")
_ONE_OF = Text("没有这一步骤，可选：{steps}。", "There is no such step; choose one of: {steps}.")
_STEP_NEEDED = Text("请选择已完成到哪一步。", "Choose the step that has been reached.")
