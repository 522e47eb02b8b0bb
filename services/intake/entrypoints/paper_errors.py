"""What can go wrong with papers, as problem details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.intake.domain.papers import PaperRefused
from services.intake.use_cases.paper_blobs import PaperLost
from shared.blobs import BlobsAway
from shared.http.problems import BadInput, Conflict, FieldError, Problem, TooLarge, Unavailable
from shared.text import Text

LOST = Text(
    "这份材料的内容已丢失或损坏，无法打开。请本人重新提供后再上传一次。",
    "The content of this paper is lost or damaged and does not open. Ask for it once more and hand it in again.",
)
AWAY = Text(
    "材料存储暂时不可用，内容没有保存。请稍后重试。",
    "Papers cannot be reached just now; nothing was stored. Try again shortly.",
)
_BY_STATUS: Mapping[int, type[BadInput | TooLarge | Conflict]] = {
    kind.STATUS: kind for kind in (BadInput, TooLarge, Conflict)
}


def _refused(error: PaperRefused) -> Problem:
    kind = _BY_STATUS[error.status]
    return kind(error.text, id=error.code, errors=[FieldError(error.field, error.text)])


ERRORS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    PaperRefused: _refused,
    PaperLost: lambda _: Conflict(LOST, id="paper-lost"),
    BlobsAway: lambda _: Unavailable(AWAY),
}
