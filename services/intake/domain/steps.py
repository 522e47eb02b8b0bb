"""What can be done with a request as it stands, by whom, and what is said where something cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.intake.domain.errors import IllegalStep
from services.intake.domain.request import (
    ADD_LEGS,
    ADD_PAPERS,
    APPROVE,
    ASK,
    CLOSED,
    CORRECT,
    DRAFT,
    ENDED,
    FOLLOW_UP,
    FOLLOWED_UP,
    HOUSEHOLD,
    IN_PROGRESS,
    LIFE,
    MERGE,
    MOVE,
    OPEN,
    REOPEN,
    SEND_BACK,
    SENT_BACK,
    SUBMIT,
    SUBMITTED,
    WITHDRAW,
    WITHDRAW_CONSENT,
    WITHDRAWN,
)
from shared.text import Text, listed

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        SUBMIT: "requests.file",
        APPROVE: "requests.check",
        SEND_BACK: "requests.check",
        ADD_LEGS: "requests.add-legs",
        CORRECT: "requests.correct",
        WITHDRAW: "requests.withdraw",
        WITHDRAW_CONSENT: "consents.withdraw",
        ADD_PAPERS: "papers.add",
        ASK: "requests.ask",
        MOVE: "requests.move",
        MERGE: "requests.merge",
        FOLLOW_UP: "requests.follow-up",
        REOPEN: "requests.ask",
        HOUSEHOLD: "requests.link-household",
    }
)
"""Each step that staff takes, and the action of the policy that it is."""

LABELS: Mapping[str, Text] = MappingProxyType(
    {
        DRAFT: Text("草稿", "a draft"),
        SUBMITTED: Text("已提交", "submitted"),
        SENT_BACK: Text("已退回补充", "sent back"),
        IN_PROGRESS: Text("在办", "in progress"),
        ENDED: Text("已办结", "ended"),
        FOLLOWED_UP: Text("已回访", "followed up"),
        CLOSED: Text("已结案", "closed"),
        WITHDRAWN: Text("已撤回", "withdrawn"),
    }
)

_CHECKING = frozenset({APPROVE, SEND_BACK})
_ONLY_IF_SENT_BACK: Mapping[str, frozenset[str]] = MappingProxyType({ADD_PAPERS: frozenset({CLOSED})})
"""Step → statuses in which it is possible only to complete what the street has sent back."""

NOT_POSSIBLE = Text(
    "申请目前的状态是“{status}”，不能{step}。{rest}",
    "The request is {status}: you cannot {step}. {rest}",
)
POSSIBLE = Text("现在可以：{steps}。", "What you can do now: {steps}.")
FOR_OTHERS = Text("现在可由其他岗位办理：{steps}。", "What can be done now is for others to do: {steps}.")
NOTHING = Text("此申请已不能再变更。", "Nothing can be changed about it any more.")
NOT_SENT_BACK = Text(
    "没有被街道退回的事项需要重新提交。{rest}",
    "The street has sent nothing of this request back, so there is nothing to submit again. {rest}",
)
NOT_WAITING = Text(
    "此申请不在等待街道核对（可能已经核对），无需处理。{rest}",
    "The request is not waiting for the street's check; it may have been checked already. {rest}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How a request stands: its status, and what beside it decides on what can be done.

    ``checking``: it waits for the street's check, without which nothing can be approved or sent back; ``sent_back``:
    its desk has something to submit again; ``waiting``: a leg that has ended still waits for a place, without which
    nothing that has ended can be withdrawn; ``closed``: a leg has been closed, which alone can be reopened.
    """

    status: str
    checking: bool = False
    sent_back: bool = False
    waiting: bool = False
    closed: bool = True


def possible(stand: Stand, may: Collection[str] = ACTIONS) -> tuple[str, ...]:
    """Name what can be done with a request as it stands, in table order, by somebody who ``may`` take these steps."""
    return tuple(
        step.name
        for step in LIFE.values()
        if step.name in may
        and stand.status in step.sources
        and _objection(stand, step.name) is None
        and (stand.closed or step.name != REOPEN)
    )


def require(stand: Stand, step: str, may: Collection[str] = ACTIONS) -> None:
    """Object to a step that a request as it stands does not allow; of a reopening the leg itself tells more.

    Raises:
        IllegalStep: with the present status, and what whoever asks (they ``may`` take these steps) can do instead.
    """
    told = _objection(stand, step)
    if told is None:
        return
    can, others = possible(stand, may), possible(stand)
    rest = _steps(POSSIBLE, can) if can else _steps(FOR_OTHERS, others) if others else NOTHING
    explained = told.format(status=LABELS[stand.status], step=LIFE[step].text, rest=rest)
    raise IllegalStep(stand.status, can, explained)


def _objection(stand: Stand, step: str) -> Text | None:
    row, status = LIFE[step], stand.status
    over = step == WITHDRAW and status not in OPEN and not stand.waiting
    too_late = status in _ONLY_IF_SENT_BACK.get(step, ()) and not stand.sent_back
    if status not in row.sources or over or too_late:
        return NOT_POSSIBLE
    if step in _CHECKING and not stand.checking:
        return NOT_WAITING
    if step == SUBMIT and status in row.stays and not stand.sent_back:
        return NOT_SENT_BACK
    return None


def _steps(told: Text, steps: Iterable[str]) -> Text:
    return told.format(steps=listed(LIFE[step].text for step in steps))
