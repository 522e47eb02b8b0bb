"""The one table of side actions: what may be done about a referral without changing its status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from services.referrals.domain import appointments, assigning, supervision, waiting, withdrawals, wording
from services.referrals.domain.clocks import owes_answer
from services.referrals.domain.doing import Doing, Effect
from services.referrals.domain.errors import IllegalTransition, TooLate
from services.referrals.domain.referral import Change, Referral, changed
from services.referrals.domain.status import ENDED, HANDED_ON, LET_GO, Status
from services.referrals.domain.transitions import possible_actions, possible_by_hand
from shared.text import Text


@dataclass(frozen=True, slots=True)
class SideAction:
    """One row: ``roles`` that may take it (none: it comes as a command or by the clock), and in which statuses.

    ``owing`` are the statuses in which it may also be taken while the agency owes an answer to a withdrawn consent.
    ``told`` names its fact, ``required`` the fields without which there is nothing to do. ``versioned`` ones are
    decided on a version that was seen (If-Match), as claiming is: two must not both win.
    """

    action: str
    text: Text
    roles: frozenset[str]
    statuses: frozenset[Status]
    told: str
    required: tuple[str, ...] = ()
    versioned: bool = field(default=False, kw_only=True)
    owing: frozenset[Status] = field(default=frozenset(), kw_only=True)

    @property
    def fact(self) -> str:
        """The event that tells of it."""
        return f"referral.{self.told}.v1"

    def is_open_to(self, status: Status, *, owing: bool) -> bool:
        """Tell whether it may be taken in a status; ``owing`` says whether the agency owes an answer."""
        return status in self.statuses or (owing and status in self.owing)


_DESK = frozenset({"desk"})
_LEADER = frozenset({"leader"})
_AGENCY = frozenset({"desk", "leader"})
_COORDINATOR = frozenset({"coordinator"})
_NOBODY: frozenset[str] = frozenset()
_OPEN = frozenset(set(Status) - ENDED)
_ISSUED = _OPEN - {Status.PLANNED}
_PLANNED, _CLOSED = frozenset({Status.PLANNED}), frozenset({Status.CLOSED})
_REMINDED = ("about", "on", "copy_to", "whose", "level")
"""What is told of a reminder; ``whose`` clock it is where it is not the agency's own."""
_HELD = frozenset(set(Status) - LET_GO) - {Status.PLANNED}
_LEFT_THERE = _HELD | HANDED_ON
"""Whoever has handed a referral on holds what it was sent until it has said what becomes of that."""
_row = SideAction
SIDE_ACTIONS: Mapping[str, SideAction] = MappingProxyType(
    {
        row.action: row
        for row in (
            _row("claim", Text("领办", "Claim"), _DESK, _ISSUED, "claimed", versioned=True),
            _row(
                "assign", Text("分派", "Assign"), _LEADER, _ISSUED, "assigned", ("assignee",), versioned=True
            ),
            _row("reassign", Text("改派", "Reassign"), _AGENCY, _ISSUED, "reassigned", ("assignee",)),
            _row(
                "delegate", Text("委托代办", "Delegate"), _AGENCY, _ISSUED, "delegated", ("assignee", "until")
            ),
            _row("urge", Text("催办", "Urge"), _COORDINATOR, _ISSUED, "urged", owing=ENDED),
            _row(
                "supervise",
                Text("督办", "Supervise"),
                _COORDINATOR,
                _ISSUED,
                "supervised",
                ("level",),
                owing=ENDED,
            ),
            _row(
                "explain-delay",
                Text("说明超期原因", "Explain a delay"),
                _AGENCY,
                _ISSUED,
                "noted",
                ("reason",),
            ),
            _row("note", Text("备注", "Note"), _AGENCY, _HELD, "noted", ("text",)),
            _row("message", Text("留言", "Message"), _AGENCY, _HELD, "messaged", ("text",)),
            _row("receive-message", Text("收到留言", "Receive a message"), _NOBODY, _HELD, "messaged"),
            _row("appointment", Text("约定时间", "Appointment"), _DESK, _ISSUED, "appointment-made", ("on",)),
            _row(
                "record-on-behalf",
                Text("代录书面答复", "Record on behalf"),
                _COORDINATOR,
                _LEFT_THERE,
                "recorded-on-behalf",
                ("action", "slip"),
            ),
            _row("freeze", Text("冻结", "Freeze"), _NOBODY, _LEFT_THERE, "frozen"),
            _row("unfreeze", Text("解除冻结", "Unfreeze"), _NOBODY, _ISSUED, "unfrozen"),
            _row(
                "acknowledge-withdrawal",
                Text("确认撤回同意", "Acknowledge withdrawal"),
                _AGENCY,
                _LEFT_THERE,
                "withdrawal-acknowledged",
                ("ground",),
            ),
            _row(
                "ask-withdrawal",
                Text("本人要求撤回", "Withdrawal asked for"),
                _NOBODY,
                _ISSUED,
                "withdrawal-asked",
            ),
            _row("leave-line", Text("退出轮候", "Leave the line"), _NOBODY, _CLOSED, "line-left"),
            _row("offer-place", Text("轮到名额", "A place is offered"), _NOBODY, _CLOSED, "reminded"),
            # Whoever has closed it holds it still, and is to hold what is right (个人信息保护法 Art. 46).
            _row("reseal", Text("更正资料", "Reseal"), _NOBODY, _OPEN | _CLOSED, "resealed"),
            _row("more-time", Text("延长补正时间", "More time"), _NOBODY, _OPEN, "reminded"),
            _row("remind", Text("提醒", "Remind"), _NOBODY, _OPEN, "reminded", owing=ENDED),
            _row("move-due", Text("期限变动", "Move the due day"), _NOBODY, _OPEN, "due-moved"),
            _row("reissue-failed", Text("未能接续", "No successor"), _NOBODY, _OPEN, "reminded"),
            _row("move", Text("移交登记单位", "Move"), _NOBODY, frozenset(Status), "moved"),
            _row(
                "send-back", Text("街道退回登记窗口", "Sent back to its desk"), _NOBODY, _PLANNED, "planned"
            ),
            _row("resubmit", Text("重新提交", "Submitted again"), _NOBODY, _PLANNED, "planned"),
            _row("rate", Text("评价", "Rate"), _NOBODY, frozenset(Status), "rated"),
            _row("approve", Text("同意审批", "Approve"), _LEADER, _OPEN, "approval-settled", versioned=True),
            _row(
                "decline", Text("不同意审批", "Decline"), _AGENCY, _OPEN, "approval-settled", versioned=True
            ),
        )
    }
)


