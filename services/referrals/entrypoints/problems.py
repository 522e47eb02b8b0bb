"""Turns what the domain objects to into problem answers: the one place where they are put into words for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from services.referrals.domain.capacity import NoCapacity, NoPlaceLeft, StaleCapacity
from services.referrals.domain.doing import filled
from services.referrals.domain.errors import (
    AidFirst,
    BadFields,
    IllegalTransition,
    KeyElsewhere,
    NoSuchReferral,
    NothingPending,
    NotYours,
    OwnRequest,
    PacketDeleted,
    PacketFrozen,
    PacketUnreadable,
    PersonErased,
    ReferralError,
    Stale,
    TooLate,
    WaitsForApproval,
)
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.status import STATUS_TEXTS, Status
from services.referrals.domain.transitions import TRANSITIONS
from services.referrals.entrypoints.paper_problems import PAPER_ERRORS
from services.referrals.persistence.referrals import Overtaken
from shared.audit.quota import QuotaSpent
from shared.http import problems
from shared.http.exports import quota_spent
from shared.http.problems import Conflict, FieldError, OutOfReach, Problem, StaleVersion
from shared.text import Text

_STANDS = Text("该转介当前为“{status}”，{next}。", "The referral is “{status}” now; {next}.")
_POSSIBLE = Text("可进行：{actions}", "possible: {actions}")
_NOTHING = Text("已没有可进行的操作", "nothing more can be done with it")
_OTHERS_TURN: Mapping[Status, Text] = MappingProxyType(
    {
        Status.PLANNED: Text("等待街道核对", "the street checks it first"),
        Status.TRANSFER_PROPOSED: Text(
            "等待登记窗口核对本人同意并办理接续",
            "the desk that filed the request checks the consent and makes the successor, or refuses",
        ),
    }
)
"""Where nobody at an agency can do anything, because somebody else has to."""
_KEY_ELSEWHERE = Text(
    "该单位使用自己的系统，密钥由其自行保管，请在该单位的系统中查看和答复。",
    "This agency's own system holds the key: open the packet and answer there.",
)
_WAITS = Text(
    "该转介有事项待分管领导审批，请先同意或退回该审批。",
    "Something waits for the leader's approval; it has to be approved or declined first.",
)
_NOTHING_PENDING = Text("该转介没有待审批的事项。", "Nothing waits for approval here.")
_OWN_REQUEST = Text(
    "提请人不能审批自己提出的事项；撤回他人提出的事项须由分管领导办理。",
    "Nobody approves what they asked for themselves, and only the leader declines what a colleague asked for.",
)
_NO_PLACE = Text(
    "“{name}”已没有空余名额，排在前面的有 {ahead} 人。该事项可轮候的请按轮候办结，或由分管领导更新名额后再办。",
    "No place is left in {name}; {ahead} wait before this one. Close it as waitlisted where the programme has that "
    "outcome, or have the leader bring the places up to date first.",
)
_KEPT_FOR_OTHERS = Text(
    "“{name}”空余 {free} 个名额，须先安排排在前面的 {ahead} 人。请先办理排在前面的，或按轮候办结。",
    "{name} has {free} free, which go to the {ahead} who have waited longer. Decide about those first, or close this "
    "one as waitlisted.",
)
FROZEN = Text(
    "本人已撤回同意，资料已冻结。如依法须继续使用，请先说明本单位的法律依据并确认。",
    "Consent was withdrawn and the packet is frozen. Name your agency's own legal ground and acknowledge first.",
)
DELETED = Text(
    "本人已撤回同意，本单位不再保存资料：没有可查看的资料。如须继续办理，请与登记窗口联系，由本人重新同意。",
    "Consent was withdrawn and your agency keeps nothing: there is nothing to open. To go on with it, ask the desk "
    "that filed the request for a new consent.",
)
ERASED = Text(
    "本人的资料已依法删除：没有可查看的资料，也不能再办理。如需帮助，由本人在登记窗口重新申请。",
    "The person's data have been erased by law: there is nothing to open and nothing more to do. If help is needed, "
    "the person files anew at a desk.",
)
_UNREADABLE = Text(
    "资料无法打开，可能密钥已更换。请联系运维人员。",
    "The packet does not open; its key may have been replaced. Please tell the operators.",
)


def _no_such(error: NoSuchReferral) -> Problem:
    return OutOfReach("referral", str(error))


def _illegal(error: IllegalTransition) -> Problem:
    detail: Text
    if error.reason is not None:
        detail = error.reason
    else:
        coming = _next(error.possible) if error.possible else _OTHERS_TURN.get(error.status, _NOTHING)
        detail = filled(_STANDS, status=STATUS_TEXTS[error.status], next=coming)
    return Conflict(
        detail,
        id="illegal-transition" if error.reason is None else error.reason.id,
        extensions={
            "action": error.action,
            "current_status": error.status.value,
            "possible": list(error.possible),
        },
    )


def _next(possible: Sequence[str]) -> Text:
    texts = [(TRANSITIONS.get(action) or SIDE_ACTIONS[action]).text for action in possible]
    return Text(
        _POSSIBLE.zh.format(
            actions="、".join(f"{text.zh}（{action}）" for text, action in zip(texts, possible, strict=True))
        ),
        _POSSIBLE.en.format(actions=", ".join(possible)),
    )


def _waits(error: WaitsForApproval) -> Problem:
    return Conflict(
        _WAITS,
        id="approval-pending",
        extensions={
            "action": error.action,
            "current_status": error.status.value,
            "pending": error.pending,
            "possible": ["approve", "decline"],
        },
    )


def _nothing_pending(error: NothingPending) -> Problem:
    return Conflict(
        _NOTHING_PENDING,
        id="nothing-pending",
        extensions={
            "action": error.action,
            "current_status": error.status.value,
            "possible": list(error.possible),
        },
    )


def _own_request(_: OwnRequest) -> Problem:
    return problems.NotYours(_OWN_REQUEST, id="four-eyes", extensions={"rule": "four-eyes"})


def _too_late(error: TooLate) -> Problem:
    return Conflict(
        error.rule,
        id=error.rule.id,
        extensions={"action": error.action, "current_status": error.status.value},
    )


def _no_place(error: NoPlaceLeft) -> Problem:
    capacity = error.capacity
    told = {"programme": capacity.programme, "free": capacity.free, "ahead": error.ahead}
    return Conflict(
        filled(
            _KEPT_FOR_OTHERS if capacity.free else _NO_PLACE,
            name=error.name,
            free=str(capacity.free),
            ahead=str(error.ahead),
        ),
        id="no-place-left",
        extensions={**told, "places": capacity.places, "as_of": capacity.as_of.isoformat()},
    )


def _stale_capacity(error: StaleCapacity) -> Problem:
    return StaleVersion(extensions={"current_version": error.current, "seen_version": error.expected})


def _not_yours(error: NotYours) -> Problem:
    return problems.NotYours(error.rule, id=error.rule.id, extensions={"action": error.action})


def _stale(error: Stale) -> Problem:
    return StaleVersion(
        extensions={
            "current_version": error.current,
            "current_status": error.status.value,
            "seen_version": error.expected,
        }
    )


def _overtaken(_: Overtaken) -> Problem:
    return StaleVersion()


def _fields(error: BadFields) -> Problem:
    errors = [FieldError(fault.field, fault.message) for fault in error.faults]
    rule = error.rule
    return (
        problems.BadInput(errors=errors)
        if rule is None
        else problems.BadInput(rule, id=rule.id, errors=errors)
    )


def _elsewhere(_: KeyElsewhere) -> Problem:
    return Conflict(_KEY_ELSEWHERE, id="key-elsewhere")


def _frozen(_: PacketFrozen) -> Problem:
    return Conflict(FROZEN, id="packet-frozen")


def _unreadable(error: PacketUnreadable) -> Problem:
    return Conflict(_UNREADABLE, id="packet-unreadable", extensions={"reason": error.reason})


ERRORS: Mapping[type[Exception], Callable[[Any], Problem]] = MappingProxyType(
    {
        NoSuchReferral: _no_such,
        IllegalTransition: _illegal,
        AidFirst: _illegal,
        WaitsForApproval: _waits,
        NothingPending: _nothing_pending,
        OwnRequest: _own_request,
        TooLate: _too_late,
        NoPlaceLeft: _no_place,
        NoCapacity: lambda _: problems.NotFound(),
        StaleCapacity: _stale_capacity,
        NotYours: _not_yours,
        Stale: _stale,
        Overtaken: _overtaken,
        BadFields: _fields,
        KeyElsewhere: _elsewhere,
        PacketFrozen: _frozen,
        PacketDeleted: lambda _: Conflict(DELETED, id="packet-deleted"),
        PersonErased: lambda _: Conflict(ERASED, id="person-erased"),
        QuotaSpent: quota_spent,
        PacketUnreadable: _unreadable,
        **PAPER_ERRORS,
    }
)


def problem_of(error: ReferralError) -> Problem:
    """Give the problem that an error of the domain is told as."""
    return ERRORS[type(error)](error)
