"""The life of a request: its statuses and the one table of steps between them.

Referrals alone decides the status of a leg; intake mirrors what the events said and draws from it its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.text import Text

DRAFT, SUBMITTED, SENT_BACK, IN_PROGRESS = "draft", "submitted", "sent-back", "in-progress"
ENDED, FOLLOWED_UP, CLOSED, WITHDRAWN = "ended", "followed-up", "closed", "withdrawn"
STATUSES = (DRAFT, SUBMITTED, SENT_BACK, IN_PROGRESS, ENDED, FOLLOWED_UP, CLOSED, WITHDRAWN)
FILED = tuple(status for status in STATUSES if status != DRAFT)
"""The statuses a request can have once it has a number; a draft is kept apart until it is submitted."""

OPEN = frozenset({SUBMITTED, SENT_BACK, IN_PROGRESS})
"""Statuses in which legs may be added, corrected and withdrawn; what has ended is corrected if it was sent back."""

LEG_ISSUED, LEGS_ENDED, LEGS_WITHDRAWN = "leg-issued", "legs-ended", "legs-withdrawn"
LEG_REOPENED = "leg-reopened"

SUBMIT, APPROVE, SEND_BACK = "submit", "approve", "send-back"
FOLLOW_UP, CLOSE = "follow-up", "close"
ADD_LEGS, ADD_PAPERS, CORRECT, MOVE, MERGE = "add-legs", "add-papers", "correct", "move", "merge"
ASK = "ask"
WITHDRAW, WITHDRAW_CONSENT, REOPEN, HOUSEHOLD = "withdraw", "withdraw-consent", "reopen", "household"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the table: from which statuses, and to which; ``target`` None leaves the status as it is.

    ``by`` tells who takes it: ``staff`` by a call, or ``legs``, when referrals has told something of them. ``stays``
    are those of ``sources`` in which the status is left as it is all the same.
    """

    name: str
    text: Text
    sources: frozenset[str]
    target: str | None = None
    by: str = "staff"
    stays: frozenset[str] = frozenset()


_ALIVE = OPEN | {ENDED, FOLLOWED_UP}
_WITH_A_PAST = _ALIVE | {CLOSED}
# Where aid came first the street checks afterwards, however quickly the agency was done with it.
_PAST_THE_CHECK = frozenset({IN_PROGRESS, ENDED, FOLLOWED_UP, CLOSED})

