"""Takes a consent back: explains first what follows for each leg, then cancels, or freezes what cannot be cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.domain.changes import CANCEL, EFFECTS, FREEZE, HANDED_ON, LEAVE_LINE, NOTHING
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.request import CLOSED, LEG_HANDED_ON, PLANNED, UNANSWERED, WITHDRAW_CONSENT
from services.intake.domain.withdrawing import WAITING, WITHDRAWN, standing
from services.intake.persistence import cases
from services.intake.persistence.tables import consents
from services.intake.use_cases.case import Case, CaseConsent, CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing, held_case
from services.intake.use_cases.tasks import settle_tasks
from shared.db import Once, UnitOfWork
from shared.identity import Principal, allow

REASON = "consent-withdrawn"
UNDECIDED = frozenset({"awaiting-documents", "transfer-proposed"})
"""Statuses in which it depends on whether the agency has ever accepted the leg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """Take one consent of a request back; ``version`` is the version the caller saw, where he names one."""

    request: str
    consent: str
    version: int | None = None


def explain_withdrawal(context: Context, principal: Principal, request: str, consent: str) -> dict[str, Any]:
    """Tell what withdrawing a consent would do, before anybody confirms it; nothing changes.

    Gives ``{consent, agency, programme, withdrawn, legs: [{id, programme, agency, status, effect, messages}]}``.

    Raises:
        Forbidden: no post of the principal allows withdrawing a consent.
        NotThere: there is no such request or consent within reach.
    """
    grant = allow(principal, "consents.withdraw")
    with context.database.unit_of_work() as uow:
        case = held_case(context, uow, request)
        if not grant.reaches(unit=case.unit, street=case.street):
            raise OutOfReach("request", case.id)
        found = _find(case, consent)
        return _explained(found, _effects(uow, case, found))


def withdraw_consent(
    context: Context, principal: Principal, command: WithdrawConsent, *, once: Once | None = None
) -> dict[str, Any]:
    """Take a consent back: whatever it covered is cancelled before the agency has accepted it, and frozen after.

    Gives what ``explain_withdrawal`` gives, with ``{id, number, status, version}`` of the request.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        Breach: it was withdrawn already.
    """
    change = Change(
        request=command.request,
        action="consents.withdraw",
        step=WITHDRAW_CONSENT,
        version=command.version,
    )
    with changing(context, principal, change, once=once) as deed:
        found = _find(deed.case, command.consent)
        if found.withdrawn_at is not None:
            raise Breach("consent-withdrawn")
        connection = deed.uow.connection
        cases.change(
            connection,
            consents,
            found.id,
            withdrawn_at=deed.at,
            withdrawn_by=deed.by.staff,
            timer=None,
            timer_at=None,
        )
        effects = _effects(deed.uow, deed.case, found)
        for leg, effect in effects:
            _DO[effect](deed, leg)
            settle_tasks(deed.uow, deed.case.id, "renewal", at=deed.at, by=deed.by.staff, leg=leg.id)
        codes = {"agency": found.consent.agency, "consent": found.id}
        deed.note(REASON, detail=codes)
        deed.audit("consent.withdrawn", **codes)
        head = deed.answer()
        del head["legs"]
        deed.uow.result = head | _explained(found, effects) | {"withdrawn": True}
    answer: dict[str, Any] = deed.uow.result
    return answer


def _find(case: Case, consent: str) -> CaseConsent:
    for one in case.consents:
        if one.id == consent:
            return one
    raise NotThere


def _effects(uow: UnitOfWork, case: Case, consent: CaseConsent) -> list[tuple[CaseLeg, str]]:
    (programme,) = consent.consent.programmes
    taken_on = cases.taken_on(uow.connection, case.id)
    left = cases.out_of_line(uow.connection, case.id)
    return [
        (leg, FREEZE if leg.id in left and _was_withdrawn(leg) else _effect(leg, leg.id in taken_on))
        for leg in case.legs
        if leg.agency == consent.consent.agency and leg.need.programme == programme
    ]


def _effect(leg: CaseLeg, accepted: bool) -> str:  # noqa: FBT001 - one of the two facts it depends on
    if leg.status in LEG_HANDED_ON:
        return HANDED_ON
    if leg.ended:
        return LEAVE_LINE if standing(leg.status, leg.outcome) == WAITING else NOTHING
    if leg.status in UNANSWERED | {PLANNED} or (leg.status in UNDECIDED and not accepted):
        return CANCEL
    return FREEZE


def _was_withdrawn(leg: CaseLeg) -> bool:
    # Whoever gave the turn up before owes the agency no more than whoever does so with the consent.
    return leg.status == CLOSED and leg.outcome == WITHDRAWN


def _cancel(deed: Deed, leg: CaseLeg) -> None:
    if not leg.cancelling:
        deed.cancel(leg, REASON)


def _freeze(deed: Deed, leg: CaseLeg) -> None:
    # What a newer consent is about to bring back to life is frozen once more.
    if not leg.frozen or (leg.id, "unfreeze") in cases.pending(deed.uow.connection, deed.case.id):
        deed.ask(leg, "freeze", {"reason": REASON}, detail={"reason": REASON})


def _nothing(_deed: Deed, _leg: CaseLeg) -> None:
    pass


_DO: Mapping[str, Callable[[Deed, CaseLeg], None]] = MappingProxyType(
    {CANCEL: _cancel, FREEZE: _freeze, LEAVE_LINE: _freeze, HANDED_ON: _freeze, NOTHING: _nothing}
)


def _explained(consent: CaseConsent, effects: list[tuple[CaseLeg, str]]) -> dict[str, Any]:
    (programme,) = consent.consent.programmes
    return {
        "consent": consent.id,
        "agency": consent.consent.agency,
        "programme": programme,
        "withdrawn": consent.withdrawn_at is not None,
        "legs": [
            {**leg.brief, "effect": effect, "messages": EFFECTS[effect].both()} for leg, effect in effects
        ],
    }
