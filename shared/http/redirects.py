"""Going on to another page after a form: only within this installation, with a word on what was done."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from shared.http.state import state

NOTICE_COOKIE = "notice"
_NOTICE_SECONDS = 30
_SEE_OTHER = 303


def see_other(path: str, notice: str | None = None) -> Response:
    """Send the browser on after a form; the next page shows ``notice``, a code of ``AppSpec.notices``, once.

    Raises:
        KeyError: the spec has no such notice.
    """
    response = flask.redirect(path, _SEE_OTHER)
    if notice is not None:
        spec = state()
        spec.notices[notice]
        response.set_cookie(
            NOTICE_COOKIE,
            notice,
            max_age=_NOTICE_SECONDS,
            path="/",
            samesite="Lax",
            secure=spec.public_url.startswith("https://"),
            httponly=True,
        )
    return response


def safe_next(given: str | None, default: str = "/") -> str:
    """Give where to go on if it is a path of this installation, else ``default``: links can be tampered with."""
    if not given or not given.startswith("/") or given.startswith(("//", "/\\")):
        return default
    return default if any(ord(sign) < ord(" ") for sign in given) else given
