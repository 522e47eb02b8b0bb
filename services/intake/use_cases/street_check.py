"""The street's check: the specialist approves what a desk has filed, or sends it back to be corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain import events
from services.intake.domain.request import APPROVE, OPEN, PLANNED, SEND_BACK, SUBMIT, step_after
from services.intake.domain.street_check import check_reasons
from services.intake.domain.tasks import SPECIALIST
from services.intake.persistence import cases, life
from services.intake.persistence.tables import requests
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing, require_consent
from services.intake.use_cases.submit_request import check_deadline
from services.intake.use_cases.tasks import raise_task, settle_tasks
from shared.clock import Deadline, deadline
from shared.db import Once
from shared.identity import Principal

CHECK_TASKS = ("check", "check-overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack:
    """Send a request back: for which reasons (codes), and in words that stay at the desk."""

    request: str
    reasons: tuple[str, ...]
    words: str | None = None
    version: int | None = None


def approve(
    context: Context,
    principal: Principal,
    request: str,
    *,
    version: int | None = None,
    once: Once | None = None,
) -> dict[str, Any]:
    """Approve a request that waits for the check: referrals issues its planned legs. Gives the request, briefly.

    Raises:
        Forbidden: no post of the principal checks requests.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: it does not wait for a check.
        Breach: a consent has ended since it was filed.
    """
    change = Change(request=request, action="requests.check", step=APPROVE, version=version)
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        _require_consents(deed)
        deed.tell(events.approved(deed.stamp()))
        _set_check(deed, checking=False)
        deed.note("approved")
        deed.audit("request.approved")
        settle_tasks(deed.uow, case.id, *CHECK_TASKS, at=deed.at, by=deed.by.staff)
        deed.uow.result = deed.answer({leg.id: leg for leg in case.legs})
    answer: dict[str, Any] = deed.uow.result
    return answer


def send_back(
    context: Context, principal: Principal, command: SendBack, *, once: Once | None = None
) -> dict[str, Any]:
    """Send a request back to its desk, which corrects it and submits it again. Gives the request, briefly.

    Of a request in progress only the legs are concerned that wait for the check; what is under way goes on.

    Raises:
        Forbidden: no post of the principal checks requests.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at the version named.
        IllegalStep: it does not wait for a check.
        InvalidFiling: the reasons do not tell what to do.
    """
    check_reasons(command.reasons, command.words)
    change = Change(request=command.request, action="requests.check", step=SEND_BACK, version=command.version)
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        deed.tell(events.sent_back(deed.stamp(), command.reasons))
        status = step_after(case.status, SEND_BACK)
        # Nobody but the desk can move it on now, so the street's time stands still.
        _set(deed, status=status)
        _set_check(deed, checking=True)
        reasons = list(command.reasons)
        deed.note(
            "sent-back",
            status=status,
            detail={"reasons": reasons},
            words={"words": command.words} if command.words else None,
        )
        deed.audit("request.sent-back", reasons=reasons)
        settle_tasks(deed.uow, case.id, *CHECK_TASKS, at=deed.at, by=deed.by.staff)
        rule = deed.district.limits["first_contact"]
        raise_task(
            deed.uow,
            kind="sent-back",
            unit=case.unit,
            street=case.street,
            request=case.id,
            due_on=deadline(rule, deed.at, deed.district.calendar, deed.district.timezone).due_on,
            detail={"reasons": reasons},
            at=deed.at,
        )
        deed.uow.result = deed.answer({leg.id: leg for leg in case.legs}, status=status)
    answer: dict[str, Any] = deed.uow.result
    return answer


def submit_again(
    context: Context,
    principal: Principal,
    request: str,
    *,
    version: int | None = None,
    once: Once | None = None,
) -> dict[str, Any]:
    """Submit a request that was sent back; it waits for the check again. Gives the request, briefly.

    What was wrong is corrected before, by the same calls that correct any request.

    Raises:
        Forbidden: no post of the principal allows filing.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: it was not sent back.
        Breach: a consent has ended since it was filed.
    """
    change = Change(request=request, action="requests.file", step=SUBMIT, version=version)
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        status = step_after(case.status, SUBMIT)
        _require_consents(deed)
        if ask_for_check(deed):
            deed.tell(events.resubmitted(deed.stamp()))
        else:
            # The district has stopped checking meanwhile: then nothing is left to wait for.
            deed.tell(events.approved(deed.stamp()))
            _set_check(deed, checking=False)
        _set(deed, status=status)
        deed.note("submitted-again", status=status)
        deed.audit("request.submitted-again")
        settle_tasks(deed.uow, case.id, "sent-back", at=deed.at, by=deed.by.staff)
        deed.uow.result = deed.answer({leg.id: leg for leg in case.legs}, status=status)
    answer: dict[str, Any] = deed.uow.result
    return answer


def _require_consents(deed: Deed) -> None:
    """Object to letting go on what was sealed when it was filed and is covered by no consent any more."""
    for leg in deed.case.legs:
        if leg.status == PLANNED and not leg.cancelling:
            require_consent(deed, leg)


def ask_for_check(deed: Deed) -> bool:
    """Have the street check what waits, in its time; tells whether the district wants that."""
    case = deed.case
    due = check_deadline(deed.district, case.street, deed.at)
    if due is None:
        return False
    raise_task(
        deed.uow,
        kind="check",
        role=SPECIALIST,
        unit=case.unit,
        street=case.street,
        request=case.id,
        due_on=due.due_on,
        at=deed.at,
    )
    _set_check(deed, checking=True, due=due)
    return True


def _set_check(deed: Deed, *, checking: bool, due: Deadline | None = None) -> None:
    """Note whether the request is checked, and until when; without a day it lies with its desk, or with nobody."""
    columns = life.due_for_check(due.due_on, due.due_at) if due else life.due_for_check(None, None)
    if deed.case.status not in OPEN:
        # What time does to it next is the call that follows its end, or its being forgotten, if the check is not due
        # before that.
        planned = deed.case.held.request["timer_at"]
        if due is None or planned is None or planned <= due.due_at:
            columns = {name: columns[name] for name in ("checking", "check_due_on")}
    _set(deed, **columns | {"checking": checking})


def _set(deed: Deed, **values: Any) -> None:  # noqa: ANN401 - columns
    cases.change(deed.uow.connection, requests, deed.case.id, **values)
