"""What can go wrong when an agency fetches a paper, as problem details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.referrals.domain.papers import NoSuchPaper, PaperGone, PapersFrozen
from shared.blobs import BlobsAway
from shared.http.problems import Conflict, NotFound, Problem, Unavailable
from shared.text import Text

NO_PAPER = Text(
    "最新的资料中没有这份材料，可能已被替换。请重新查看材料清单。",
    "The newest packet names no such paper; it may have been replaced. Look at the list again.",
)
FROZEN = Text(
    "本人已撤回同意，资料已冻结，不能再取得材料。请在系统中说明继续保存已有资料的法律依据并确认。",
    "Consent was withdrawn and the packet is frozen: no more papers are handed out. State your legal ground for what "
    "you keep, and acknowledge.",
)
GONE = Text(
    "这份材料已收回或损坏。请留言或要求补正，由窗口重新提供。",
    "This paper was taken back or is damaged. Send a message, or ask for papers: the filing desk can provide it again.",
)
AWAY = Text("材料存储暂时不可用。请稍后重试。", "Papers cannot be reached just now. Try again shortly.")

PAPER_ERRORS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NoSuchPaper: lambda _: NotFound(NO_PAPER, id="no-such-paper"),
    PapersFrozen: lambda _: Conflict(FROZEN, id="packet-frozen"),
    PaperGone: lambda _: Conflict(GONE, id="paper-lost"),
    BlobsAway: lambda _: Unavailable(AWAY),
}
