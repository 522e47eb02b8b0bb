"""The period of an approval: a span of time and nothing else, for it is kept outside the sealed answer."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.clock import is_span_of_time
from shared.http.schema import Invalid
from shared.text import Text

_PERIOD = Text(
    "期限只用数字、日期和表示时间的词，例如“每月”“一次性”“12个月”；其他说明请写在备注里（密封）。",
    "The period takes numbers, dates and words of time alone, such as “monthly”, “once” or “12 months”; anything "
    "else goes into the note, which is sealed.",
)


def of_time(period: str) -> None:
    """Let through what no person could be named or described with: the period is kept outside the sealed answer."""
    if not is_span_of_time(period):
        raise Invalid(_PERIOD)


class Period(fields.String):
    """How long or how often: a short text such as ``monthly``, or a number of months."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the base
        months = isinstance(value, int) and not isinstance(value, bool)
        return super()._deserialize(str(value) if months else value, *args, **kwargs)