LIFE: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            Step(
                name=SUBMIT,
                text=Text("提交", "submit it"),
                sources=frozenset({DRAFT, SENT_BACK}) | _PAST_THE_CHECK,
                target=SUBMITTED,
                stays=_PAST_THE_CHECK,
            ),
            # Approved, it stays submitted until referrals has issued the first leg. Legs that join a request in
            # progress are checked, too, and what is under way goes on meanwhile.
            Step(
                name=APPROVE,
                text=Text("核对通过", "approve it"),
                sources=frozenset({SUBMITTED}) | _PAST_THE_CHECK,
            ),
            Step(
                name=SEND_BACK,
                text=Text("退回补充", "send it back"),
                sources=frozenset({SUBMITTED}) | _PAST_THE_CHECK,
                target=SENT_BACK,
                stays=_PAST_THE_CHECK,
            ),
            Step(name=ADD_LEGS, text=Text("增加事项", "add legs"), sources=OPEN),
            # What is wrong is put right at any time, for whoever closed a leg holds it still (个人信息保护法 Art. 46).
            Step(name=CORRECT, text=Text("更正资料", "correct data"), sources=OPEN | _PAST_THE_CHECK),
            # What has ended may still wait for a place, which can be given up.
            Step(name=WITHDRAW, text=Text("撤回", "withdraw it"), sources=_WITH_A_PAST),
            Step(name=WITHDRAW_CONSENT, text=Text("撤回同意", "withdraw a consent"), sources=_WITH_A_PAST),
            Step(name=ADD_PAPERS, text=Text("补充材料", "add papers"), sources=_WITH_A_PAST),
            Step(name=ASK, text=Text("向单位提出请求", "ask something of an agency"), sources=_ALIVE),
            Step(name=MOVE, text=Text("移交其他社区", "move it to another unit"), sources=_ALIVE),
            Step(name=MERGE, text=Text("合并重复申请", "merge it"), sources=OPEN),
            Step(
                name=FOLLOW_UP,
                text=Text("回访", "follow it up"),
                sources=frozenset({ENDED, FOLLOWED_UP}),
                target=FOLLOWED_UP,
            ),
            Step(
                name=CLOSE,
                text=Text("结案", "close it"),
                sources=frozenset({ENDED, FOLLOWED_UP}),
                target=CLOSED,
                by="follow-up",
            ),
            Step(
                name=REOPEN,
                text=Text("申请重新办理", "have a leg reopened"),
                sources=frozenset({IN_PROGRESS, ENDED, FOLLOWED_UP, CLOSED}),
            ),
            Step(name=HOUSEHOLD, text=Text("关联家庭成员", "link a household"), sources=_WITH_A_PAST),
            # Where aid comes first a leg is issued without the check, so perhaps while the rest was sent back.
            Step(
                name=LEG_ISSUED,
                text=Text("送达", "issued"),
                sources=frozenset({SUBMITTED, SENT_BACK}),
                target=IN_PROGRESS,
                by="legs",
            ),
            Step(name=LEGS_ENDED, text=Text("全部办结", "all ended"), sources=OPEN, target=ENDED, by="legs"),
            Step(
                name=LEGS_WITHDRAWN,
                text=Text("全部撤回", "all withdrawn"),
                sources=OPEN,
                target=WITHDRAWN,
                by="legs",
            ),
            Step(
                name=LEG_REOPENED,
                text=Text("重新办理", "reopened"),
                sources=frozenset({ENDED, FOLLOWED_UP, CLOSED}),
                target=IN_PROGRESS,
                by="legs",
            ),
        )
    }
)
"""Every step of a request's life. What is not here is not possible, and changes nothing.

``legs-withdrawn``: all legs are cancelled after the whole was withdrawn. One leg ending never ends the request.
"""

TRANSITIONS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        (status, step.name): step.target
        for step in LIFE.values()
        for status in step.sources - step.stays
        if step.target is not None
    }
)
"""(status, what happened) → status, of every step that leads to another status."""

PLANNED = "planned"
CANCELLED = "cancelled"
LEG_ENDED = frozenset({"closed", "cancelled", "returned", "transferred"})
"""Statuses in which a leg has come to its end."""

LEG_HANDED_ON = frozenset({"returned", "transferred"})
"""Statuses in which somebody else was to go on: the agency holds what it was sent, and has decided nothing."""

LEG_PAUSED = frozenset({"awaiting-documents", "suspended"})
"""Statuses in which the agency's time stands still."""

UNANSWERED = frozenset({PLANNED, "issued", "received", "return-proposed"})
"""Statuses in which referrals will cancel a leg; told beforehand, decided there."""

REASONS: Mapping[str, Text] = {
    "withdrawn-by-person": Text("本人不再需要", "The person no longer wants it"),
    "circumstances-changed": Text("情况已变化", "Circumstances have changed"),
    "filed-in-error": Text("登记有误", "Filed in error"),
    "duplicate": Text("重复登记", "Filed twice"),
    "consent-withdrawn": Text("本人撤回同意", "Consent withdrawn"),
}
"""Why a leg is withdrawn: codes only, since the reason is told to the agency."""


def statuses_before(fact: str) -> tuple[str, ...]:
    """List the statuses in which ``fact`` moves a request on."""
    return tuple(status for status in STATUSES if status in LIFE[fact].sources)


def status_after(fact: str) -> str:
    """Give the one status to which ``fact`` leads; raises ``LookupError`` for one that leads to none."""
    target = LIFE[fact].target
    if target is None:
        raise LookupError(fact)
    return target


def step_after(status: str, step: str) -> str:
    """Give the status in which a step leaves a request that stood in ``status``."""
    return TRANSITIONS.get((status, step), status)
