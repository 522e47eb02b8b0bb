"""A backup becomes an installation again, on a machine that has none; every row and every paper is counted."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from deploy.backup import BLOBS, DATABASES, STORES, Manifest, blobs_in, manifest_of, sha256, store
from deploy.pg_programs import BackupRefused, connect, conninfo, program, run
from deploy.snapshots import rows_of_postgresql, rows_of_sqlite
from shared.blobs import BlobStore
from shared.db import Database
from shared.sealing import MasterKey
from shared.text import Text


def restore(
    folder: Path, databases: Mapping[str, Database], blobs: BlobStore, *, district: str, master: MasterKey
) -> Manifest:
    """Put a backup's databases and blobs where this installation keeps them; gives what it held.

    Everything is looked at before anything is written. Cut short, it is begun anew on empty databases. ``databases``
    are opened with the owner's rights; on PostgreSQL they are there and empty, with their roles.

    Raises:
        BackupRefused: it is incomplete, was changed, is of another district or master key, or something is there
            already; or, at the end, a row is missing.
    """
    manifest = manifest_of(folder)
    dialect = next(iter(databases.values())).dialect
    _refuse_others(manifest, dialect, district, master)
    _refuse_missing(folder, manifest)
    for service, database in databases.items():
        if not _IS_EMPTY[dialect](database):
            raise BackupRefused(_NOT_EMPTY.format(service=service), _EMPTY_FIRST)
    for name in STORES:
        target = store(blobs, name)
        for file in blobs_in(folder, name):
            target.put(file.name, file.read_bytes())
    for service, database in databases.items():
        _PUT_BACK[dialect](folder / DATABASES, service, database)
        found, expected_rows = _ROWS[dialect](database), dict(manifest.rows[service])
        if found != expected_rows:
            missing = sorted(name for name in expected_rows if found.get(name) != expected_rows[name])
            raise BackupRefused(_ROWS_MISSING.format(service=service, tables=", ".join(missing)), _ANOTHER)
    return manifest


def _refuse_others(manifest: Manifest, dialect: str, district: str, master: MasterKey) -> None:
    if manifest.district != district:
        raise BackupRefused(_OTHER_DISTRICT.format(theirs=manifest.district, ours=district), _CHECK_SETTINGS)
    if manifest.dialect != dialect:
        raise BackupRefused(_OTHER_DATABASE.format(theirs=manifest.dialect, ours=dialect), _CHECK_SETTINGS)
    if manifest.master not in {key.identity.hex() for key in master.each()}:
        raise BackupRefused(_OTHER_MASTER, _FIND_MASTER)


def _refuse_missing(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        file = folder / DATABASES / name
        if not file.exists() or sha256(file) != expected:
            raise BackupRefused(_CHANGED.format(file=file), _ANOTHER)
    for name, count in manifest.blobs.items():
        # A folder that is used again keeps the papers of earlier backups, too.
        found = sum(1 for _ in blobs_in(folder, name))
        if found < count:
            raise BackupRefused(
                _BLOBS_MISSING.format(folder=folder / BLOBS / name, found=found, expected=count),
                _ANOTHER,
            )


def _file(database: Database) -> Path:
    return Path(sa.make_url(database.url).database or "")


def _no_tables(database: Database) -> bool:
    with connect(sa.make_url(database.url)) as connection:
        return not rows_of_postgresql(connection)


def _copy(folder: Path, service: str, database: Database) -> None:  # noqa: ARG001 - both ways have one shape
    file = _file(database)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(folder / file.name, file)


def _load(folder: Path, service: str, database: Database) -> None:
    url = sa.make_url(database.url)
    run(
        [
            program("pg_restore"),
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            f"--dbname={conninfo(url)}",
            str(folder / f"aid_{service}.dump"),
        ],
        url.password,
    )


def _count_file(database: Database) -> dict[str, int]:
    with closing(sqlite3.connect(_file(database))) as connection:
        return rows_of_sqlite(connection)


def _count_server(database: Database) -> dict[str, int]:
    with connect(sa.make_url(database.url)) as connection:
        return rows_of_postgresql(connection)


_IS_EMPTY: Mapping[str, Callable[[Database], bool]] = {
    "sqlite": lambda database: not _file(database).exists(),
    "postgresql": _no_tables,
}
_PUT_BACK: Mapping[str, Callable[[Path, str, Database], None]] = {"sqlite": _copy, "postgresql": _load}
_ROWS: Mapping[str, Callable[[Database], dict[str, int]]] = {
    "sqlite": _count_file,
    "postgresql": _count_server,
}

_CHANGED = Text("{file} 缺失或已被改动。", "{file} is missing or was changed.")
_ANOTHER = Text("请用另一份备份。", "Take another backup.")
_NOT_EMPTY = Text(
    "{service} 的数据库不是空的，未作任何改动。",
    "The database of {service} is not empty; nothing was changed.",
)
_EMPTY_FIRST = Text(
    "恢复只写入空的安装：另设 CAREHUT_HOME，或新建空数据库。",
    "Restoring writes into an empty installation: set another CAREHUT_HOME, or make empty databases.",
)
_ROWS_MISSING = Text("{service} 中行数不符：{tables}。", "{service} has not every row of {tables}.")
_BLOBS_MISSING = Text(
    "{folder} 中应有 {expected} 份材料，只有 {found} 份，未作任何改动。",
    "{folder} should hold {expected} papers and holds {found}; nothing was changed.",
)
_OTHER_DISTRICT = Text(
    "备份属于 {theirs}，本安装为 {ours}。", "The backup is of {theirs}, and this installation serves {ours}."
)
_OTHER_DATABASE = Text(
    "备份取自 {theirs}，本安装使用 {ours}。", "The backup is of {theirs}, and this installation uses {ours}."
)
_CHECK_SETTINGS = Text("请核对环境变量 CAREHUT_*。", "Check the settings CAREHUT_*.")
_OTHER_MASTER = Text(
    "主密钥不是备份时所用的那一个。", "This is not the master key that the backup was made with."
)
_FIND_MASTER = Text(
    "由分片恢复：carehut keys join --to FILE，再设置 CAREHUT_MASTER_KEY_FILE。",
    "Put it together from its shares (carehut keys join --to FILE) and set CAREHUT_MASTER_KEY_FILE.",
)
