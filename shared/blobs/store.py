"""Where blobs lie: a folder or an S3 bucket, by one address; a blob is there whole or not at all."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from shared.text import Text

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

SHARDS = 256
"""Folders of a store: the last two digits of an id are random and name its folder, ``00`` to ``ff``."""
UNFINISHED = ".new"
"""Where a file is written before it gets its name."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_S3_OPTIONS: Mapping[str, Any] = {
    # What another process has written must be seen at once.
    "use_listings_cache": False,
    "skip_instance_cache": True,
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}},
}


class BadBlobsUrl(Exception):
    """CAREHUT_BLOBS_URL names no store that can be used; ``text`` says so to people."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class NoSuchBlob(Exception):
    """The store has no blob of this id."""


class BlobsAway(Exception):
    """The store cannot be reached, or refuses; nothing was written."""


class BlobStore:
    """Blobs by id (a UUID) under one address. Making one connects to nothing; whoever reads decrypts.

    Writing is atomic and lasts: when ``put`` returns, the blob outlives a power cut, and a process killed in the
    middle leaves at most an unfinished file that nobody takes for a blob.
    """

    def __init__(self, scheme: str, root: str) -> None:
        """Take where it lies: ``file``, ``s3`` or, in tests alone, ``memory``; and the folder in it."""
        self._scheme = scheme
        self._root = root.rstrip("/")

    @classmethod
    def at(cls, url: str) -> BlobStore:
        """Take ``file:///folder`` or ``s3://bucket/prefix``; S3's own settings and secrets stand in ``AWS_…``.

        Raises:
            BadBlobsUrl: for any other address, or for S3 where the package for it is missing.
        """
        parts = urlsplit(url)
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return cls("file", unquote(parts.path))
        if parts.scheme != "s3" or not parts.netloc:
            raise BadBlobsUrl(_NO_STORE.format(url=url))
        if importlib.util.find_spec("s3fs") is None:
            raise BadBlobsUrl(_NO_S3)
        return cls("s3", f"{parts.netloc}{parts.path}")

    def under(self, folder: str) -> BlobStore:
        """Give a store of its own within this one: what is kept there is swept by whoever knows its rows."""
        return BlobStore(self._scheme, f"{self._root}/{folder}")

    def put(self, blob: str, locked: bytes) -> None:
        """Write a blob.

        Raises:
            BlobsAway: it could not be written.
        """
        try:
            if self._scheme == "file":
                self._put_file(blob, locked)
            else:
                # One PUT: an object appears whole, or not.
                self._files.pipe_file(self._place(blob), locked)
        except Exception as error:
            raise BlobsAway(blob) from error

    def get(self, blob: str) -> bytes:
        """Read a blob.

        Raises:
            NoSuchBlob: there is none of this id.
            BlobsAway: the store did not answer.
        """
        try:
            return bytes(self._files.cat_file(self._place(blob)))
        except FileNotFoundError as error:
            raise NoSuchBlob(blob) from error
        except Exception as error:
            raise BlobsAway(blob) from error

    def has(self, blob: str) -> bool:
        """Tell whether a blob is there. Raises ``BlobsAway``."""
        try:
            return bool(self._files.exists(self._place(blob)))
        except Exception as error:
            raise BlobsAway(blob) from error

    def delete(self, blob: str) -> None:
        """Remove a blob; one that is not there is none to remove. Raises ``BlobsAway``."""
        try:
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(self._place(blob))
        except Exception as error:
            raise BlobsAway(blob) from error

    def written(self, shard: int) -> Iterator[tuple[str, datetime]]:
        """Give id and moment of writing of every blob in one of the ``SHARDS`` folders. Raises ``BlobsAway``."""
        try:
            found = self._files.find(f"{self._root}/{shard:02x}", detail=True)
        except FileNotFoundError:
            return
        except Exception as error:
            raise BlobsAway(f"folder {shard:02x}") from error
        for path, facts in found.items():
            blob = path.rpartition("/")[2]
            # What an operator or a file system has put there is not ours to judge.
            if _ID.fullmatch(blob):
                yield blob, _written_at(facts)

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what killed processes have left half written before a moment; gives how many. Raises ``BlobsAway``."""
        if self._scheme != "file":
            return 0
        removed = 0
        try:
            for file in self._unfinished.glob("*"):
                with contextlib.suppress(FileNotFoundError):
                    if datetime.fromtimestamp(file.stat().st_mtime, UTC) < before:
                        file.unlink()
                        removed += 1
        except OSError as error:
            raise BlobsAway(UNFINISHED) from error
        return removed

    @cached_property
    def _files(self) -> AbstractFileSystem:
        import fsspec  # noqa: PLC0415 - a store that is not used is not opened

        return fsspec.filesystem(self._scheme, **(_S3_OPTIONS if self._scheme == "s3" else {}))

    @property
    def _unfinished(self) -> Path:
        return Path(self._root) / UNFINISHED

    def _place(self, blob: str) -> str:
        return f"{self._root}/{blob[-2:]}/{blob}"

    def _put_file(self, blob: str, locked: bytes) -> None:
        final = Path(self._place(blob))
        for folder in (self._unfinished, final.parent):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                _sync(folder.parent)
        fresh = self._unfinished / f"{blob}.{secrets.token_hex(4)}"
        try:
            with fresh.open("xb") as file:
                file.write(locked)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(final)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        # The name itself lasts only when its folder is on disk, too.
        _sync(final.parent)


_NO_STORE = Text(
    "CAREHUT_BLOBS_URL 应为文件夹（file:///…）或 S3 存储桶（s3://…），现为“{url}”。",
    "CAREHUT_BLOBS_URL must be a folder (file:///…) or an S3 bucket (s3://…), and is “{url}”.",
)
_NO_S3 = Text(
    "CAREHUT_BLOBS_URL 指向 S3，但缺少软件包 s3fs。请按 requirements-s3.lock 安装。",
    "CAREHUT_BLOBS_URL is of S3, and the package s3fs is missing. Install from requirements-s3.lock.",
)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written_at(facts: Mapping[str, Any]) -> datetime:
    # Each kind of store has its own word for it: a folder, S3, the memory of tests.
    moment = next(facts[name] for name in ("mtime", "LastModified", "created") if name in facts)
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
