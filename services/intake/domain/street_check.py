"""The street's check: why a request can be sent back to its desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from services.intake.domain.errors import Fault, InvalidFiling, Rule
from shared.text import Text

OTHER = "other"

REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "answers-missing": Text("填报内容不完整", "Answers are missing"),
        "data-wrong": Text("身份或联系信息有误", "Identity or contact data are wrong"),
        "consent-missing": Text("同意书不完整", "The consent is incomplete"),
        "papers-missing": Text("材料不齐", "Papers are missing"),
        "wrong-programme": Text("申请事项不合适", "Another programme would fit"),
        "duplicate": Text("重复登记", "Filed twice"),
        OTHER: Text("其他（请说明）", "Something else (say what)"),
    }
)
"""Reason code → what it means; the words beside it stay at the desk."""

SAY_WHAT = Rule(
    "原因选择“其他”时，请用文字说明需要补充什么。",
    "With the reason “other”, say in words what has to be done.",
    "words-needed",
)


def check_reasons(reasons: Sequence[str], words: str | None) -> None:
    """Object to a sending back from which the desk cannot tell what to do.

    Raises:
        InvalidFiling: the reason is ``other``, and no words say what is meant.
    """
    if OTHER in reasons and not words:
        raise InvalidFiling([Fault("words", SAY_WHAT)])
