"""A copy of a whole installation at one moment: its three databases, and every paper and slip; while it runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from deploy.pg_programs import BackupRefused
from deploy.snapshots import Dump, postgresql, sqlite
from shared.audit import AuditEntry
from shared.blobs import BlobStore, NoSuchBlob
from shared.blobs.store import SHARDS
from shared.db import Database
from shared.text import Text

FORMAT = 1
MANIFEST, DATABASES, BLOBS = "manifest.json", "databases", "blobs"
SLIPS = "slips"
_UNFINISHED = ".new"
STORES = ("", SLIPS)
"""Where blobs lie apart: papers at the root of the store, slips of referrals in a folder of their own."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``rows`` counts by service and table, ``files`` maps each database's file to its SHA-256, ``blobs`` counts those of
    each store. ``master`` tells which master key is needed, and nothing else of it.
    """

    made_at: str
    district: str
    dialect: str
    master: str
    rows: Mapping[str, Mapping[str, int]]
    files: Mapping[str, str]
    blobs: Mapping[str, int]

    def written(self) -> bytes:
        """Give it as it is kept."""
        members = {name: getattr(self, name) for name in Manifest.__slots__}
        return orjson.dumps({"format": FORMAT, **members}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


_SNAPSHOTS: Mapping[str, Callable[[Mapping[str, Database]], AbstractContextManager[Mapping[str, Dump]]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
}


def back_up(
    databases: Mapping[str, Database],
    blobs: BlobStore,
    folder: Path,
    *,
    district: str,
    master: bytes,
    now: datetime,
) -> Manifest:
    """Copy an installation into ``folder``; whoever works there is held up for a moment, at its beginning.

    The three databases are copied as of one moment, so that nobody holds a receipt for an event that nobody has
    recorded. Papers are copied after them: what a row names is there, unless somebody has deleted it since. Papers of
    an earlier backup in the same folder are kept and not copied again; they never change. The manifest is written last,
    and without it a folder is no backup. Raises ``BackupRefused``, ``BlobsAway``.
    """
    (folder / DATABASES).mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / MANIFEST).unlink(missing_ok=True)
    dialect = next(iter(databases.values())).dialect
    rows, files = {}, {}
    with _SNAPSHOTS[dialect](databases) as dumps:
        for service, dump in dumps.items():
            file = folder / DATABASES / dump.file
            file.unlink(missing_ok=True)
            dump.write(file)
            rows[service] = dump.rows()
            files[dump.file] = sha256(file)
    copied = {name: _copy_blobs(store(blobs, name), folder / BLOBS / name) for name in STORES}
    manifest = Manifest(
        made_at=now.isoformat(timespec="seconds"),
        district=district,
        dialect=dialect,
        master=master.hex(),
        rows=rows,
        files=files,
        blobs=copied,
    )
    _write(folder / MANIFEST, manifest.written())
    _note(databases["intake"], manifest, now)
    return manifest


def _note(database: Database, manifest: Manifest, now: datetime) -> None:
    with database.unit_of_work() as uow:
        uow.audit(
            AuditEntry(
                at=now,
                actor="system",
                post="system",
                action="installation.backed-up",
                object_type="installation",
                object_id=manifest.district,
                detail={"rows": sum(sum(tables.values()) for tables in manifest.rows.values())},
            )
        )


def store(blobs: BlobStore, name: str) -> BlobStore:
    """Give one of the ``STORES``."""
    return blobs.under(name) if name else blobs


def manifest_of(folder: Path) -> Manifest:
    """Read what a backup holds. Raises ``BackupRefused``."""
    try:
        told: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        told = {}
    if told.pop("format", None) != FORMAT:
        raise BackupRefused(
            Text(f"{folder} 不是完整的备份。", f"{folder} is no complete backup."),
            Text(
                "备份的 manifest.json 最后写入；请用另一份备份。",
                "Its manifest.json comes last; take another one.",
            ),
        )
    return Manifest(**told)


def blobs_in(folder: Path, name: str) -> Iterator[Path]:
    """Give the files of one of the ``STORES`` in a backup."""
    place = folder / BLOBS / name
    found = (file for shard in range(SHARDS) for file in sorted((place / f"{shard:02x}").glob("*")))
    # A backup that was cut short has left half a file, which another one in the same folder need not come by.
    return (file for file in found if file.suffix != _UNFINISHED)


def sha256(file: Path) -> str:
    """Give a file's SHA-256 in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy_blobs(source: BlobStore, target: Path) -> int:
    count = 0
    for shard in range(SHARDS):
        for blob, _ in source.written(shard):
            file = target / f"{shard:02x}" / blob
            if not file.exists():
                try:
                    content = source.get(blob)
                except NoSuchBlob:
                    # Somebody has deleted it since its folder was listed.
                    continue
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _write(file, content)
            count += 1
    return count


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(f"{file.name}{_UNFINISHED}")
    with fresh.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
