"""The front door's ``/auth``: tokens for programs, and sign-in, renewal and sign-out for browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import flask
from marshmallow import EXCLUDE, fields

from services.intake.domain.errors import AskAgain, OneTimeCodeNeeded, SessionOver, SignInFailed, SignInPaused
from services.intake.entrypoints import client_token
from services.intake.entrypoints.errors import CODE_NEEDED, SIGN_IN_FAILED, paused
from services.intake.entrypoints.sign_on import after_sign_out, ask_again
from services.intake.use_cases import sign_in
from services.intake.use_cases.context import Context
from shared.http.blueprint import read_form
from shared.http.cookies import clear_session, cookie_name, set_session
from shared.http.json_provider import json_response
from shared.http.policy import current_principal, permit, public
from shared.http.problems import WrongContentType
from shared.http.redirects import safe_next
from shared.http.schema import Length, Schema
from shared.http.state import state
from shared.identity import LIFETIME
from shared.text import Text

SEE_OTHER, SAME_METHOD, UNAUTHORISED, TOO_MANY = 303, 307, 401, 429
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
FORM_WANTED = Text(
    "请以 application/x-www-form-urlencoded 发送 username 与 password。",
    "Send username and password as application/x-www-form-urlencoded.",
)


class Credentials(Schema):
    """OAuth2's password form (RFC 6749 §4.3.2); what its clients add is left out."""

    class Meta:
        """Leave out grant_type, scope and the like."""

        unknown = EXCLUDE

    username = fields.String(required=True, validate=Length(min=1, max=64))
    password = fields.String(required=True, validate=Length(min=1, max=256))
    otp = fields.String(validate=Length(max=32))


CREDENTIALS = Credentials()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the routes under ``/auth``."""
    pages = flask.Blueprint("auth", __name__, url_prefix="/auth")

    @pages.post("/token")
    @public("whoever asks has no token yet")
    def token() -> flask.Response:
        """Give a bearer token for user name and password, or for an outside system's id and secret."""
        if flask.request.mimetype not in FORM_TYPES:
            raise WrongContentType(FORM_WANTED)
        if client_token.is_asked(flask.request):
            return client_token.answer(context, flask.request)
        given: Mapping[str, Any] = read_form(flask.request, CREDENTIALS)
        signed_in = sign_in.sign_in(
            context,
            given["username"],
            given["password"],
            otp=given.get("otp"),
            address=flask.request.remote_addr,
        )
        body = {
            "access_token": signed_in.token,
            "token_type": "bearer",
            "expires_in": int(LIFETIME.total_seconds()),
        }
        return json_response(body)

    @pages.post("/sign-in")
    @public("whoever signs in has no session yet")
    def enter() -> flask.Response:
        """Check the form of the front page, set the cookie and go on to where one was going."""
        username = flask.request.form.get("username", "").strip()
        following = safe_next(flask.request.form.get("next"))
        try:
            signed_in = sign_in.sign_in(
                context,
                username,
                flask.request.form.get("password", ""),
                otp=flask.request.form.get("otp", "").strip() or None,
                address=flask.request.remote_addr,
            )
        except SignInFailed as error:
            why = CODE_NEEDED if isinstance(error, OneTimeCodeNeeded) else SIGN_IN_FAILED
            return _asked_again(username, following, why, UNAUTHORISED)
        except SignInPaused as error:
            response = _asked_again(username, following, paused(error), TOO_MANY)
            response.headers["Retry-After"] = str(error.seconds)
            return response
        response = _redirect(following)
        set_session(response, signed_in.token)
        return response

    @pages.route("/renew", methods=["GET", "POST"])
    @public("the token has run out; the session it names decides")
    def renew() -> flask.Response:
        """Give a browser whose token ran out a new one, and send it back with all it had sent."""
        following = safe_next(flask.request.args.get("next"))
        token = flask.request.cookies.get(cookie_name(state().public_url), "")
        try:
            return _renewed(context, token, following)
        except SessionOver:
            response = _redirect(f"/?{urlencode({'next': following})}")
            clear_session(response)
            return response

    @pages.post("/sign-out")
    @permit("account.own")
    def leave() -> flask.Response:
        """End the session and take the cookie away."""
        sign_in.sign_out(context, current_principal())
        response = _redirect(after_sign_out(context))
        clear_session(response)
        return response

    return pages


def _renewed(context: Context, token: str, following: str) -> flask.Response:
    """Renew a session and go on, or give the way to the identity provider, which is to be asked first."""
    form = flask.request.method == "POST"
    try:
        renewed = sign_in.renew(context, token)
    except AskAgain as due:
        # A form would be lost on the way to the provider: the next page asks, unless that was put off before.
        if form and due.overdue:
            raise
        if not form and (way := ask_again(context, following)) is not None:
            return way
        renewed = sign_in.renew(context, token, unasked=True)
    response = _redirect(following, SAME_METHOD if form else SEE_OTHER)
    set_session(response, renewed.token)
    return response


def _asked_again(username: str, following: str, why: Text, status: int) -> flask.Response:
    page = flask.render_template("intake/sign_in.html", username=username, following=following, problem=why)
    return flask.make_response(page, status)


def _redirect(path: str, status: int = SEE_OTHER) -> flask.Response:
    return flask.make_response(flask.redirect(path, status))
