"""Which of the two languages an answer is in: the reader's choice, else what the browser asks for, else Chinese."""

from __future__ import annotations

from functools import lru_cache

import flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

COOKIE = "lang"
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
"""Language → the locale whose dates and catalogue it takes."""


def language() -> str:
    """Give ``zh`` or ``en`` for the present request; ``zh`` outside one."""
    if not flask.has_request_context():
        return "zh"
    known: str | None = flask.g.get("language")
    if known is None:
        chosen = flask.request.cookies.get(COOKIE)
        known = chosen if chosen in LOCALES else accepted(flask.request.headers.get("Accept-Language", ""))
        flask.g.language = known
    return known


def locale() -> str:
    """Give the locale of the present request, ``zh_Hans_CN`` or ``en_GB``."""
    return LOCALES[language()]


@lru_cache(maxsize=256)
def accepted(header: str) -> str:
    """Give ``zh`` or ``en`` for an Accept-Language header."""
    asked = parse_accept_header(header, LanguageAccept) if header else LanguageAccept()
    for tag, quality in asked:
        start = tag.lower().split("-")[0]
        if quality and start in LOCALES:
            return start
    return "zh"
