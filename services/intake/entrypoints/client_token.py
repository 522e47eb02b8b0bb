"""``POST /auth/token`` for outside systems: the client-credentials grant, answered as RFC 6749 has it."""

from __future__ import annotations

from urllib.parse import unquote_plus

import flask

from services.intake.domain.api_clients import TokenRefused
from services.intake.domain.errors import SignInPaused
from services.intake.use_cases.client_tokens import client_token
from services.intake.use_cases.context import Context
from shared.http.json_provider import json_response

GRANT = "client_credentials"
LONGEST = 256
_STATUS = {"invalid_client": 401}
_BAD_REQUEST, _TOO_MANY = 400, 429
_ONCE = ("client_id", "client_secret", "scope", "grant_type")
_NOT_BASIC = "The Authorization header is not HTTP Basic with client_id and client_secret."


def is_asked(request: flask.Request) -> bool:
    """Tell whether a request for a token comes from an outside system."""
    return GRANT in request.form.getlist("grant_type")


def answer(context: Context, request: flask.Request) -> flask.Response:
    """Give a token for the client's id and secret, by HTTP Basic or in the form; errors as in RFC 6749 §5.2."""
    try:
        client, secret = _credentials(request)
        made = client_token(context, client, secret, request.form.get("scope"), address=request.remote_addr)
    except SignInPaused as error:
        words = {"error": "temporarily_unavailable", "error_description": "There were too many wrong tries."}
        return json_response(words, _TOO_MANY, {"Retry-After": str(error.seconds)})
    except TokenRefused as error:
        status = _STATUS.get(error.error, _BAD_REQUEST)
        refused = json_response({"error": error.error, "error_description": error.description}, status)
        if status == _STATUS["invalid_client"]:
            refused.headers["WWW-Authenticate"] = 'Basic realm="aid"'
        return refused
    body = {
        "access_token": made.token,
        "token_type": "bearer",
        "expires_in": made.expires_in,
        "scope": made.scope,
    }
    return json_response(body)


def _credentials(request: flask.Request) -> tuple[str, str]:
    if any(len(request.form.getlist(name)) > 1 for name in _ONCE):
        raise TokenRefused("invalid_request", "A parameter is given more than once.")
    if "Authorization" not in request.headers:
        given = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
    elif "client_secret" in request.form:
        raise TokenRefused("invalid_request", "The client shows its secret in two ways.")
    else:
        given = _basic(request)
        if request.form.get("client_id", given[0]) != given[0]:
            raise TokenRefused("invalid_request", "Header and form name two clients.")
    if not all(given) or any(len(part) > LONGEST or not part.isprintable() for part in given):
        raise TokenRefused("invalid_client", "client_id and client_secret are needed.")
    return given


def _basic(request: flask.Request) -> tuple[str, str]:
    shown = request.authorization
    if shown is None or shown.type != "basic" or shown.username is None or shown.password is None:
        raise TokenRefused("invalid_client", _NOT_BASIC)
    # Both are form-encoded within the header (§2.3.1); what we issue reads the same either way.
    return unquote_plus(shown.username), unquote_plus(shown.password)
