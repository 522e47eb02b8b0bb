"""The codes of what is changed about a request after it was filed, and what each says to people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

MOVE_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "residence-changed": Text("居住地变更", "The person has moved"),
        "wrong-unit": Text("登记单位有误", "Filed at the wrong unit"),
        "unit-merged": Text("社区或街道调整", "Units were rearranged"),
        "at-wish": Text("本人要求", "At the person's wish"),
    }
)
"""Why a case goes to another unit."""

REFUSALS = ("no-consent", "person-declines", "no-programme-fits", "other")
"""Why the desk makes no successor (codes: the old holder and the coordinator read them)."""

CANCEL, FREEZE, LEAVE_LINE, NOTHING = "cancel", "freeze", "leave-line", "none"
HANDED_ON = "handed-on"
EFFECTS: Mapping[str, Text] = MappingProxyType(
    {
        CANCEL: Text(
            "该单位尚未受理：此事项将被撤销，不再办理。",
            "The agency has not accepted it yet: the leg is cancelled and goes no further.",
        ),
        FREEZE: Text(
            "该单位已受理：不再向其发送任何新内容，已有资料冻结；单位须说明自己继续保存的法律依据并确认。",
            "The agency has accepted it: nothing new is sent and its data are frozen; the agency must name its own "
            "legal ground for what it keeps, and acknowledge.",
        ),
        LEAVE_LINE: Text(
            "该事项正在轮候：将退出轮候名单，后面的人依次递补；已有资料冻结，单位须说明自己继续保存的法律依据才能再查看。",
            "The person waits for a place: the turn is given up and those behind move up. The data are frozen; the "
            "agency reads them again only on a legal ground of its own that it has named.",
        ),
        HANDED_ON: Text(
            "该单位已转由其他单位办理：其手中的资料冻结，单位须说明自己继续保存的法律依据并确认。",
            "The agency has handed it on: what it was sent is frozen; it must name its own legal ground for what it "
            "keeps, and acknowledge.",
        ),
        NOTHING: Text(
            "该事项已结束：单位按法定期限保存，不再用于其他目的。",
            "The leg has ended: the agency keeps it as long as the law requires, and uses it for nothing else.",
        ),
    }
)
"""What follows for a leg when its consent is taken back."""
