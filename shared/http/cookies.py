"""The session cookie: its name and how it is set, the same in every service."""

from __future__ import annotations

import flask

from shared.http.state import state


def cookie_name(public_url: str) -> str:
    """Give the cookie's name: bound to host and TLS (``__Host-``) wherever there is TLS, plain ``sid`` on loopback."""
    return "__Host-sid" if public_url.startswith("https://") else "sid"


def set_session(response: flask.Response, token: str, *, keep_seconds: int | None = None) -> None:
    """Set the session cookie to a signed token; it ends with the browser's session unless ``keep_seconds`` is given."""
    public_url = state().public_url
    response.set_cookie(
        cookie_name(public_url),
        token,
        max_age=keep_seconds,
        path="/",
        secure=public_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )


def clear_session(response: flask.Response) -> None:
    """Take the session cookie away."""
    public_url = state().public_url
    response.delete_cookie(
        cookie_name(public_url),
        path="/",
        secure=public_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
