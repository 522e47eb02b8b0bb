"""Withdraws a request or some of its legs: asks referrals, which decides and answers by an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain import events
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.request import CLOSED, OPEN, WITHDRAW
from services.intake.domain.steps import Stand, require
from services.intake.domain.withdrawing import WAITING, legs_to_cancel, standing
from services.intake.persistence import mirror
from services.intake.persistence import requests as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.missing import missing
from shared import ids
from shared.audit import AuditEntry
from shared.db import Once
from shared.identity import Principal, allow


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    """Withdraw ``legs`` of a request, or with none named all that are open or wait; ``reason`` is a code of the domain.

    ``version`` is the version the caller saw, where he names one.
    """

    request: str
    reason: str
    legs: tuple[str, ...] = ()
    version: int | None = None


class StaleRequest(Exception):
    """The request or draft has changed since the caller saw it: it is at version ``current`` now, in ``status``."""

    def __init__(self, current: int, status: str, seen: int | None) -> None:
        super().__init__(f"at version {current}, seen at {seen}")
        self.current = current
        self.status = status
        self.seen = seen


def withdraw_request(
    context: Context, principal: Principal, command: WithdrawRequest, *, once: Once | None = None
) -> dict[str, Any]:
    """Ask for the cancellation of legs; each ends, or is refused visibly, when referrals has answered.

    Gives ``{id, number, status, version, legs: [{id, programme, agency, status}]}``, the legs asked for.

    Raises:
        Forbidden: no post of the principal allows withdrawing.
        NotThere: no such request or leg within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: the request or a named leg has ended and waits for no place, or its withdrawal is under way.
    """
    grant = allow(principal, "requests.withdraw")
    now = context.clock.now()
    with context.database.unit_of_work(once=once) as uow:
        request = store.lock(uow.connection, command.request)
        if request is None:
            raise missing(uow.connection, "request", command.request)
        if not grant.reaches(unit=request.unit, street=request.street):
            raise OutOfReach("request", request.id)
        if command.version not in {None, request.version}:
            raise StaleRequest(request.version, request.status, command.version)
        legs = {leg.id: leg for leg in store.legs_of(uow.connection, request.id)}
        stand = {leg.id: standing(leg.status, leg.outcome) for leg in legs.values()}
        now_at = Stand(
            status=request.status,
            waiting=WAITING in stand.values(),
            closed=any(leg.status == CLOSED for leg in legs.values()),
        )
        require(now_at, WITHDRAW, steps_allowed(principal, unit=request.unit, street=request.street))
        if not legs.keys() >= set(command.legs):
            raise NotThere
        chosen = legs_to_cancel(
            [(leg.id, stand[leg.id], leg.cancel_requested_at is not None) for leg in legs.values()],
            command.legs,
        )
        for place, leg in enumerate(chosen, start=1):
            stamp = events.Stamp(
                id=ids.new(),
                source=context.source,
                request=request.id,
                time=now,
                sequence=request.event_sequence + place,
            )
            uow.record(
                events.cancel_requested(stamp, leg=leg, agency=legs[leg].agency, reason=command.reason)
            )
        store.ask_to_cancel(uow.connection, chosen, now)
        store.advance(
            uow.connection,
            request.id,
            sequence=request.event_sequence + len(chosen),
            at=now,
            withdrawn=not command.legs and request.status in OPEN,
        )
        mirror.add_to_timeline(
            uow.connection,
            [
                {
                    "id": ids.at(now),
                    "request_id": request.id,
                    "leg_id": leg,
                    "fact": "cancel-requested",
                    "status": legs[leg].status,
                    "at": now,
                    "sequence": 0,
                    "staff": principal.staff,
                    "detail": {"reason": command.reason},
                }
                for leg in chosen
            ],
        )
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action="leg.cancel-requested" if command.legs else "request.withdrawn",
                object_type="request",
                object_id=request.id,
                reason=command.reason,
                detail={"legs": chosen},
            )
        )
        uow.result = {
            "id": request.id,
            "number": request.number,
            "status": request.status,
            "version": request.version + 1,
            "legs": [
                {
                    "id": leg,
                    "programme": legs[leg].programme,
                    "agency": legs[leg].agency,
                    "status": legs[leg].status,
                }
                for leg in chosen
            ],
        }
    answer: dict[str, Any] = uow.result
    return answer
