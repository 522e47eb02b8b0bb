"""Serving our style sheet and Bootstrap's from the machine itself, under each service's own path."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound

from shared.http.policy import public

_OURS = Path(__file__).parent / "static"
_ENDPOINT = "static"
_YEAR = 365 * 24 * 3600


@lru_cache(maxsize=1)
def files() -> dict[str, Path]:
    """Give every file that is served, by the name in its URL."""
    found = {path.name: path for path in _OURS.iterdir() if path.is_file()}
    package = find_spec("flask_bootstrap")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the style sheet of pages comes from the package bootstrap-flask")
    found["bootstrap.min.css"] = (
        Path(package.origin).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
    )
    return found


@lru_cache(maxsize=64)
def _stamp(name: str) -> str:
    return hashlib.sha256(files()[name].read_bytes()).hexdigest()[:12]


def register(app: flask.Flask, service: str) -> None:
    """Serve the files at ``/<service>/static/<name>``."""

    @public("style sheets are the same for everyone")
    def static(name: str) -> flask.Response:
        """Send one file; its address changes with its content, so browsers may keep it for good."""
        path = files().get(name)
        if path is None:
            raise NotFound
        response = flask.send_file(path, conditional=True, max_age=_YEAR)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        return response

    app.add_url_rule(f"/{service}/static/<name>", _ENDPOINT, static)


def static_url(name: str) -> str:
    """Give the address of a file, with the stamp of its content; for templates."""
    return f"{flask.url_for(_ENDPOINT, name=name)}?v={_stamp(name)}"
