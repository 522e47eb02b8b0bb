"""The kinds of task at the desk and the street: what each asks for, and whether it can be ticked off by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.text import Text

HUT, SPECIALIST, GRID = "hut", "specialist", "grid"
LEAD = "lead"
ROLES = (HUT, SPECIALIST, GRID)
"""Whose lists a task can stand in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind. ``settled_by`` names the deed that ends it; None means that it is ticked off by hand."""

    name: str
    text: Text
    settled_by: Text | None = None


_ANSWER = Text(
    "单位答复资料如何处理后即告完成。", "It ends when the agency has said what becomes of the data."
)
_CHECK = Text("请核对通过或退回该申请。", "Approve the request or send it back.")
_CALL = Text("请登记回访结果。", "Record the follow-up call.")
_DRAFT = Text("请提交或删除该草稿。", "Submit the draft or delete it.")
_AGAIN = Text("请更正后重新提交该申请。", "Correct the request and submit it again.")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            # The street's check and what follows from it.
            Kind(name="check", text=Text("核对申请", "Check a request"), settled_by=_CHECK),
            Kind(
                name="check-overdue",
                text=Text("核对已超时，请催问街道", "The street's check is overdue: ask"),
            ),
            Kind(
                name="sent-back",
                text=Text("街道退回，请补充后重新提交", "Sent back by the street: complete it"),
                settled_by=_AGAIN,
            ),
            # What one desk may not learn of another is told to the specialist of the street.
            Kind(name="duplicate", text=Text("疑似重复申请，请核对", "Perhaps filed twice: compare")),
            Kind(name="exclusion", text=Text("与另一在办事项不能同时享受", "Excluded by another open leg")),
            # What a leg asks of the desk.
            Kind(
                name="unacknowledged",
                text=Text("单位逾期未签收，请联系", "Not acknowledged in time: ask the agency"),
            ),
            Kind(name="papers-wanted", text=Text("单位要求补正材料", "The agency asks for papers")),
            Kind(name="papers-lapsing", text=Text("补正期限将至", "Time for papers is running out")),
            Kind(name="consent-needed", text=Text("需要取得本人同意", "A consent is needed")),
            Kind(name="renewal", text=Text("同意即将到期，请续签", "A consent is about to end: renew it")),
            Kind(
                name="answer-owed",
                text=Text(
                    "撤回同意后单位尚未答复，请催问", "No answer yet to a withdrawn consent: ask the agency"
                ),
                settled_by=_ANSWER,
            ),
            Kind(name="inform-afterwards", text=Text("紧急办理后须告知本人", "Inform the person afterwards")),
            Kind(name="transfer", text=Text("拟转其他单位办理", "To be transferred to another agency")),
            Kind(name="reissue", text=Text("须重新转介", "To be issued anew")),
            Kind(
                name="successor-refused",
                text=Text(
                    "未能接续转办：与在办事项重复或不能同时享受，请与单位和协调员商量",
                    "Not handed on: it is open already, or excluded by what is; talk to the agency and the coordinator",
                ),
            ),
            Kind(
                name="successor-dropped",
                text=Text(
                    "接续事项已作废：此前已另作决定，未送达单位",
                    "The successor came to nothing: it was decided otherwise before its agency heard of it",
                ),
            ),
            Kind(name="returned", text=Text("事项已退回", "A leg was returned")),
            Kind(
                name="third-return",
                text=Text(
                    "同一需求第三次被退回，请会商", "Returned for the third time: bring all to one table"
                ),
            ),
            Kind(
                name="cancel-refused",
                text=Text("未能直接撤回，请跟进", "Not withdrawn at once: follow it up"),
            ),
            Kind(name="command-refused", text=Text("单位系统未能照办", "What was asked for was refused")),
            Kind(name="message", text=Text("单位有留言", "The agency has left a message")),
            Kind(name="appointment", text=Text("请通知本人预约事项", "Tell the person of an appointment")),
            # What the person asks for as of right, and what another desk was asked for.
            Kind(
                name="objection",
                text=Text(
                    "本人对资料使用提出异议，请答复", "The person objects to how data are used: answer"
                ),
                settled_by=Text("请登记异议的答复。", "Record how the objection was answered."),
            ),
            Kind(
                name="copy-elsewhere",
                text=Text(
                    "本人已要求查阅资料，请联系本人一并提供",
                    "The person has asked for a copy of all data: offer yours, too",
                ),
            ),
            Kind(
                name="erasure-elsewhere",
                text=Text(
                    "本人已要求删除资料，请联系本人确认",
                    "The person has asked for erasure: ask whether of this, too",
                ),
            ),
            Kind(
                name="appeal",
                text=Text("不予同意或终止，请告知救济途径", "Refused or ended: tell how to appeal"),
            ),
            # After the last leg, and what is kept in hand.
            Kind(name="call-back", text=Text("回访", "Follow-up call"), settled_by=_CALL),
            Kind(
                name="call-back-overdue", text=Text("回访已超时，请督促", "A follow-up call is overdue: ask")
            ),
            Kind(
                name="bad-rating",
                text=Text("差评整改后再次回访", "A bad rating: mend it, call again"),
                settled_by=_CALL,
            ),
            Kind(
                name=LEAD,
                text=Text("网格员线索，请联系", "A lead from the grid: get in touch"),
                settled_by=_DRAFT,
            ),
            Kind(
                name="draft-expiring",
                text=Text("草稿即将到期删除", "A draft is about to expire"),
                settled_by=_DRAFT,
            ),
            Kind(name="hand-over", text=Text("案件移交，请接收", "A case was moved here: take it over")),
            Kind(
                name="desk-empty",
                text=Text(
                    "该单位窗口已无人在岗，请将其在办案件移交有人的窗口",
                    "Nobody is left at this desk: move its open cases to one that is staffed",
                ),
            ),
            # Errands of the grid worker.
            Kind(name="visit", text=Text("走访", "Visit")),
            Kind(name="collect-papers", text=Text("协助取材料", "Help collect papers")),
        )
    }
)

ERRANDS = ("visit", "collect-papers")
"""What the desk can ask of the grid worker."""


class TaskDone(Exception):
    """The task has been done already; ``at`` tells when, as ISO text."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


class NotByHand(Exception):
    """The task ends with a deed of its own; ``deed`` tells which."""

    def __init__(self, deed: Text) -> None:
        super().__init__(str(deed))
        self.deed = deed


def require_by_hand(kind: str) -> None:
    """Object to ticking off what only a deed can end.

    Raises:
        NotByHand: naming the deed.
    """
    deed = KINDS[kind].settled_by
    if deed is not None:
        raise NotByHand(deed)
