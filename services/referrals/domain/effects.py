"""What each action of the table does to a referral besides moving it: checks its fields, and gives what they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.referrals.domain import handing_over, reasons, wording
from services.referrals.domain.clocks import (
    DECIDE,
    LONGEST_SUSPENSION,
    RELIEF_PAID,
    SUPPLEMENT,
    SUSPENSION,
    pauses_of,
    rule_of,
)
from services.referrals.domain.doing import Doing, Effect, coded, day_after, filled, one_of, together
from services.referrals.domain.errors import AidFirst, BadFields, FieldFault, TooLate
from services.referrals.domain.keeping import CONSENT_WITHDRAWN, NEVER_ACCEPTED, may_be_read
from services.referrals.domain.life import Frozen, Life, Pause, Step
from services.referrals.domain.outcomes import DETAILS, check_outcome
from services.referrals.domain.publicity import check_notice
from services.referrals.domain.status import Status
from services.referrals.domain.supervision import late_because
from services.referrals.domain.transitions import TRANSITIONS, possible_actions
from services.referrals.domain.waiting import waits
from shared.clock import publicity_pause, total_until
from shared.clock.steps import PUBLICITY
from shared.text import Text

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral

PUTS_OFF = frozenset({"request-documents", "suspend"})
"""What stops the clock of the decision: where aid comes first, not before it has been given."""
STARTED = "started"
"""What is recorded where work begins without naming one of the programme's steps."""


def effect_of(action: str, doing: Doing) -> Effect:
    """Check an action's fields and give its effect.

    Raises ``BadFields`` or ``TooLate``.
    """
    effect = _EFFECTS.get(action)
    return Effect(doing.referral.life) if effect is None else effect(doing)


def _acknowledge(doing: Doing) -> Effect:
    return Effect(doing.referral.life, sets={"received_at": doing.referral.received_at or doing.at})


def _accept(doing: Doing) -> Effect:
    leg = doing.referral
    # Papers that were awaited are so no longer: it goes on without them, and where it stood, with its steps.
    life = replace(leg.life.resumed(doing.at), papers=(), papers_due_on=None)
    return Effect(
        life,
        back=leg.accepted,
        stays=leg.status is Status.TRANSFER_PROPOSED,
        codes={"deemed": True} if doing.fields.get("deemed") else {},
        sets={"received_at": leg.received_at or doing.at, "accepted_at": leg.accepted_at or doing.at},
    )


def puts_off_aid(action: str, leg: Referral) -> bool:
    """Tell whether an action would put off aid that comes first."""
    paid = any(step.step == RELIEF_PAID for step in leg.life.steps)
    return action in PUTS_OFF and bool(leg.rules.get("aid_first")) and not paid


def _aid_first(action: str, leg: Referral) -> None:
    if puts_off_aid(action, leg):
        allowed = possible_actions(leg.status, accepted=leg.accepted, roles=frozenset({"desk"}))
        possible = [each for each in allowed if each not in PUTS_OFF]
        names = "、".join(f"{TRANSITIONS[each].text.zh}（{each}）" for each in possible)
        told = filled(wording.AID_FIRST, step=RELIEF_PAID, possible=Text(names, ", ".join(possible)))
        raise AidFirst(action, leg.status, possible, told)


def _request_documents(doing: Doing) -> Effect:
    leg = doing.referral
    _aid_first("request-documents", leg)
    known, asked = leg.rules["papers"], list(doing.fields.get("papers") or ())
    if not asked:
        raise BadFields([FieldFault("papers", wording.PAPERS_NEEDED)])
    unknown = [n for n, paper in enumerate(asked) if paper not in known]
    if unknown:
        raise BadFields([FieldFault(f"papers.{n}", one_of(wording.NO_SUCH_PAPER, known)) for n in unknown])
    due_on = doing.timetable.due(doing.timetable.limits[SUPPLEMENT], doing.at).due_on
    life = replace(
        leg.life.paused("papers", doing.at),
        papers=tuple(dict.fromkeys(asked)),
        papers_asked=leg.life.papers_asked + 1,
        papers_due_on=due_on,
        papers_extended=False,
        papers_reminded_on=None,
        papers_reminders=0,
    )
    return Effect(life, codes={"papers": list(life.papers), "papers_due_on": due_on.isoformat()})