def side_act(referral: Referral, action: str, doing: Doing) -> Change:
    """Take one side action: the status stays, all that is versioned is counted on.

    Raises ``IllegalTransition``, ``TooLate`` or ``BadFields``; then nothing has changed.
    """
    row = SIDE_ACTIONS[action]
    if not row.is_open_to(referral.status, owing=owes_answer(referral.life)):
        raise IllegalTransition(
            action, referral.status, possible_by_hand(referral.status, accepted=referral.accepted)
        )
    effect = _EFFECTS.get(action, _plain)(doing)
    after = replace(referral, life=effect.life, **dict(effect.sets))
    return changed(referral, after, action, row.fact, effect.codes, doing.at, doing.timetable)


def is_versioned(action: str) -> bool:
    """Tell whether an action is decided on a version that was seen: all of the table, and a few side actions."""
    row = SIDE_ACTIONS.get(action)
    return row is None or row.versioned


def possible_side_actions(status: Status, roles: frozenset[str], *, owing: bool = False) -> tuple[str, ...]:
    """Name the side actions these roles may take in a status, in table order; ``owing`` as in ``is_open_to``."""
    return tuple(
        row.action
        for row in SIDE_ACTIONS.values()
        if row.roles & roles and row.is_open_to(status, owing=owing)
    )


def _plain(doing: Doing) -> Effect:
    return Effect(doing.referral.life)


