"""What can go wrong when an agency fetches a paper, as problem details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.referrals.domain.papers import NoSuchPaper, PaperGone, PapersFrozen
from services.referrals.domain.slips import MOST_SLIPS, NoSuchSlip, SlipMissing, SlipSpent, TooManySlips
from shared.blobs import BlobsAway
from shared.blobs.files import FileRefused
from shared.http.problems import BadInput, Conflict, FieldError, NotFound, Problem, TooLarge, Unavailable
from shared.text import Text

NO_PAPER = Text(
    "最新的资料中没有这份材料，可能已被替换。请重新查看材料清单。",
    "The newest packet names no such paper; it may have been replaced. Look at the list again.",
)
FROZEN = Text(
    "本人已撤回同意，不能再取得材料，说明法律依据后也只能使用已有的资料。尚未说明保存依据的，请先说明并确认。",
    "Consent was withdrawn: no more papers are handed out, and a legal ground of your own covers only what you hold "
    "already. If you have not stated that ground yet, state it and acknowledge.",
)
GONE = Text(
    "这份材料已收回或损坏。请留言或要求补正，由窗口重新提供。",
    "This paper was taken back or is damaged. Send a message, or ask for papers: the filing desk can provide it again.",
)
AWAY = Text("材料存储暂时不可用。请稍后重试。", "Papers cannot be reached just now. Try again shortly.")

SLIP_MISSING = Text(
    "请先为该转介上传单位书面答复的扫描件，再登记；材料须属于这一转介。",
    "Upload the scan of the agency's written answer to this very referral first, then record it.",
)
SLIP_SPENT = Text(
    "已凭这份扫描件登记过一项决定。每份扫描件只能登记一项决定：请上传另一份书面答复。",
    "A decision was recorded by this scan already, and each scan serves one: upload the written answer to this one.",
)
NO_SLIP = Text(
    "该转介没有这份扫描件，或不由您查看。请重新查看列表。",
    "The referral has no such slip, or none for you to open. Look at the list again.",
)
TOO_MANY_SLIPS = Text(
    f"该转介已有{MOST_SLIPS}份扫描件。请把几页合为一个 PDF。",
    f"The referral has {MOST_SLIPS} slips already. Join pages into one PDF.",
)
_BY_STATUS: Mapping[int, type[BadInput | TooLarge]] = {kind.STATUS: kind for kind in (BadInput, TooLarge)}


def _refused(error: FileRefused) -> Problem:
    kind = _BY_STATUS[error.status]
    return kind(error.text, id=error.code, errors=[FieldError(error.field, error.text)])


PAPER_ERRORS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    NoSuchPaper: lambda _: NotFound(NO_PAPER, id="no-such-paper"),
    PapersFrozen: lambda _: Conflict(FROZEN, id="packet-frozen"),
    PaperGone: lambda _: Conflict(GONE, id="paper-lost"),
    FileRefused: _refused,
    SlipMissing: lambda _: Conflict(SLIP_MISSING, id="slip-missing"),
    SlipSpent: lambda _: Conflict(SLIP_SPENT, id="slip-spent"),
    NoSuchSlip: lambda _: NotFound(NO_SLIP, id="no-such-slip"),
    TooManySlips: lambda _: Conflict(TOO_MANY_SLIPS, id="too-many-slips"),
    BlobsAway: lambda _: Unavailable(AWAY),
}
