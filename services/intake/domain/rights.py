"""What a person may ask for as of right, in codes: why something is erased or kept, and how an objection ends.

Sources: 个人信息保护法 Art. 44 (to know, to decide, to refuse), 45 (access and copy), 46 (correction), 47 (erasure;
where a law has it kept, storage alone), 50 (a way to exercise these, reasons for a refusal), 55–56 (records, 3 years).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from shared.text import Text

ERASURE_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "no-longer-needed": Text("目的已实现或不再需要", "The purpose is reached, or it is no longer needed"),
        "consent-withdrawn": Text("本人撤回同意", "Consent was withdrawn"),
        "unlawful": Text("处理不合法或违反约定", "It was handled against the law or what was agreed"),
        "objection": Text("本人反对继续处理", "The person objects to its use"),
    }
)
DECLINED: Mapping[str, Text] = MappingProxyType(
    {
        "identity-unclear": Text("未能核实本人身份", "It could not be made sure that it is the person"),
        "kept-by-law": Text("法律要求继续保存和使用", "A law has it kept and used"),
        "asked-in-error": Text("本人撤回该要求", "The person takes it back"),
    }
)
CLOSED_CASE = "closed-case"
HOLDS: Mapping[str, Text] = MappingProxyType(
    {
        CLOSED_CASE: Text("已受理案件的法定保存期限", "The time for which a case that was taken on is kept"),
        "appeal": Text("行政复议或诉讼未了", "A review or a lawsuit is not over"),
        "audit": Text("审计或核查未了", "An audit or inquiry is not over"),
    }
)
"""Why something is kept although it is to be erased: stored, and used for nothing else, until a day."""
ANSWERS: Mapping[str, Text] = MappingProxyType(
    {
        "deleted": Text("单位答复：已删除", "The agency says that it has deleted it"),
        "kept-by-law": Text("单位答复：依法继续保存", "The agency says that a law has it keep it"),
        "refused": Text("单位答复：不删除", "The agency says that it will not delete it"),
    }
)
"""What an agency has answered that holds what we cannot delete."""
OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "upheld": Text("异议成立，已停止相应处理", "Upheld: that use has ended"),
        "partly": Text("异议部分成立", "Upheld in part"),
        "rejected": Text("异议不成立，已说明理由", "Rejected, with reasons"),
        "withdrawn": Text("本人撤回异议", "The person takes it back"),
    }
)
"""What came of an objection."""

OPENED: Mapping[str, Text] = MappingProxyType(
    {
        "packet": Text("转介资料", "The packet"),
        "paper": Text("材料", "A paper"),
        "messages": Text("留言", "Messages"),
    }
)
"""What somebody at an agency has opened."""
KEYS: Mapping[str, Text] = MappingProxyType(
    {
        "platform": Text("本平台，已删除", "This platform, deleted"),
        "own": Text("单位自有系统，已要求删除", "The agency's own system, asked to delete"),
    }
)
"""Where what an agency was sent is kept, and what became of it there."""

SENT: Mapping[str, str] = MappingProxyType(
    {
        "issued": "packet",
        "resealed": "packet",
        "documents-supplied": "packet",
        "unfrozen": "packet",
        "messaged": "message",
    }
)
"""By the fact of a leg with which something was passed to its agency: what it was."""
TO_DESK = "desk"
"""Of a message: that it went from the help desk to the agency."""

ASKED, HELD, DONE, REFUSED = "asked", "held", "erased", "declined"


class Hold(NamedTuple):
    """Why something is kept, and until when."""

    basis: str
    until: datetime


def longest(holds: Iterable[Hold | None], now: datetime) -> Hold | None:
    """Give the hold that ends last, of those that are not over."""
    running = [hold for hold in holds if hold is not None and hold.until > now]
    return max(running, key=lambda hold: hold.until, default=None)


def state_of(*, erased: bool, declined: bool, decided: bool) -> str:
    """Name how far an erasure has come."""
    if erased:
        return DONE
    if declined:
        return REFUSED
    return HELD if decided else ASKED
