"""Spans of time in people's own words, in either language: told from anything that could name or describe somebody."""

from __future__ import annotations

import re

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


def is_span_of_time(words: str) -> bool:
    """Tell whether somebody has written how long or how often, in numbers, dates and words of time alone."""
    tokens = [token for token in _SEPARATORS.split(words.lower()) if token]
    return bool(tokens) and all(token in _WORDS_OF_TIME or _TIME_TOKEN.fullmatch(token) for token in tokens)
