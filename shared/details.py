"""The usual details of an outcome: how each is called, and what it may be, whoever takes it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from shared.text import Text, listed

MOST_SESSIONS = 1000
_ALL = 100
"""Of a share in per cent."""

DETAIL_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "amount": Text("金额", "Amount"),
        "period": Text("期限", "Period"),
        "reason": Text("原因", "Reason"),
        "grade": Text("等级", "Grade"),
        "category": Text("类别", "Category"),
        "post": Text("岗位", "Post"),
        "employer": Text("用人单位", "Employer"),
        "course": Text("课程", "Course"),
        "passed": Text("考核结果", "Passed"),
        "lawyer": Text("承办律师", "Lawyer"),
        "sessions": Text("服务次数", "Sessions"),
        "share": Text("补助比例", "Share"),
    }
)
"""How the details are called that the packs that ship ask for; one of a district's own shows its id."""


CHOSEN_FROM: Mapping[str, str] = MappingProxyType({"category": "hardship_category"})
"""Detail → the field of the pack that offers the same choice under another id."""
_NOT_OFFERED = Text("请从以下选项中选择：{known}。", "Choose one of: {known}.")


def fault_of_detail(name: str, value: object, choice: Mapping[str, Text] | None = None) -> Text | None:
    """Say what is wrong with a detail that was given; None for what fits, and for details of a district's own.

    Where there is a ``choice``, option id to label, it is one of these, by id or by label in either language.
    """
    if choice:
        offered = {*choice, *(said for label in choice.values() for said in (label.zh, label.en))}
        known = listed(Text(f"{label.zh}（{id_}）", f"{label.en} ({id_})") for id_, label in choice.items())
        return None if str(value).strip() in offered else _NOT_OFFERED.format(known=known)
    rule = _RULES.get(name)
    return None if rule is None or rule[0](value) else rule[1]


def _is_count(value: object) -> bool:
    text = str(value).strip()
    # So many digits that nobody could mean it are not even read.
    fits = text.isdecimal() and len(text) <= len(str(MOST_SESSIONS))
    return not isinstance(value, bool) and fits and 1 <= int(text) <= MOST_SESSIONS


def _is_result(value: object) -> bool:
    # A form sends what was written; a number of points says nothing of what was needed.
    return isinstance(value, bool) or (isinstance(value, str) and any(sign.isalpha() for sign in value))


def _is_share(value: object) -> bool:
    text = str(value).strip().removesuffix("%").removesuffix("％")
    try:
        share = Decimal(text)
    except InvalidOperation:
        return isinstance(value, str)
    return not isinstance(value, bool) and share.is_finite() and 0 <= share <= _ALL


_RULES: Mapping[str, tuple[Callable[[object], bool], Text]] = MappingProxyType(
    {
        "sessions": (
            _is_count,
            Text(
                f"请填写服务次数，为 1 至 {MOST_SESSIONS} 的整数。",
                f"Give the number of sessions, a whole number from 1 to {MOST_SESSIONS}.",
            ),
        ),
        "passed": (
            _is_result,
            Text(
                "请填写是否合格（是或否），或用文字写明。",
                "Say whether it was passed: yes or no, or in words.",
            ),
        ),
        "share": (
            _is_share,
            Text("请填写 0 至 100 之间的百分比。", "Give the share in per cent, from 0 to 100."),
        ),
    }
)
