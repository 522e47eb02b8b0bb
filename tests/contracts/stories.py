"""How the first leg of the golden request comes to each fact that referrals tells: the actions before, and the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from services.referrals.domain import approvals, events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.doing import Doing
from services.referrals.domain.referral import Change, NewLeg, Referral, act, issue, told
from services.referrals.domain.side_actions import SIDE_ACTIONS, side_act
from shared.clock import Calendar
from shared.events import Event, example

TIMETABLE = Timetable(
    Calendar(),
    "Asia/Shanghai",
    limits={
        "assign": {"unit": "working_day", "total": 1},
        "return_wrong_agency": {"unit": "working_day", "total": 5},
        "return_decision": {"unit": "working_day", "total": 2},
        "supplement": {"unit": "working_day", "total": 10},
    },
    escalation=({"at": 5, "do": ["red-notice", "circular"], "copy_to": ["leader", "coordinator"]},),
)
SUBMITTED: Any = example("request.submitted.v1").data
BEFORE_AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SUCCESSOR = "019aae10-4c01-7c42-8a10-6d5b3e9f7c09"
SEALED = ("answer", "packet", "badge", "message")

Fields = Mapping[str, Any]


class Step(NamedTuple):
    """One action with its fields; ``by`` is a member of staff, None for a command or the clock."""

    action: str
    fields: Fields = MappingProxyType({})
    by: str | None = None


ACKNOWLEDGE, ACCEPT = Step("acknowledge"), Step("accept")
SURVEY = Step("start", {"step": "survey"})
PAPERS = ["income-proof"]
ON_PAPER = {"action": "accept", "slip": "019aae12-0000-7000-8000-0a1b2c3d4e01"}
WANTED = Step("request-documents", {"papers": PAPERS})
RETURN = Step("propose-return", {"reason": "not-our-duty"})
REISSUE = Step("confirm-return", {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"})
TRANSFER = Step("propose-transfer", {"reason": "other-agency-in-charge", "to_agency": "employment"})
AT_WORK = (ACKNOWLEDGE, ACCEPT, SURVEY)
APPROVED = Step("close", {"outcome": "approved", "amount": 650, "period": "monthly"})
REFUSAL = {"outcome": "refused", "reason": "income-above-limit"}

STORIES: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "acknowledged": (ACKNOWLEDGE,),
        "accepted": (ACKNOWLEDGE, ACCEPT),
        "step-recorded": AT_WORK,
        "closed": (*AT_WORK, APPROVED),
        "cancelled": (ACKNOWLEDGE, Step("cancel", {"reason": "withdrawn-by-person"})),
        "documents-requested": (ACKNOWLEDGE, WANTED),
        "documents-supplied": (ACKNOWLEDGE, WANTED, Step("documents-supplied", {"papers": PAPERS, "rev": 2})),
        "suspended": (*AT_WORK, Step("suspend", {"reason": "hearing", "review_on": date(2026, 12, 21)})),
        "resumed": (
            *AT_WORK,
            Step("suspend", {"reason": "hearing", "review_on": date(2026, 12, 21)}),
            Step("resume"),
        ),
        "extended": (*AT_WORK, Step("extend", {"reason": "special-case"})),
        "return-proposed": (ACKNOWLEDGE, RETURN),
        "reissue-requested": (ACKNOWLEDGE, RETURN, REISSUE),
        "returned": (ACKNOWLEDGE, RETURN, REISSUE, Step("complete-return", {"successor": SUCCESSOR})),
        "return-refused": (ACKNOWLEDGE, RETURN, Step("refuse-return", {"reason": "is-their-duty"})),
        "transfer-proposed": (*AT_WORK, TRANSFER),
        "transferred": (*AT_WORK, TRANSFER, Step("complete-transfer", {"successor": SUCCESSOR})),
        "transfer-refused": (*AT_WORK, TRANSFER, Step("refuse-transfer", {"reason": "no-consent"})),
        "reopened": (*AT_WORK, APPROVED, Step("reopen", {"reason": "appeal"})),
        "resealed": (*AT_WORK, Step("reseal", {"rev": 2, "changed": ["phone"]})),
        "frozen": (*AT_WORK, Step("freeze", {"reason": "consent-withdrawn"})),
        "unfrozen": (
            *AT_WORK,
            Step("freeze", {"reason": "consent-withdrawn"}),
            Step("unfreeze", {"rev": 2}),
        ),
        "approval-requested": (*AT_WORK, Step("ask-approval", REFUSAL, "officer")),
        "approval-settled": (
            *AT_WORK,
            Step("ask-approval", REFUSAL, "officer"),
            Step("decline", {"reason": "evidence-missing"}, "chief"),
        ),
        "reminded": (*AT_WORK, Step("remind", {"about": "due-soon", "on": "2027-01-05", "life": {}})),
        "claimed": (*AT_WORK, Step("claim", by="desk-civil-affairs")),
        "assigned": (*AT_WORK, Step("assign", {"assignee": "desk-civil-affairs"})),
        "reassigned": (
            *AT_WORK,
            Step("assign", {"assignee": "desk-civil-affairs"}),
            Step("reassign", {"assignee": "leader-civil-affairs"}),
        ),
        "delegated": (
            *AT_WORK,
            Step("assign", {"assignee": "desk-civil-affairs"}),
            Step("delegate", {"assignee": "leader-civil-affairs", "until": date(2026, 12, 4)}),
        ),
        "urged": (*AT_WORK, Step("urge")),
        "supervised": (*AT_WORK, Step("supervise", {"level": "red", "cause": "clock"})),
        "noted": (*AT_WORK, Step("note")),
        "messaged": (*AT_WORK, Step("message")),
        "appointment-made": (*AT_WORK, Step("appointment", {"on": date(2026, 12, 2)})),
        "recorded-on-behalf": (ACKNOWLEDGE, ACCEPT, Step("record-on-behalf", ON_PAPER)),
        "withdrawal-asked": (*AT_WORK, Step("ask-withdrawal", {"reason": "withdrawn-by-person"})),
        "line-left": (
            *AT_WORK,
            Step("close", {"outcome": "waitlisted"}),
            Step("leave-line", {"reason": "withdrawn-by-person"}),
        ),
        "withdrawal-acknowledged": (
            *AT_WORK,
            Step("freeze", {"reason": "consent-withdrawn"}),
            Step("acknowledge-withdrawal", {"ground": "statutory-duty"}),
        ),
        "moved": (*AT_WORK, Step("move", {"unit": "530103004008", "street": "530103004"})),
        "rated": (*AT_WORK, APPROVED, Step("rate", {"grade": 5})),
    }
)
"""By fact, the steps that lead to it; the last one tells it."""

TOLD_AT: Mapping[str, datetime] = MappingProxyType(
    {
        fact: example(f"referral.{fact}.v1").time
        for fact in ("acknowledged", "accepted", "step-recorded", "closed", "cancelled")
    }
)
"""The first facts there were have days of their own; the others are told one after the other on one morning."""


def opened() -> Referral:
    """Open the first leg of the golden request."""
    leg = SUBMITTED["legs"][0]
    return issue(
        NewLeg(
            id=leg["id"],
            number=leg["number"],
            request_id=example("request.submitted.v1").subject,
            request_number=SUBMITTED["number"],
            agency=leg["agency"],
            programme=leg["programme"],
            unit=SUBMITTED["unit"],
            street=SUBMITTED["street"],
            urgency=SUBMITTED["urgency"],
            position=0,
            # One of its stories waits for a place, which the golden programme has none of.
            rules={**leg["rules"], "outcomes": [*leg["rules"]["outcomes"], "waitlisted"]},
        ),
        example("referral.issued.v1").time,
        TIMETABLE,
    )


def take(referral: Referral, step: Step, at: datetime) -> Change:
    """Take one step, as whoever takes it does."""
    if step.action == "ask-approval":
        return approvals.ask(referral, "close", step.fields, at, TIMETABLE, by=str(step.by), words=None)
    if step.action == "decline":
        return approvals.decline(referral, step.fields, at, TIMETABLE, by=str(step.by), role=approvals.LEADER)
    if step.action in SIDE_ACTIONS:
        return side_act(referral, step.action, Doing(referral, step.fields, at, TIMETABLE, step.by))
    return act(referral, step.action, step.fields, at, TIMETABLE, by=step.by)


def change_of(fact: str, at: datetime) -> Change:
    """Lead the leg to a fact; the last step is taken at ``at``."""
    referral = opened()
    *before, last = STORIES[fact]
    for number, step in enumerate(before):
        told_at = TOLD_AT[FACTS[step.action]] if fact in TOLD_AT else BEFORE_AT.replace(minute=number)
        referral = take(referral, step, told_at).after
    return take(referral, last, at)


FACTS = {"acknowledge": "acknowledged", "accept": "accepted", "start": "step-recorded"}


def data_of(fact: str, golden: Event) -> tuple[Change, dict[str, Any]]:
    """Give the change that tells a fact and the data it tells, with the sealed parts of the example."""
    change = change_of(fact, golden.time)
    if fact == "reissue-requested":
        return change, events.changed(change, golden.time, by_post="coordinator")
    more = {name: golden.data[name] for name in SEALED if name in golden.data}
    by_post = "coordinator" if fact == "urged" else "intake-desk" if fact == "recorded-on-behalf" else "desk"
    return change, events.changed(change, golden.time, by_post=by_post, more=more)


def sequence_of(change: Change) -> int:
    """Give the number under which the fact itself is told: a request for a successor comes after it."""
    return change.after.event_sequence - (0 if change.asks is None else 1)


def answered(verb: str) -> Referral:
    """Lead the leg to where a command finds it in the examples, with its answer counted in."""
    first = {"cancel-done": (ACKNOWLEDGE, Step("cancel", {"reason": "withdrawn-by-person"}))}
    referral = opened()
    for step in first.get(verb, (ACKNOWLEDGE, ACCEPT)):
        at = example(f"referral.{_fact_of(step)}.v1").time
        referral = take(referral, step, at).after
    return told(referral)


def _fact_of(step: Step) -> str:
    return {"cancel": "cancelled", **FACTS}[step.action]
