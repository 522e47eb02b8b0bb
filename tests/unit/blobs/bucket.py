"""A bucket behind the few calls of the S3 protocol that a store makes: put, get, head, delete, list."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "aid-papers"


class Bucket(BaseHTTPRequestHandler):
    """Answers for one bucket whose objects are in memory; another bucket does not exist."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    objects: ClassVar[dict[str, tuple[bytes, datetime]]]

    def do_PUT(self) -> None:
        """Keep an object, whole."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._there():
            return self._answer(404, _error("NoSuchBucket"))
        self.objects[self._key()] = body, datetime.now(UTC)
        return self._answer(200)

    def do_GET(self) -> None:
        """Give an object, or the list of those under a prefix."""
        query = parse_qs(urlsplit(self.path).query)
        if not self._there():
            return self._answer(404, _error("NoSuchBucket"))
        if "list-type" in query:
            return self._answer(200, self._listing(query.get("prefix", [""])[0]))
        found = self.objects.get(self._key())
        return self._answer(404, _error("NoSuchKey")) if found is None else self._answer(200, *found)

    do_HEAD = do_GET  # noqa: N815 - the library's way to name what answers a method

    def do_DELETE(self) -> None:
        """Forget an object."""
        self.objects.pop(self._key(), None)
        self._answer(204)

    def _there(self) -> bool:
        return urlsplit(self.path).path.split("/")[1] == BUCKET

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path.split("/", 2)[2])

    def _listing(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>x</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key, (body, at) in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return (
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{BUCKET}</Name>'
            f"<Prefix>{prefix}</Prefix><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        ).encode()

    def _answer(self, status: int, body: bytes = b"", at: datetime | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", format_datetime(at or datetime.now(UTC), usegmt=True))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


@contextmanager
def serving() -> Iterator[str]:
    """Give the address of an empty bucket's server."""
    handler = type("ThisBucket", (Bucket,), {"objects": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
