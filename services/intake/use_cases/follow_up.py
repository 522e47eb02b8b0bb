"""The follow-up call: recorded, its rating sent on to the agencies, the request closed with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain.follow_up import Call, check_call, status_after_call
from services.intake.domain.request import CLOSED, FOLLOW_UP
from services.intake.domain.timers import CHECK_OVERDUE, FORGET, after
from services.intake.persistence import cases
from services.intake.persistence.tables import legs, requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing
from services.intake.use_cases.forget import kept_until
from services.intake.use_cases.tasks import raise_task, settle_tasks
from shared.clock import deadline
from shared.db import Once
from shared.identity import Principal

LEG_CLOSED = "closed"
CALL_TASKS = ("call-back", "call-back-overdue", "bad-rating")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The call made about a request, and the version of it the caller saw, where he names one."""

    request: str
    call: Call
    version: int | None = None


def follow_up(
    context: Context, principal: Principal, command: FollowUp, *, once: Once | None = None
) -> dict[str, Any]:
    """Record a call; the rating goes on as one command for each leg that was closed. Gives the request, briefly.

    A call that reached the person closes the request; with a bad rating it stays followed up until a second call,
    and the third that reached nobody closes it as well.

    Raises:
        Forbidden: no post of the principal follows requests up.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at the version named.
        IllegalStep: its last leg has not ended, or it is closed.
        InvalidFiling: the parts of the call do not fit each other.
    """
    call = command.call
    check_call(call)
    change = Change(
        request=command.request, action="requests.follow-up", step=FOLLOW_UP, version=command.version
    )
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        tries = case.held.request["calls"] + (0 if call.reached else 1)
        status = status_after_call(case.status, call, tries)
        for leg in case.legs:
            if call.satisfied is not None and leg.status == LEG_CLOSED and leg.rating is None:
                deed.ask(leg, "rate", {"grade": call.satisfied}, detail={"grade": call.satisfied})
                # As a rating of one leg does, so that none is asked for twice.
                cases.change(deed.uow.connection, legs, leg.id, rating=call.satisfied)
        values: dict[str, Any] = {"status": status, "calls": tries}
        if status == CLOSED or call.reached:
            ended_at = case.held.request["ended_at"]
            values |= {"timer": FORGET, "timer_at": kept_until(deed.district, ended_at)}
            if case.checking and case.check_due_on is not None:
                # The street's check, where aid came before it, is still to be made in its time.
                due_at = after(case.check_due_on, deed.district.timezone)
                values |= {"timer": CHECK_OVERDUE, "timer_at": due_at}
        cases.change(deed.uow.connection, requests, case.id, **values)
        _write_down(deed, call, status)
        if status != case.status:
            settle_tasks(deed.uow, case.id, *CALL_TASKS, at=deed.at, by=deed.by.staff)
        if status not in {case.status, CLOSED}:
            _have_it_mended(deed, call)
        deed.uow.result = deed.answer({leg.id: leg for leg in case.legs}, status=status)
    answer: dict[str, Any] = deed.uow.result
    return answer


def _write_down(deed: Deed, call: Call, status: str) -> None:
    detail: dict[str, Any] = {"reached": call.reached, "outcome": call.outcome, "leads_to": status}
    if call.satisfied is not None:
        detail["satisfied"] = call.satisfied
    deed.note(
        "followed-up" if call.reached else "call-tried",
        status=status,
        detail=detail,
        words={"words": call.words} if call.words else None,
    )
    deed.audit("request.followed-up", reached=call.reached, outcome=call.outcome)


def _have_it_mended(deed: Deed, call: Call) -> None:
    rule = deed.district.limits["bad_rating_fix"]
    raise_task(
        deed.uow,
        kind="bad-rating",
        unit=deed.case.unit,
        street=deed.case.street,
        request=deed.case.id,
        due_on=deadline(rule, deed.at, deed.district.calendar, deed.district.timezone).due_on,
        detail={"satisfied": call.satisfied},
        at=deed.at,
    )
