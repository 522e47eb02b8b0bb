"""If-Match and ETag: a change names the version it was decided on (RFC 9110 §13.1.1)."""

from __future__ import annotations

import re

import flask

from shared.http.problems import BadRequest, PreconditionRequired
from shared.text import Text

_VERSION = re.compile(r'"(\d{1,9})"')
_UNREADABLE = Text(
    'If-Match 应为带引号的版本号，例如 "3"。', 'If-Match must be the version in quotes, for example "3".'
)


def if_match(request: flask.Request) -> int:
    """Give the version the caller saw: from If-Match, or from the field ``version`` of a page's form.

    Raises:
        PreconditionRequired: neither is there (428).
        BadRequest: it is no quoted number (400); ``*`` and weak tags are not taken, since they prove nothing was seen.
    """
    given = request.headers.get("If-Match")
    if given is None and request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        version = request.form.get("version")
        given = None if version is None else f'"{version}"'
    if given is None:
        raise PreconditionRequired
    match = _VERSION.fullmatch(given.strip())
    if match is None:
        raise BadRequest(_UNREADABLE, id="bad-if-match")
    return int(match[1])


def etag(version: int) -> str:
    """Give the ETag header's value of a version: the number in quotes."""
    return f'"{version}"'