def _documents_supplied(doing: Doing) -> Effect:
    return Effect(
        replace(doing.referral.life.resumed(doing.at), papers=(), papers_due_on=None),
        codes={name: doing.fields[name] for name in ("papers", "rev") if name in doing.fields},
    )


def _start(doing: Doing) -> Effect:
    steps, step = doing.referral.rules["steps"], doing.fields.get("step")
    if step is None and doing.referral.status is Status.ACCEPTED:
        return Effect(doing.referral.life, codes={"step": STARTED}, sets={"step": STARTED})
    if step is None or step not in steps:
        if not steps:
            raise BadFields([FieldFault("step", wording.NO_STEPS)])
        raise BadFields([FieldFault("step", one_of(_no_such(step), steps) if step else wording.STEP_NEEDED)])
    life = replace(doing.referral.life, steps=(*doing.referral.life.steps, Step(step, doing.at)))
    return Effect(_published(life, step, doing), codes={"step": step}, sets={"step": step})


def _no_such(step: str) -> Text:
    return wording.NOT_PUBLISHED if step == PUBLICITY else wording.NO_SUCH_STEP


def _published(life: Life, step: str, doing: Doing) -> Life:
    """Stop the clock while a public notice hangs whose days do not count (安庆's way; elsewhere they do)."""
    if step != PUBLICITY:
        return life
    table = doing.timetable
    notice = publicity_pause(doing.referral.rules.get("publicity"), doing.at, table.calendar, table.timezone)
    if notice is None:
        return life
    return replace(life, pauses=(*life.pauses, Pause("publicity", notice.start, notice.end)))


def _step(doing: Doing) -> Effect:
    if doing.fields.get("step") is None:
        raise BadFields([FieldFault("step", wording.STEP_NEEDED)])
    return _start(doing)


def _suspend(doing: Doing) -> Effect:
    _aid_first("suspend", doing.referral)
    reason = coded(doing.fields, "reason", reasons.SUSPEND_REASONS)
    review_on = day_after(doing, "review_on", wording.REVIEW_NEEDED)
    latest = doing.timetable.due(doing.timetable.limits.get(SUSPENSION, LONGEST_SUSPENSION), doing.at).due_on
    if review_on > latest:
        raise BadFields([FieldFault("review_on", filled(wording.REVIEW_TOO_LATE, latest=latest.isoformat()))])
    life = replace(doing.referral.life.paused("suspension", doing.at), review_on=review_on)
    return Effect(life, codes={"reason": reason, "review_on": review_on.isoformat()})


def _resume(doing: Doing) -> Effect:
    return Effect(replace(doing.referral.life.resumed(doing.at), review_on=None))


def _extend(doing: Doing) -> Effect:
    leg = doing.referral
    reason = coded(doing.fields, "reason", reasons.EXTEND_REASONS)
    found = rule_of(DECIDE, leg.rules, leg.starts, leg.life, doing.timetable)
    most = None if found is None else found[0].get("extended_total")
    if found is None or most is None or found[0]["total"] >= most:
        raise BadFields([FieldFault("due_on", wording.NO_MORE_TIME)])
    rule, started_at = found
    total = most
    wanted: date | None = doing.fields.get("due_on")
    reckoned = (doing.timetable.calendar, doing.timetable.timezone, pauses_of(leg.life), leg.life.days_used)
    if wanted is not None:
        total = total_until(rule, started_at, wanted, *reckoned)  # type: ignore[arg-type]
        if total <= rule["total"]:
            raise BadFields([FieldFault("due_on", wording.NO_LATER)])
        if total > most:
            latest = doing.timetable.due({**rule, "total": most}, started_at, *reckoned[2:]).due_on
            raise BadFields([FieldFault("due_on", filled(wording.TOO_LATE_A_DAY, latest=latest.isoformat()))])
    due_on = doing.timetable.due({**rule, "total": total}, started_at, *reckoned[2:]).due_on
    return Effect(
        replace(leg.life, decide_total=total), codes={"reason": reason, "due_on": due_on.isoformat()}
    )


