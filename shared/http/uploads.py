"""Files that people send: how large a body with one may be, and that nothing of it touches a disk in the clear."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar

import flask
from marshmallow import fields

from shared.http.problems import TooLarge
from shared.http.wording import said
from shared.text import Text

UPLOAD_CAP = 10 * 1024 * 1024 + 64 * 1024
"""Bytes of a body that carries a file of up to 10 MiB: the fields beside it take little."""

CAP = "__body_cap__"
View = TypeVar("View", bound=Callable[..., Any])

_TOO_LARGE = Text(
    "一次只能上传一个文件，最大10 MiB。请降低扫描分辨率，或分成几个文件。",
    "Send one file at a time, of at most 10 MiB. Scan with less resolution, or send it in parts.",
)


def takes_a_file(view: View) -> View:
    """Mark a view whose body may be as large as ``UPLOAD_CAP``; all others take 1 MiB."""
    setattr(view, CAP, UPLOAD_CAP)
    return view


def upload_too_large() -> TooLarge:
    """Give the problem for a body over ``UPLOAD_CAP``."""
    return TooLarge(_TOO_LARGE)


class InMemoryRequest(flask.Request):
    """A request whose files stay in memory: the library would write those over 500 kB to a temporary file."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return io.BytesIO()


class File(fields.Field[bytes]):
    """One file of a multipart form, as its bytes; its name is what somebody called it, and is not kept."""

    default_error_messages = {  # noqa: RUF012 - as the base declares it
        "required": said("请选择要上传的文件。", "Choose the file to send."),
        "invalid": said("请以 multipart/form-data 上传一个文件。", "Send one file, as multipart/form-data."),
    }

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as the base
        super().__init__(metadata={"type": "string", "format": "binary"}, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bytes:  # noqa: ANN401 - as the base
        if not isinstance(value, bytes):
            raise self.make_error("invalid")
        return value


def files_of(request: flask.Request) -> Mapping[str, list[bytes]]:
    """Give the content of every file of a form, by the name of its field."""
    found: dict[str, list[bytes]] = {}
    for name in request.files:
        for file in request.files.getlist(name):
            file.stream.seek(0)
            found.setdefault(name, []).append(file.stream.read())
    return found


def is_multipart(request: flask.Request) -> bool:
    """Tell whether the body is a form that can carry files."""
    return request.mimetype == "multipart/form-data"
