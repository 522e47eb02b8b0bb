"""The application factory of every service's web: one place where guards, errors and documentation are put together."""

from __future__ import annotations

import re
import time
from contextvars import Token
from typing import Any

import flask
import structlog
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from shared import ids
from shared.http import errors, health, openapi
from shared.http.guard import SAFE, Guard, UncoveredRoute
from shared.http.json_provider import OrjsonProvider
from shared.http.problems import TooLarge
from shared.http.redirects import NOTICE_COOKIE
from shared.http.spec import AppSpec, Check
from shared.http.state import KEY
from shared.telemetry import context, logs
from shared.web import pages

__all__ = ["AppSpec", "Check", "UncoveredRoute", "create_app"]

BODY_CAP = 1024 * 1024
"""Bytes of a request body at most; more is 413."""

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = (
    ("Content-Security-Policy", _CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Not no-referrer: under it browsers send forms with "Origin: null", and the check of their origin would refuse
    # our own. Nothing leaves this origin under same-origin either.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_OVER_TLS = ("Strict-Transport-Security", "max-age=31536000")

HTTP_OK = 200

log = structlog.get_logger()


class Web(flask.Flask):
    """Flask with our JSON, and templates that write a ``Text`` in the reader's language by themselves."""

    json_provider_class = OrjsonProvider
    jinja_options = {"finalize": pages.finalize, "autoescape": True}  # noqa: RUF012 - as Flask declares it


def create_app(spec: AppSpec) -> flask.Flask:
    """Make the Flask application of one service. Connects to nothing and reads no environment.

    Raises:
        UncoveredRoute: a view carries neither ``@permit`` nor ``@public``, or an action the policy does not know.
    """
    if not structlog.is_configured():
        logs.configure(
            spec.service, "web"
        )  # the library's own default would print local variables, with all they hold
    app = Web("shared.web", static_folder=None, template_folder="templates")
    app.config |= {"MAX_CONTENT_LENGTH": BODY_CAP, "MAX_FORM_MEMORY_SIZE": BODY_CAP}
    app.extensions[KEY] = spec
    if spec.trusted_proxies:
        trusted = spec.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    openapi.describe(app, spec)
    health.register(app, spec)
    pages.register(app, spec)
    for blueprint in spec.pages:
        app.register_blueprint(blueprint)
    errors.register(app, spec)
    _surround(app, spec, Guard(app, spec))
    return app


def _hold_to_cap(request: flask.Request) -> None:
    if (
        request.content_length is None
        and "wsgi.input_terminated" in request.environ
        and request.method not in SAFE
    ):
        # A body of no stated length would be cut off at the cap and taken as if that were all of it.
        request.max_content_length = BODY_CAP + 1
        length = len(request.get_data(cache=True))
    else:
        length = request.content_length or 0
    if length > BODY_CAP:
        raise TooLarge


def _surround(app: flask.Flask, spec: AppSpec, guard: Guard) -> None:
    headers = (*SECURITY_HEADERS, *((_OVER_TLS,) if spec.public_url.startswith("https://") else ()))

    def enter() -> Response | None:
        request, g = flask.request, flask.g
        given = request.headers.get("X-Request-ID")
        g.request_id = given if given is not None and _SANE_ID.fullmatch(given) else ids.new()
        g.started = time.perf_counter()
        g.bound = context.bind(g.request_id)
        _hold_to_cap(request)
        return guard.admit(request)

    def leave(response: Response) -> Response:
        g, request = flask.g, flask.request
        out = response.headers
        out["X-Request-ID"] = g.request_id
        for name, value in headers:
            out[name] = value
        if "Cache-Control" not in out:
            out["Cache-Control"] = "no-store"
        if (
            NOTICE_COOKIE in request.cookies
            and response.mimetype == "text/html"
            and response.status_code == HTTP_OK
        ):
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

    def end(_: Any) -> None:  # noqa: ANN401 - what ended the request, if anything
        bound: Token[str | None] | None = flask.g.pop("bound", None)
        if bound is not None:
            context.release(bound)

    app.before_request(enter)
    app.after_request(leave)
    app.teardown_request(end)
