"""What is no request is answered without quoting it, with the headers of every answer, and is in no log."""

from __future__ import annotations

import socket

from shared.http.security_headers import SECURITY_HEADERS
from tests.integration.http.conftest import Served

SECRET = b"eyJhbGciOiJFZERTQSJ9"
UNREADABLE = {
    "no request": (400, b"\x16\x03\x01" + SECRET + b"\r\n\r\n"),
    "a method that is none": (400, b"G@T /" + SECRET + b" HTTP/1.1\r\n\r\n"),
    "a version that is none": (400, b"GET /" + SECRET + b" HTTP/9.9\r\n\r\n"),
    "a header with a control character": (
        400,
        b"GET / HTTP/1.1\r\nAuthorization: Bearer " + SECRET + b"\x00\r\n\r\n",
    ),
    "a header without a name": (400, b"GET / HTTP/1.1\r\n" + SECRET + b"\r\n\r\n"),
    "two lengths": (400, b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "a length and chunks": (
        400,
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "a transfer encoding nobody knows": (
        400,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: " + SECRET + b"\r\n\r\n",
    ),
    "an address without end": (414, b"GET /" + SECRET * 500 + b" HTTP/1.1\r\n\r\n"),
    "a header without end": (431, b"GET / HTTP/1.1\r\nCookie: sid=" + SECRET * 600 + b"\r\n\r\n"),
}


def _answered(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def test_what_is_no_request_is_answered_without_a_word_of_it(served: Served) -> None:
    for what, (status, sent) in UNREADABLE.items():
        head, _, body = _answered(served.port, sent).partition(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode()), (what, head)
        for name, value in SECURITY_HEADERS.items():
            assert f"{name}: {value}".encode() in head.split(b"\r\n"), (what, name)
        assert SECRET not in head + body, what
        assert "请求无法读取".encode() in body, what
    log = served.log.read_bytes()
    assert log.count(b'"request unreadable"') == len(UNREADABLE)
    assert SECRET not in log
    assert served.serves()
