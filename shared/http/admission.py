"""Who is let in when more is asked than can be done: what has waited too long is refused at once, not answered late."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson
import structlog

from shared import ids
from shared.http import problems
from shared.http.bare_page import bare_page
from shared.http.locale import accepted
from shared.http.problems import Busy
from shared.http.security_headers import security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FREE_SECONDS = 0.02
"""Who waited less than this for a thread has found one free."""
STANDING_AFTER_SECONDS = 2.0
"""If for so long everybody had to wait for a thread, it is no burst that will pass: the queue stands.

It counts from the first who had to wait: what gathered while the whole process stood still is a burst.
"""
TOLD_EVERY_SECONDS = 5.0

_HEALTH = ("/live", "/ready")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a request may have waited for a thread: in a passing burst, and where the queue stands.

    With one limit alone a queue that stands keeps everybody waiting for exactly that long.
    """

    burst: float
    standing: float


PATIENCE: Mapping[bool, Patience] = MappingProxyType({False: Patience(2.0, 0.3), True: Patience(5.0, 1.0)})
"""By whether the request only reads: who looks something up is let in longer than who files or decides."""


class Waited(threading.local):
    """How long the request at hand has waited for the thread it runs in; the server says so (``deploy/serve.py``)."""

    seconds = 0.0


waited = Waited()


class Admission:
    """Stands before a process's application and refuses what has waited too long, with 503 and Retry-After.

    How many requests are under way is bounded by the server's threads; this bounds how long others wait for one. A
    refusal costs a small part of what an answer does, so the queue shortens at once, and what is let in is answered
    in time. Health checks always pass.
    """

    def __init__(
        self, application: WSGIApplication, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._application = application
        self._monotonic = monotonic
        self._waited_since: float | None = None
        self._refused, self._told_at = 0, float("-inf")
        # Not the same for all: who was refused together must not come back together.
        self._retry_after = itertools.cycle(range(1, 5))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, or have it answered."""
        if self._may_enter(environ, waited.seconds):
            return self._application(environ, start_response)
        return self._refuse(environ, start_response)

    def _may_enter(self, environ: WSGIEnvironment, seconds: float) -> bool:
        now = self._monotonic()
        if seconds < FREE_SECONDS:
            self._waited_since = None
            return True
        since = self._waited_since
        if since is None:
            since = self._waited_since = now
        patience = PATIENCE[environ["REQUEST_METHOD"] in _SAFE]
        standing = now - since > STANDING_AFTER_SECONDS
        if seconds <= (patience.standing if standing else patience.burst):
            return True
        return str(environ.get("PATH_INFO", "")).endswith(_HEALTH)

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._note()
        problem, request_id = Busy(), ids.new()
        language = accepted(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        if "text/html" in environ.get("HTTP_ACCEPT", ""):
            media, body = "text/html; charset=utf-8", bare_page(problem).encode()
        else:
            media, body = problems.MEDIA_TYPE, orjson.dumps(problem.body(language, request_id))
        headers = [
            ("Content-Type", media),
            ("Content-Length", str(len(body))),
            ("Content-Language", language),
            ("Retry-After", str(next(self._retry_after))),
            ("Cache-Control", "no-store"),
            ("X-Request-ID", request_id),
            *security_headers(),
        ]
        start_response(f"{problem.status} {problem.title.en}", headers)
        return [body]

    def _note(self) -> None:
        # A line for each refusal would cost more than the refusal.
        self._refused += 1
        now = self._monotonic()
        if now - self._told_at >= TOLD_EVERY_SECONDS:
            log.warning("requests.refused", count=self._refused)
            self._refused, self._told_at = 0, now
