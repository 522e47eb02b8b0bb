"""The period of an approval: a span of time and nothing else, for it is kept outside the sealed answer."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import fields

from shared.http.schema import Invalid
from shared.text import Text

_WORDS_OF_TIME = frozenset(
    [
        *("once", "one-off", "per", "a", "each", "every", "for", "from", "to", "until", "since", "and"),
        *("daily", "weekly", "monthly", "quarterly", "half-yearly", "yearly", "annual", "annually"),
        *("day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years"),
        *("long-term", "permanent"),
    ]
)
_SEPARATORS = re.compile(r"[\s.,，、/~–]+")
_TIME_TOKEN = re.compile(
    r"[0-9-]+[dwmy]?|p[0-9dwmy]+|[0-9一二两三四五六七八九十百半每按个次性月季度年日天周起至到长期共从止整]+"
)
_PERIOD = Text(
    "期限只用数字、日期和表示时间的词，例如“每月”“一次性”“12个月”；其他说明请写在备注里（密封）。",
    "The period takes numbers, dates and words of time alone, such as “monthly”, “once” or “12 months”; anything "
    "else goes into the note, which is sealed.",
)


def of_time(period: str) -> None:
    """Let through what no person could be named or described with: the period is kept outside the sealed answer."""
    tokens = [token for token in _SEPARATORS.split(period.lower()) if token]
    if not tokens or any(
        token not in _WORDS_OF_TIME and not _TIME_TOKEN.fullmatch(token) for token in tokens
    ):
        raise Invalid(_PERIOD)


class Period(fields.String):
    """How long or how often: a short text such as ``monthly``, or a number of months."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the base
        months = isinstance(value, int) and not isinstance(value, bool)
        return super()._deserialize(str(value) if months else value, *args, **kwargs)