def _more_time(doing: Doing) -> Effect:
    leg = doing.referral
    if leg.status is not Status.AWAITING_DOCUMENTS or leg.life.papers_due_on is None:
        raise IllegalTransition("more-time", leg.status, possible_actions(leg.status, accepted=leg.accepted))
    if leg.life.papers_extended:
        raise TooLate("more-time", leg.status, wording.EXTENDED_ONCE)
    total = int(doing.timetable.limits["supplement"]["total"])
    due_on = doing.timetable.calendar.add_working_days(leg.life.papers_due_on, total)
    life = replace(
        leg.life, papers_extended=True, papers_due_on=due_on, papers_reminders=0, papers_reminded_on=None
    )
    return Effect(life, codes={"about": "papers-extended", "on": due_on.isoformat()})


def _remind(doing: Doing) -> Effect:
    changes: dict[str, Any] = dict(doing.fields.get("life") or {})
    return Effect(
        replace(doing.referral.life, **changes),
        codes={name: doing.fields[name] for name in _REMINDED if name in doing.fields},
    )


def _reissue_failed(doing: Doing) -> Effect:
    proposal = doing.referral.life.proposal
    if proposal is None:
        return Effect(doing.referral.life)
    reason = doing.fields["reason"]
    open_again = replace(proposal, confirmed=False, failed=reason)
    today = doing.timetable.day_of(doing.at).isoformat()
    return Effect(
        replace(doing.referral.life, proposal=open_again),
        codes={"about": "reissue-refused", "on": today, "reason": reason},
    )


def _reseal(doing: Doing) -> Effect:
    return Effect(
        doing.referral.life,
        codes={name: doing.fields[name] for name in ("rev", "changed", "reason") if name in doing.fields},
        sets=withdrawals.whom(doing),
    )


def _rate(doing: Doing) -> Effect:
    return Effect(
        replace(doing.referral.life, rating=doing.fields["grade"]), codes={"grade": doing.fields["grade"]}
    )


def _move(doing: Doing) -> Effect:
    unit, street = doing.fields["unit"], doing.fields["street"]
    return Effect(
        doing.referral.life,
        codes={"from_unit": doing.referral.unit},
        sets={"unit": unit, "street": street},
    )


def _send_back(doing: Doing) -> Effect:
    return Effect(replace(doing.referral.life, sent_back=True))


def _resubmit(doing: Doing) -> Effect:
    # The street has its whole time again, as the help desk's own list says.
    return Effect(replace(doing.referral.life, sent_back=False), sets={"status_since": doing.at})


def _move_due(doing: Doing) -> Effect:
    was = doing.referral.due_on
    return Effect(doing.referral.life, codes={"was_on": was.isoformat() if was else None})


_EFFECTS: Mapping[str, Callable[[Doing], Effect]] = MappingProxyType(
    {
        "claim": assigning.claim,
        "assign": assigning.assign,
        "reassign": assigning.reassign,
        "delegate": assigning.delegate,
        "urge": supervision.urge,
        "supervise": supervision.supervise,
        "explain-delay": supervision.explain_delay,
        "message": lambda doing: Effect(doing.referral.life, codes={"to": "intake-desk"}),
        "receive-message": lambda doing: Effect(doing.referral.life, codes={"to": "desk"}),
        "appointment": appointments.appoint,
        "record-on-behalf": lambda doing: Effect(doing.referral.life, codes=doing.fields),
        "freeze": withdrawals.freeze,
        "unfreeze": withdrawals.unfreeze,
        "acknowledge-withdrawal": withdrawals.acknowledge,
        "ask-withdrawal": withdrawals.ask,
        "leave-line": waiting.leave_line,
        "offer-place": waiting.offer_place,
        "more-time": _more_time,
        "remind": _remind,
        "reissue-failed": _reissue_failed,
        "reseal": _reseal,
        "rate": _rate,
        "move": _move,
        "move-due": _move_due,
        "send-back": _send_back,
        "resubmit": _resubmit,
    }
)
