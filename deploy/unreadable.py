"""What the server answers where there is no request to hand to an application: nothing of what was sent, to nobody.

gunicorn's own answers quote the offending line, on the page and in the log: it may hold a token, a name, a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from shared import ids
from shared.http import problems
from shared.http.bare_page import bare_page
from shared.http.problems import Problem
from shared.http.security_headers import security_headers
from shared.text import Text

_OURS = (InvalidResponseHeader, InvalidResponseHeaderName)
_OTHER_STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        LimitRequestLine: 414,
        ExpectationFailed: 417,
        LimitRequestHeaders: 431,
        UnsupportedTransferCoding: 501,
    }
)
_LINES = Text(
    "请求行或请求头不合规，或过长。请检查客户端后重新发送。",
    "The request line or a header is malformed or too long. Check the client and send it again.",
)


def problem_of(error: BaseException) -> Problem:
    """Say what is wrong with a request that could not be read; anything else is a fault of ours."""
    if not isinstance(error, ParseException) or isinstance(error, _OURS):
        return problems.Broken()
    problem: Problem = problems.BadRequest(_LINES)
    problem.status = next((status for kind, status in _OTHER_STATUS.items() if isinstance(error, kind)), 400)
    return problem


def answer_to(problem: Problem) -> bytes:
    """Write a whole answer, after which the connection is closed."""
    body = bare_page(problem).encode()
    headers = [
        ("Connection", "close"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Request-ID", ids.new()),
        *security_headers(),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {problem.status} {problem.title.en}\r\n{lines}\r\n".encode("latin1") + body
