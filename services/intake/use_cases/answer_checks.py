"""Whether an answer is what its field asks for: of its type, and what a number or a date can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from shared.directory import Bounds, Field
from shared.text import Text

SHORT, LONG = 200, 2000

WRONG_TYPES: Mapping[str, Text] = {
    "string": Text("请填写文字（不超过200字）。", "Give a text of at most 200 characters."),
    "text": Text("请填写文字（不超过2000字）。", "Give a text of at most 2000 characters."),
    "number": Text("请填写数字。", "Give a number."),
    "boolean": Text("请填写 true 或 false。", "Give true or false."),
    "date": Text("请填写日期，例如 2026-11-23。", "Give a date such as 2026-11-23."),
    "option": Text("请从选项中选择：{options}。", "Choose one of: {options}."),
    "options": Text("请从选项中选择（列表）：{options}。", "Give a list of: {options}."),
}
NOT_WHOLE = Text("请填写 {least} 至 {most} 之间的整数。", "Give a whole number from {least} to {most}.")
OUTSIDE = Text("请填写 {least} 至 {most} 之间的数。", "Give a number from {least} to {most}.")
STILL_TO_COME = Text("日期不能晚于今天。", "This day has not come yet; give today's date or an earlier one.")


def answer_problem(value: object, field: Field, today: date) -> Text | None:
    """Say what is wrong with an answer to a field of the district on that day; None if nothing is."""
    if not _TYPES[field.type](value, field):
        return WRONG_TYPES[field.type].format(options=", ".join(field.options))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_problem(value, field.bounds)
    if field.type == "date" and field.bounds.until_today and date.fromisoformat(str(value)) > today:
        return STILL_TO_COME
    return None


def _number_problem(value: float, bounds: Bounds) -> Text | None:
    inside = math.isfinite(value) and bounds.least <= value <= bounds.most
    if inside and not (bounds.whole and value != int(value)):
        return None
    return (NOT_WHOLE if bounds.whole else OUTSIDE).format(
        least=f"{bounds.least:.12g}", most=f"{bounds.most:.12g}"
    )


def _is_date(value: object, _field: Field) -> bool:
    if not isinstance(value, str):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == len("2026-11-23")


def _is_number(value: object, _field: Field) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_options(value: object, field: Field) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one in field.options for one in value)


_TYPES: Mapping[str, Callable[[Any, Field], bool]] = {
    "string": lambda value, _field: isinstance(value, str) and len(value) <= SHORT,
    "text": lambda value, _field: isinstance(value, str) and len(value) <= LONG,
    "number": _is_number,
    "boolean": lambda value, _field: isinstance(value, bool),
    "date": _is_date,
    "option": lambda value, field: isinstance(value, str) and value in field.options,
    "options": _are_options,
}
