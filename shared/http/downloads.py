"""A file that is handed out: never shown in the page, never guessed at, never kept on the way."""

from __future__ import annotations

from typing import Any

import flask

from shared.blobs.files import ENDINGS


def documented(*media: str) -> dict[str, Any]:
    """Describe an answer that is a file of one of these media types."""
    content = {name: {"schema": {"type": "string", "format": "binary"}} for name in media}
    return {"description": "the file itself, as an attachment", "content": content}


PAPER = documented(*ENDINGS)
"""An answer that is a paper."""


def download(content: bytes, media: str, name: str) -> flask.Response:
    """Answer with a file to be saved; ``name`` is ASCII and tells of nobody. No proxy and no browser keeps it."""
    response = flask.Response(content, mimetype=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response
