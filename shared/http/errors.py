"""Turns whatever a view raises into problem details, or a friendly page where a browser asked; the only such place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flask
import structlog
from sqlalchemy import exc as database_errors
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.wrappers import Response

from shared.http import problems
from shared.http.conditional import etag
from shared.http.idempotency import Replay
from shared.http.json_provider import dumps
from shared.http.locale import language
from shared.http.policy import maybe_principal
from shared.http.problems import NotYours, Problem, Unavailable
from shared.http.refusals import audit_refusal, write_down
from shared.http.spec import AppSpec
from shared.identity import Forbidden
from shared.sealing import MissingKey
from shared.text import Text
from shared.web.pages import problem_page

log = structlog.get_logger()

Translate = Callable[[Any], Problem]

_OF_STATUS: Mapping[int, Callable[[], Problem]] = {
    400: problems.BadRequest,
    401: problems.NotSignedIn,
    403: problems.NotYours,
    404: problems.NotFound,
    405: problems.MethodNotAllowed,
    413: problems.TooLarge,
    415: problems.WrongContentType,
    429: problems.TooMany,
    500: problems.Broken,
    503: problems.Unavailable,
}
_DATABASE_AWAY = Text(
    "数据库暂时无法访问，内容没有保存。请稍后重试。",
    "The database is away for the moment; nothing was stored. Try again shortly.",
)
_KEY_AWAY = Text(
    "该机构的密钥尚未就绪，内容没有保存。请稍后重试；如仍不行，请管理员运行 carehut district apply。",
    "The keys for this agency are not ready yet; nothing was stored. Try again shortly; if it stays, the operator "
    "should run carehut district apply.",
)
_SERVER_FAULT = 500


def register(app: flask.Flask, spec: AppSpec) -> None:
    """Translate everything the application's views raise, the service's own errors by ``spec.errors``."""
    translate = translator(spec.errors)

    def handle(error: Exception) -> Response:
        if isinstance(error, Replay):
            return _replayed(error)
        return render(translate(error), spec)

    app.register_error_handler(Exception, handle)
    app.register_error_handler(HTTPException, handle)


def render(problem: Problem, spec: AppSpec) -> Response:
    """Write a problem as JSON, or as a page where a browser asked for one."""
    write_down(problem)
    lang, request_id = language(), flask.g.get("request_id", "")
    flask.g.problem = problem.id
    if _wants_page(spec):
        return flask.Response(
            problem_page(problem, request_id), problem.status, problem.headers, mimetype="text/html"
        )
    response = flask.Response(
        dumps(problem.body(lang, request_id)), problem.status, problem.headers, mimetype=problems.MEDIA_TYPE
    )
    response.headers["Content-Language"] = lang
    return response


def translator(own: Mapping[type[Exception], Translate]) -> Translate:
    """Make what turns any exception into a problem: by the nearest class that ``own`` or our own table names."""

    def inside(error: InternalServerError) -> Problem:
        # Raised while an answer was being made, as when a refusal could not be audited.
        original = error.original_exception
        return translate(original) if isinstance(original, Exception) else _of_http(error)

    table: Mapping[type, Translate] = {
        Problem: lambda problem: problem,
        InternalServerError: inside,
        HTTPException: _of_http,
        Forbidden: _forbidden,
        MissingKey: _without_key,
        database_errors.OperationalError: _away,
        database_errors.InterfaceError: _away,
        database_errors.TimeoutError: _away,
        Exception: _broken,
        **own,
    }

    def translate(error: Exception) -> Problem:
        return next(table[kind](error) for kind in type(error).__mro__ if kind in table)

    return translate


def _forbidden(error: Forbidden) -> Problem:
    principal = maybe_principal()
    if principal is not None:
        audit_refusal(principal, str(error.action), "route", flask.request.endpoint or "", reason="forbidden")
    return NotYours()


def _away(error: Exception) -> Problem:
    log.error("database away", exc_info=error)
    return Unavailable(_DATABASE_AWAY)


def _without_key(error: Exception) -> Problem:
    log.error("key missing", exc_info=error)
    return Unavailable(_KEY_AWAY)


def _broken(error: Exception) -> Problem:
    log.error("request broke", exc_info=error)
    return problems.Broken()


def _of_http(error: HTTPException) -> Problem:
    code = error.code or _SERVER_FAULT
    made = _OF_STATUS.get(code)
    problem = (
        made()
        if made is not None
        else Problem(
            f"http-{code}",
            code,
            Text(error.name, error.name),
            Text(str(error.description), str(error.description)),
        )
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        problem.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem


def _wants_page(spec: AppSpec) -> bool:
    request = flask.request
    if request.path.startswith(f"/{spec.service}/api/"):
        return False
    return (
        request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
        == "text/html"
    )


def _replayed(replay: Replay) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    if 300 <= replay.status < 400:  # noqa: PLR2004 - the class of redirects
        return flask.redirect(flask.json.loads(replay.body)["location"], replay.status)
    first = flask.json.loads(replay.body or b"null")
    if isinstance(first, dict) and isinstance(first.get("version"), int):
        headers["ETag"] = etag(first["version"])
    return flask.Response(replay.body, replay.status, headers, mimetype="application/json")
