"""The front door's own few answers: ``/live``, the summed ``/ready`` and ``/asyncapi.json``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from deploy.front.asyncapi import document
from deploy.front.ready import OK, Reporter, summed
from shared import ids
from shared.http import problems
from shared.http.json_provider import dumps
from shared.http.security_headers import security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RETRY_SECONDS = 5
_HEADERS = {"Cache-Control": "no-store", **dict(security_headers())}


class FrontApp:
    """A WSGI application that needs no account: nothing it says is about any case.

    ``reporters`` tell for each service whether it can take requests.
    """

    def __init__(self, reporters: Mapping[str, Reporter]) -> None:
        self._reporters = reporters
        self._answers: Mapping[str, Callable[[], Response]] = {
            "/live": lambda: _json({"status": "ok"}),
            "/ready": self._ready,
            "/asyncapi.json": lambda: _json(self._asyncapi),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        answer = self._answers.get(request.path)
        if answer is None:
            response = _problem(problems.NotFound(), request)
        elif request.method not in {"GET", "HEAD"}:
            response = _problem(problems.MethodNotAllowed(headers={"Allow": "GET, HEAD"}), request)
        else:
            response = answer()
        return response(environ, start_response)

    def _ready(self) -> Response:
        body, status = summed(self._reporters)
        return _json(body, status, {} if status == OK else {"Retry-After": str(RETRY_SECONDS)})

    @cached_property
    def _asyncapi(self) -> dict[str, Any]:
        return document()


def _json(body: object, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dumps(body), status, {**_HEADERS, **(headers or {})}, mimetype="application/json")


def _problem(problem: problems.Problem, request: Request) -> Response:
    locale = request.accept_languages.best_match(["zh", "en"], default="zh")
    body = problem.body(locale, ids.new())
    headers = {**_HEADERS, **problem.headers, "Content-Language": locale}
    return Response(dumps(body), problem.status, headers, mimetype=problems.MEDIA_TYPE)
