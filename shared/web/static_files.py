"""Serving our style sheet and Bootstrap's from the machine itself, under each service's own path."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import flask
from werkzeug.wrappers import Response

from shared.http.policy import public
from shared.http.problems import NotFound

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


@dataclass(frozen=True, slots=True)
class _File:
    """One file in memory, plain and packed."""

    plain: bytes
    packed: bytes
    stamp: str
    mimetype: str


@lru_cache(maxsize=64)
def _file(name: str) -> _File:
    plain = files()[name].read_bytes()
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _File(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:12], mimetype)


def register(app: flask.Flask, service: str) -> None:
    """Serve the files at ``/<service>/static/<name>``."""

    @public("style sheets are the same for everyone")
    def static(name: str) -> Response:
        """Send one file; its address changes with its content, so browsers may keep it for good."""
        if name not in files():
            raise NotFound
        file, request = _file(name), flask.request
        packed = request.accept_encodings.quality("gzip") > 0
        response = flask.Response(file.packed if packed else file.plain, mimetype=file.mimetype)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{file.stamp}{'-gzip' if packed else ''}")
        return response.make_conditional(request)

    app.add_url_rule(f"/{service}/static/<name>", _ENDPOINT, static)


def static_url(name: str) -> str:
    """Give the address of a file, with the stamp of its content; for templates."""
    return f"{flask.url_for(_ENDPOINT, name=name)}?v={_file(name).stamp}"
