"""In which words a message is told: what its codes are called, and how a district's sentence is filled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "approved": Text("同意", "approved"),
        "enrolled": Text("已登记／已参保", "enrolled"),
        "service-delivered": Text("服务已提供", "service delivered"),
        "waitlisted": Text("轮候", "on the waiting list"),
        "refused": Text("不予同意", "refused"),
        "withdrawn": Text("本人撤回", "withdrawn"),
        "terminated": Text("终止", "terminated"),
        "unreachable": Text("无法联系", "could not be reached"),
        "lapsed": Text("逾期未补正", "lapsed"),
    }
)

LEVELS: Mapping[str, Text] = MappingProxyType(
    {"blue": Text("蓝色", "blue"), "yellow": Text("黄色", "yellow"), "red": Text("红色", "red")}
)
"""Supervision notices by their colour."""

NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "blue": Text("蓝色督办提醒", "Blue supervision notice"),
        "yellow": Text("黄色督办通知", "Yellow supervision notice"),
        "red": Text("红色督办单", "Red supervision notice"),
    }
)
REMINDER = Text("临期提醒", "Reminder")
"""What a reminder is called that is under no notice yet."""

ABOUT: Mapping[str, Text] = MappingProxyType(
    {
        "papers": Text("补正期限将至", "the time for papers is running out"),
        "papers-extended": Text("补正时间已延长", "there is more time for papers"),
        "review": Text("中止的复查日期已到", "the day of review has come"),
        "step": Text("下一步骤的期限将至", "the next step is nearly due"),
        "due-soon": Text("期限将至", "the day is near"),
        "overdue": Text("已超期", "it is overdue"),
        "place-free": Text(
            "有空余名额，按轮候次序轮到这一件，请由统筹岗重新办理",
            "a place is free and it is its turn: the coordinator is to open it again",
        ),
        "reissue-refused": Text(
            "未能接续转介，由统筹岗重新决定", "no successor was made and the coordinator decides anew"
        ),
    }
)
"""What a reminder is about."""
SOME_DAY = Text("有期限临近或已到", "a day is near or has come")

PLAIN = Text("{number}（{programme}）有新消息。", "There is news of {number} ({programme}).")
"""Said where the district has no sentence of its own."""


def wording(sentence: Text | None, values: Mapping[str, Text]) -> Text:
    """Fill a district's sentence in both languages; a place that has no value stays empty."""
    known = {name: values.get(name, _EMPTY) for name in PLACES}
    text = sentence or PLAIN
    return Text(
        text.zh.format_map({name: value.zh for name, value in known.items()}),
        text.en.format_map({name: value.en for name, value in known.items()}),
    )


PLACES = ("number", "programme", "outcome", "due_on", "street", "agency", "level", "notice", "about")
"""What a district's sentence about a leg may name."""
_EMPTY = Text("", "")
