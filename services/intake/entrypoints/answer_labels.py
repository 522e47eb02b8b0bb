"""What an answer says field by field: in people's own words, and as it is taken down from paper."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.details import DETAIL_TEXTS
from shared.text import Text

SAID: Mapping[str, Text] = MappingProxyType(
    {
        "text": Text("留言", "Message"),
        "words": Text("说明", "Words"),
        "note": Text("附言", "Note"),
        "at": Text("时间", "Time"),
        "place": Text("地点", "Place"),
        "bring": Text("需带材料", "Bring"),
        "evidence": Text("文号与日期", "Number and date of the decision"),
        # A reason is a code, and told as such.
        **{name: text for name, text in DETAIL_TEXTS.items() if name != "reason"},
        "amount": Text("金额（元）", "Amount in yuan"),
    }
)
"""What agency and desk say in their own words, and the details of an outcome; a district's own is an ``A_DETAIL``."""
A_DETAIL = Text("详情", "Detail")

RECORDED_FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "action": Text("事项", "what was decided"),
        "outcome": Text("结果", "the outcome"),
        "amount": Text("金额", "the amount"),
        "period": Text("期限", "the period"),
        "reason": Text("原因", "the reason"),
        "overdue_reason": Text("超期原因", "why it was late"),
        "papers": Text("材料", "the papers"),
        "step": Text("步骤", "the step"),
        "review_on": Text("复查日期", "the day of review"),
        "to_agency": Text("接收单位", "the receiving agency"),
        "to_programme": Text("接续项目", "the programme that goes on"),
    }
)
"""What an answer on paper is taken down in, by field."""
