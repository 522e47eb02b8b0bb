"""Before an embedded server starts: schema, keys, pack and staff, but only what has changed since the last start."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from deploy.embedded.environment import SERVICES, Home
from shared.text import Text

if TYPE_CHECKING:
    from deploy.installation import Installation
    from shared.db import Database
    from shared.directory import District

PROJECT = Path(__file__).resolve().parents[2]
_SCHEMA = (
    "shared/db",
    *(f"services/{name}/persistence/migrations/versions" for name in SERVICES),
)


class CannotRunHere(Exception):
    """This pack, folder or address is not for the embedded run; ``problem`` and ``remedy`` are for people."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


def _to_stderr(words: Text) -> None:
    sys.stderr.write(f"{words}\n")


def prepare(installation: Installation, tell: Callable[[Text], object] = _to_stderr) -> bool:
    """Bring databases, keys, pack and staff to what the release and the pack's files say.

    Gives whether there was anything to do. A pack that is wrong, or that needs somebody's approval, never takes the
    place of the one in force: that goes on, and ``tell`` is told why. Raises ``CannotRunHere``, ``PackErrors`` or
    ``FileNotFoundError`` where none is in force yet.
    """
    home = installation.home
    known = _known(home)
    if known.get("district", installation.code) != installation.code:
        raise CannotRunHere(
            Text(
                f"{home.path} 中是 {known['district']} 的数据，而 CAREHUT_DISTRICT 是 {installation.code}。",
                f"{home.path} holds the data of {known['district']}, and CAREHUT_DISTRICT is {installation.code}.",
            ),
            Text("为另一区县另设 CAREHUT_HOME。", "Give the other district a CAREHUT_HOME of its own."),
        )
    pack = _folder(installation)
    now = {
        "district": installation.code,
        "schema": _fingerprint(PROJECT / name for name in _SCHEMA),
        "pack": None if pack is None else _fingerprint([pack]),
    }
    if now == {name: known.get(name) for name in now} and _revisions(home) == known.get("revisions"):
        return False
    kept = _bring_up_to_date(installation, pack)
    if kept is None:
        _write(home, {**now, "revisions": _revisions(home)})
    else:
        tell(kept)
    return True


def _folder(installation: Installation) -> Path | None:
    """Find the pack's files; a pack that was applied from elsewhere needs none here."""
    from shared.directory import find_pack  # noqa: PLC0415 - what an idle start does not need is not imported

    try:
        return find_pack(installation.code)
    except FileNotFoundError:
        if not installation.home.database("intake").exists():
            raise
        return None


def _bring_up_to_date(installation: Installation, folder: Path | None) -> Text | None:
    """Migrate, and put the pack's files in force; gives why they were not, if they were not."""
    from deploy.apply import (  # noqa: PLC0415 - what an idle start does not need is not imported
        OthersWait,
        applied_from,
        apply_pack,
        in_force,
        waiting_for_approval,
    )
    from shared.directory import (  # noqa: PLC0415
        BUILT_IN,
        PackErrors,
        find_pack,
        load_pack,
        widened,
    )

    begun = installation.home.database("intake").exists()
    old = in_force(_migrated(installation)) if begun else None
    if old is not None and applied_from(installation.database("intake")) != BUILT_IN:
        return None  # somebody has applied a folder of their own, which these files must not undo
    try:
        # Where none is in force, the files are needed after all, and what is missing is told.
        if folder is None and old is not None:
            return None
        district = load_pack(folder or find_pack(installation.code))
        refuse_own_keys(district)
    except (PackErrors, CannotRunHere) as error:
        if old is None:
            raise
        problem = error.text if isinstance(error, PackErrors) else error.problem
        return _kept(problem, old.version)
    if old is not None and not (old.demo and district.demo):
        wider = widened(old, district)
        if wider:
            zh, en = ("\n".join(f"  {each.told(locale)}" for each in wider) for locale in ("zh", "en"))
            problem = Text(f"新的区县包会扩大披露：\n{zh}", f"The new district pack widens disclosure:\n{en}")
            return _kept(problem, old.version)
    databases = _migrated(installation)
    if old is not None and old.version != district.version:
        waiting = waiting_for_approval(databases, besides=district.version)
        if waiting:
            waits = OthersWait(waiting)
            return _kept(waits.problem, old.version)
    now = datetime.now(UTC)
    apply_pack(databases, installation.master(demo=district.demo), district, now, source=BUILT_IN)
    return None


def _migrated(installation: Installation) -> Mapping[str, Database]:
    from shared.audit import INSERT_ONLY  # noqa: PLC0415 - what an idle start does not need is not imported
    from shared.db.migrate import migrate  # noqa: PLC0415

    databases = installation.databases(owner=True)
    for service, database in databases.items():
        migrate(database, service, INSERT_ONLY)
    return databases


def _kept(problem: Text, version: str) -> Text:
    return Text(
        f"{problem.zh}\n仍按已生效的版本 {version} 运行；改正后请运行 carehut district apply。",
        f"{problem.en}\nVersion {version} stays in force; once this is right, run carehut district apply.",
    )


def refuse_own_keys(district: District) -> None:
    """Refuse a pack in which agencies hold their own keys or have a system of their own.

    There is no broker here by which they could be reached. Raises ``CannotRunHere``.
    """
    agencies = [agency.id for agency in district.agencies.values() if agency.keys == "own" or agency.system]
    if agencies:
        names = ", ".join(agencies)
        raise CannotRunHere(
            Text(
                f"单位 {names} 自持密钥或接入自有系统，单机运行没有外部通道。",
                f"{names} hold their own keys or have a system of their own; the embedded run has no lane to them.",
            ),
            Text(
                "请使用 PostgreSQL 与 RabbitMQ 的完整运行。", "Use the full run, on PostgreSQL and RabbitMQ."
            ),
        )


def _fingerprint(places: Any) -> str:  # noqa: ANN401 - any iterable of paths
    digest = hashlib.sha256()
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(place.parent)}\n".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _revisions(home: Home) -> dict[str, str | None]:
    return {service: _revision(home.database(service)) for service in SERVICES}


def _revision(file: Path) -> str | None:
    if not file.exists():
        return None
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = connection.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone()
        row = connection.execute("select version_num from alembic_version").fetchone() if tables else None
    return None if row is None else str(row[0])


def _known(home: Home) -> dict[str, Any]:
    if not home.applied.exists():
        return {}
    try:
        known: dict[str, Any] = orjson.loads(home.applied.read_bytes())
    except orjson.JSONDecodeError:
        return {}  # cut short while it was written: everything is looked at again
    return known


def _write(home: Home, known: dict[str, Any]) -> None:
    fresh = home.applied.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2))
    fresh.replace(home.applied)
