"""What surrounds every request: its id, the cap on its body, the guard, the headers of the answer, one log line."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable
from contextvars import Token
from typing import TYPE_CHECKING, Any, cast

import flask
import structlog
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from shared import ids
from shared.audit import Asking, answered
from shared.db.reach import release
from shared.http.guard import SAFE, Guard
from shared.http.problems import BadRequest, TooLarge
from shared.http.redirects import NOTICE_COOKIE
from shared.http.refusals import shown, write_down_shown
from shared.http.security_headers import security_headers
from shared.http.spec import AppSpec
from shared.http.uploads import CAP, upload_too_large
from shared.telemetry import context

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_CAP = 1024 * 1024
"""Bytes of a request body at most; more is 413."""

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_OK = 200
_REFUSED = 400
_REST = 16 * 1024 * 1024
_PIECE = 64 * 1024

log = structlog.get_logger()


def attach(app: flask.Flask, spec: AppSpec, guard: Guard) -> None:
    """Put an application's requests between ``enter`` and ``leave``."""
    caps = {name: getattr(view, CAP) for name, view in app.view_functions.items() if hasattr(view, CAP)}

    def enter() -> Response | None:
        # The proxies are resolved once: each touch of one costs as much as the work it leads to.
        request, g = _real(flask.request), _real(flask.g)
        given = request.headers.get("X-Request-ID")
        g.request_id = given if given is not None and _SANE_ID.fullmatch(given) else ids.new()
        g.started = time.perf_counter()
        g.bound = context.bind(g.request_id)
        _hold_to_cap(request, caps.get(request.endpoint, BODY_CAP))
        return guard.admit(request, g)

    app.before_request(enter)
    flask.before_render_template.connect(shown, app)
    app.after_request(_leave)
    app.teardown_request(_end)
    headers = list(security_headers(spec.public_url))
    app.wsgi_app = _with_headers(app.wsgi_app, headers)  # type: ignore[method-assign, assignment]


def _leave(response: Response) -> Response:
    request, g = _real(flask.request), _real(flask.g)
    if "told" in g:
        write_down_shown()
    response.headers["X-Request-ID"] = g.request_id
    response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code >= _REFUSED and request.method not in SAFE:
        _take_in_the_rest(request)
    if NOTICE_COOKIE in request.cookies and response.mimetype == "text/html" and response.status_code == _OK:
        response.delete_cookie(NOTICE_COOKIE, path="/")
    principal = g.get("principal")
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule is not None else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 2),
        staff=principal.staff if principal is not None else None,
        problem=g.get("problem"),
    )
    return response


def _end(_: Any) -> None:  # noqa: ANN401 - what ended the request, if anything
    limited: Token[bytes | None] | None = flask.g.pop("limited", None)
    if limited is not None:
        release(limited)
    asked: Token[Asking | None] | None = flask.g.pop("asked", None)
    if asked is not None:
        answered(asked)
    bound: Token[str | None] | None = flask.g.pop("bound", None)
    if bound is not None:
        context.release(bound)


def _hold_to_cap(request: flask.Request, cap: int) -> None:
    if cap != BODY_CAP:
        request.max_content_length = cap
    length = request.content_length
    if length is None and request.method not in SAFE and "wsgi.input_terminated" in request.environ:
        # A body of no stated length would be cut off at the cap and taken as if that were all of it.
        request.max_content_length = cap + 1
        try:
            length = len(request.get_data(cache=True))
        except HTTPException:
            raise
        except Exception as error:
            # Every server has an error of its own for chunks that are none.
            raise BadRequest from error
    if length is not None and length > cap:
        raise TooLarge if cap == BODY_CAP else upload_too_large()


def _take_in_the_rest(request: flask.Request) -> None:
    """Read away what nobody wanted of a refused body, up to 16 MiB.

    Otherwise the server may close the connection while the client is still sending: it then loses the answer, or the
    next request it sends over that connection.
    """
    if "wsgi.input_terminated" not in request.environ:
        return
    source, left = request.environ["wsgi.input"], _REST
    # Whoever goes away or sends no proper chunks has been answered already; the server ends that connection.
    with contextlib.suppress(Exception):
        while left > 0 and (piece := source.read(min(_PIECE, left))):
            left -= len(piece)


def _with_headers(application: WSGIApplication, headers: list[tuple[str, str]]) -> WSGIApplication:
    """Add headers that are the same on every answer, below Flask, where it costs one joined list."""

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, given: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:  # noqa: ANN401
            return start_response(status, given + headers, *error)

        return application(environ, cast("StartResponse", start))

    return with_headers


def _real(proxy: Any) -> Any:  # noqa: ANN401 - the proxy's type hides what stands behind it
    return proxy._get_current_object()  # noqa: SLF001 - werkzeug's documented way to it
