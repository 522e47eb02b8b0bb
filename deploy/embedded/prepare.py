"""Before an embedded server starts: schema, keys, pack and staff, but only what has changed since the last start."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from deploy.embedded.environment import SERVICES, Home
from shared.text import Text

if TYPE_CHECKING:
    from deploy.installation import Installation

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


def prepare(installation: Installation) -> bool:
    """Bring databases, keys, pack and staff to what the release and the pack's files say.

    Gives whether there was anything to do. Raises ``CannotRunHere``, ``PackErrors`` or ``FileNotFoundError``.
    """
    from shared.directory import find_pack  # noqa: PLC0415 - what an idle start does not need is not imported

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
    pack = find_pack(installation.code)
    now = {
        "district": installation.code,
        "schema": _fingerprint(PROJECT / name for name in _SCHEMA),
        "pack": _fingerprint([pack]),
    }
    if now == {name: known.get(name) for name in now} and _revisions(home) == known.get("revisions"):
        return False
    _bring_up_to_date(installation, pack)
    _write(home, {**now, "revisions": _revisions(home)})
    return True


def _bring_up_to_date(installation: Installation, folder: Path) -> None:
    from deploy.apply import apply_pack  # noqa: PLC0415 - what an idle start does not need is not imported
    from shared.audit import INSERT_ONLY  # noqa: PLC0415
    from shared.db.migrate import migrate  # noqa: PLC0415
    from shared.directory import load_pack  # noqa: PLC0415

    district = load_pack(folder)
    refuse_own_keys(
        [agency.id for agency in district.agencies.values() if agency.keys == "own" or agency.system]
    )
    databases = installation.databases(owner=True)
    for service, database in databases.items():
        migrate(database, service, INSERT_ONLY)
    apply_pack(databases, installation.master(demo=district.demo), district, datetime.now(UTC))


def refuse_own_keys(agencies: list[str]) -> None:
    """Refuse a pack in which agencies hold their own keys or have a system of their own.

    There is no broker here by which they could be reached. Raises ``CannotRunHere``.
    """
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