def _close(doing: Doing) -> Effect:
    code, late = together(
        lambda: check_outcome(doing.fields, doing.referral.status, doing.referral.rules),
        lambda: late_because(doing),
    )
    check_notice(doing, code)
    given = {name: doing.fields[name] for name in DETAILS if doing.fields.get(name) not in (None, "")}
    life = doing.referral.life.resumed(doing.at)
    return Effect(
        life if late is None else replace(life, overdue_reason=late),
        codes={"outcome": code} | given | ({"overdue_reason": late} if late else {}),
        sets={
            "outcome": code,
            "outcome_fields": given or None,
            "reason": given.get("reason", doing.referral.reason),
        },
    )


def _lapse(doing: Doing) -> Effect:
    return Effect(
        doing.referral.life.resumed(doing.at),
        codes={"outcome": "lapsed"},
        sets={"outcome": "lapsed", "outcome_fields": None},
    )


def _reopen(doing: Doing) -> Effect:
    leg = doing.referral
    if not may_be_read(leg.life):
        raise TooLate("reopen", leg.status, wording.NOTHING_TO_WORK_ON)
    reason = coded(doing.fields, "reason", reasons.REOPEN_REASONS)
    if reason == reasons.PLACE_FREE and not waits(leg):
        raise BadFields([FieldFault("reason", wording.NOBODY_WAITS)])
    # The time between closing and reopening is nobody's.
    life = leg.life.paused("closed", leg.ended_at or doing.at).resumed(doing.at)
    life = replace(life, withdrawal_asked_at=None, reopened_from=leg.outcome)
    return Effect(
        life,
        codes={"reason": reason},
        sets={
            "outcome": None,
            "outcome_fields": None,
            # Why it was refused is history now, which tells it.
            "reason": None,
            "accepted_at": leg.accepted_at or doing.at,
            "received_at": leg.received_at or doing.at,
        },
    )


def _cancel(doing: Doing) -> Effect:
    reason = doing.fields["reason"]
    life = doing.referral.life.resumed(doing.at)
    if reason == CONSENT_WITHDRAWN:
        # Nobody has decided anything that would have to be kept, so nothing has to be acknowledged either.
        closed = Frozen(at=doing.at, reason=reason, acknowledged_at=doing.at, ground=NEVER_ACCEPTED)
        life = replace(life, frozen=closed)
    return Effect(life, codes={"reason": reason}, sets={"reason": reason})


_EFFECTS: Mapping[str, Callable[[Doing], Effect]] = MappingProxyType(
    {
        "issue": lambda doing: Effect(doing.referral.life, sets={"issued_at": doing.at}),
        "acknowledge": _acknowledge,
        "accept": _accept,
        "request-documents": _request_documents,
        "documents-supplied": _documents_supplied,
        "start": _start,
        "step": _step,
        "suspend": _suspend,
        "resume": _resume,
        "extend": _extend,
        "propose-return": handing_over.propose_return,
        "confirm-return": handing_over.confirm_return,
        "complete-return": handing_over.complete_return,
        "refuse-return": handing_over.refuse_return,
        "propose-transfer": handing_over.propose_transfer,
        "complete-transfer": handing_over.complete_transfer,
        "refuse-transfer": handing_over.refuse_transfer,
        "close": _close,
        "lapse": _lapse,
        "reopen": _reopen,
        "cancel": _cancel,
    }
)
