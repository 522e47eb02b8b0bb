"""The one gate every request passes: who is it, did they mean it, may they; what no mark covers is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
import structlog
from werkzeug.wrappers import Response

from shared.audit import Asking, ask
from shared.db.reach import limit
from shared.http.cookies import cookie_name
from shared.http.forgeries import Forgeries
from shared.http.policy import Access, accesses
from shared.http.problems import NotFound, NotSignedIn, NotYours
from shared.http.refusals import audit_refusal
from shared.http.spec import AppSpec
from shared.identity import (
    POLICY,
    DeniedStaff,
    Forbidden,
    InvalidToken,
    Principal,
    allow,
    csrf_matches,
    may_know,
)
from shared.text import Text

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = "/"
RENEW = "/auth/renew"
PERMANENT_METHOD_REDIRECT = 307

_STALE_PAGE = Text(
    "页面已过期或不是由本系统打开。请重新打开页面后再提交。",
    "This page is out of date or was not opened from here. Open it again, then send it.",
)
_NO_ACCESS = Text("此地址尚未开放。", "This address is not open to anyone.")

log = structlog.get_logger()


class UncoveredRoute(Exception):
    """A route carries neither ``@permit`` nor ``@public``, or an action the policy does not know."""


class Guard:
    """Signs in, checks the meaning and the permission of each request of one application."""

    def __init__(self, app: flask.Flask, spec: AppSpec) -> None:
        self._tokens = spec.keyring.tokens
        self._clock = spec.clock
        self._denied = DeniedStaff(spec.database)
        self._forgeries = Forgeries(spec.database)
        self._cookie = cookie_name(spec.public_url)
        self._origin = _origin(spec.public_url)
        self._api = f"/{spec.service}/api/"
        self._reach = spec.reach
        self._access = _table(app)

    def admit(self, request: flask.Request, g: Any) -> Response | None:  # noqa: ANN401 - Flask's per-request names
        """Let a request through, or give the redirect that signs its sender in.

        Raises:
            NotSignedIn: 401, nobody is signed in.
            NotYours: 403, a forged form or an action that is not of one's posts.
            NotFound: 404, the action is about an object of a kind of which one's posts see none.
        """
        bearer = _bearer(request)
        token = bearer if bearer is not None else request.cookies.get(self._cookie)
        g.route = endpoint = request.endpoint
        g.principal = principal = self._signed_in(token, g, bearer=bearer is not None) if token else None
        if endpoint is None:
            return None  # no such address: routing says so
        access = self._access.get((endpoint, request.method))
        if access is None:
            if request.method == "OPTIONS":
                return None
            log.error("route without access rule", endpoint=endpoint)
            raise NotYours(_NO_ACCESS)
        if request.method not in SAFE and bearer is None:
            self._meant(request, principal if access.action is not None else None)
        if access.action is None:
            return None
        if principal is None:
            return self._sign_in(request, token=token, bearer=bearer is not None)
        action = access.action_for(request.view_args or {})
        try:
            g.action = action
            g.grant = grant = allow(principal, action)
        except Forbidden as error:
            audit_refusal(principal, action, "route", endpoint, reason="forbidden")
            if request.view_args and not may_know(principal, action):
                raise NotFound from error
            raise NotYours from error
        if self._reach is not None:
            g.limited = limit(self._reach(principal, grant))
        return None

    def _signed_in(self, token: str, g: Any, *, bearer: bool) -> Principal | None:  # noqa: ANN401 - as above
        now = self._clock.now()
        try:
            principal = self._tokens.verify(token, now)
        except InvalidToken as error:
            self._forgeries.note(error.reason, g.route or "", g.request_id, now, bearer=bearer)
            return None
        if self._denied.is_denied(principal, now):
            return None
        g.asked = ask(Asking(principal.staff, principal.acting_for))
        return principal

    def _meant(self, request: flask.Request, principal: Principal | None) -> None:
        # A browser names the origin of every form; what names none is no browser, and then the token decides alone.
        origin = request.headers.get("Origin") or _origin(request.headers.get("Referer", ""))
        if origin and origin not in {self._origin, _origin(request.host_url)}:
            raise NotYours(_STALE_PAGE, id="foreign-origin")
        if principal is None:
            return
        given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
        if not csrf_matches(principal.session, given):
            raise NotYours(_STALE_PAGE, id="csrf")

    def _sign_in(self, request: flask.Request, *, token: str | None, bearer: bool) -> Response:
        if bearer or request.path.startswith(self._api):
            raise NotSignedIn(headers={"WWW-Authenticate": "Bearer"})
        there = request.full_path if request.query_string else request.path
        if token:
            # The short token has run out while the session may live: intake signs a new one and sends the form on.
            code = 302 if request.method in SAFE else PERMANENT_METHOD_REDIRECT
            return flask.redirect(f"{RENEW}?{urlencode({'next': there})}", code)
        if request.method in SAFE:
            return flask.redirect(f"{SIGN_IN}?{urlencode({'next': there})}")
        raise NotSignedIn


def _bearer(request: flask.Request) -> str | None:
    header = request.headers.get("Authorization")
    if header is None or header[:7].lower() != "bearer ":
        return None
    return header[7:].strip()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _table(app: flask.Flask) -> Mapping[tuple[str, str], Access]:
    table: dict[tuple[str, str], Access] = {}
    for endpoint, method, access in accesses(app):
        if access is None:
            raise UncoveredRoute(f"{method} {endpoint} carries neither @permit nor @public")
        unknown = [action for action in access.actions() if action not in POLICY]
        if unknown:
            raise UncoveredRoute(
                f"{method} {endpoint} needs {', '.join(unknown)}, which the policy does not know"
            )
        table[endpoint, method] = access
        if method == "GET":
            table[endpoint, "HEAD"] = access
    return table
