"""Applying a pack to a service's database, and reading the one in force without a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any

import orjson
import sqlalchemy as sa

from shared.db import Database, UnitOfWork
from shared.directory import changes
from shared.directory.content import district_from
from shared.directory.model import Agency, District, Former
from shared.directory.programmes import Programme
from shared.directory.tables import district_packs
from shared.text import Text

_FRESH_FOR = 3.0  # seconds; a pack that was applied is in force everywhere within this


class UnknownVersion(LookupError):
    """This service has not been given that version of the pack (yet)."""

    def __init__(self, version: str) -> None:
        super().__init__(f"district pack version {version} is not applied here")
        self.version = version
        self.text = Text(
            f"本服务尚未应用地区配置版本 {version}；请运行 carehut district apply。",
            f"This service has no district pack version {version} yet; run carehut district apply.",
        )


class NoDistrict(LookupError):
    """No pack has been applied to this service's database."""

    def __init__(self) -> None:
        super().__init__("no district pack is applied")
        self.text = Text(
            "尚未应用任何地区配置；请运行 carehut district apply。",
            "No district pack is applied; run carehut district apply.",
        )


_ACTIVE = sa.select(district_packs.c.version).where(district_packs.c.active)
_SINCE = sa.select(district_packs.c.applied_at).where(district_packs.c.active)
_ONE = sa.select(district_packs.c.content).where(district_packs.c.version == sa.bindparam("v"))
_EARLIER = (
    sa.select(district_packs.c.version, district_packs.c.content)
    .where(district_packs.c.active.is_(False))
    .order_by(district_packs.c.applied_at.desc())
)
_EXISTS = sa.select(district_packs.c.version).where(district_packs.c.version == sa.bindparam("v"))
_INSERT = district_packs.insert()
_SOURCE = sa.select(district_packs.c.source).where(district_packs.c.active)
_SET_SOURCE = district_packs.update().where(district_packs.c.active).values(source=sa.bindparam("to"))
BUILT_IN, ELSEWHERE = "", "elsewhere"
_WHOLE = "intake"
_RETIRE = district_packs.update().where(district_packs.c.active).values(active=False)
_ACTIVATE = (
    district_packs.update()
    .where(district_packs.c.version == sa.bindparam("v"))
    .values(active=True, applied_at=sa.bindparam("at"), source=sa.bindparam("from"))
)
_LOCK_ACTIVE = (
    sa.select(district_packs.c.version, district_packs.c.content, district_packs.c.source)
    .where(district_packs.c.active)
    .with_for_update()
)


def apply(
    uow: UnitOfWork,
    district: District,
    now: datetime,
    *,
    by: str = "system",
    approved_by: str | None = None,
    source: str | None = None,
) -> bool:
    """Put a pack in force in this service's database and log it; tells whether anything changed.

    ``district`` must have been cut for the service (``district.for_service("referrals")``): raises ``ValueError``
    for a whole pack, because what is stored outside intake must not name clinical programmes. ``source`` is the
    folder it was read from, ``BUILT_IN`` the one that comes with the product, None the same as before; the folder's
    name stays in intake.
    """
    if district.service is None:
        raise ValueError("apply takes a pack cut for one service: district.for_service(…)")
    active = uow.connection.execute(_LOCK_ACTIVE).one_or_none()
    kept = _kept_source(BUILT_IN if active is None else active.source, district.service, source)
    if active is not None and active.version == district.version:
        if active.source != kept:
            uow.connection.execute(_SET_SOURCE, {"to": kept})
        return False
    before = None if active is None else (active.version, active.content["pack"])
    changes.note(uow, before, district, by=by, approved_by=approved_by, at=now)
    uow.connection.execute(_RETIRE)
    if uow.connection.scalar(_EXISTS, {"v": district.version}):
        uow.connection.execute(_ACTIVATE, {"v": district.version, "at": now, "from": kept})
    else:
        uow.connection.execute(
            _INSERT,
            {
                "version": district.version,
                "code": district.code,
                "content": {"service": district.service, "pack": dict(district.content)},
                "applied_at": now,
                "active": True,
                "source": kept,
            },
        )
    return True


def _kept_source(before: str, service: str, source: str | None) -> str:
    if source is None:
        return before
    return source if service == _WHOLE or source == BUILT_IN else ELSEWHERE


def source_in_force(connection: sa.Connection) -> str:
    """Tell from which folder the pack in force was read: ``BUILT_IN``, a path, or outside intake ``ELSEWHERE``."""
    source: str | None = connection.scalar(_SOURCE)
    return source or BUILT_IN


def in_force_since(connection: sa.Connection) -> datetime | None:
    """Tell when the pack in force was applied here (aware, UTC); None before the first."""
    since: datetime | None = connection.scalar(_SINCE)
    return since


def is_overtaken(connection: sa.Connection, district: District) -> bool:
    """Tell whether another version than this one is in force by now: whoever still counts by it must not write."""
    version: str | None = connection.scalar(_ACTIVE)
    return version is not None and version != district.version


class Directory:
    """The packs of one service's database; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        *,
        fresh_for: float = _FRESH_FOR,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read until asked; ``fresh_for`` is how many seconds ``current`` may trust its memory."""
        self._database = database
        self._fresh_for = fresh_for
        self._monotonic = monotonic
        self._lock = Lock()
        self._current: District | None = None
        self._read_at = float("-inf")
        self._versions: dict[str, District] = {}

    def current(self) -> District:
        """Give the pack in force; raises ``NoDistrict`` when none was ever applied."""
        current = self._current
        if current is not None and self._monotonic() - self._read_at < self._fresh_for:
            return current
        with self._lock:
            if self._current is not None and self._monotonic() - self._read_at < self._fresh_for:
                return self._current
            with self._database.read() as connection:
                version = connection.scalar(_ACTIVE)
            if version is None:
                raise NoDistrict
            if self._current is None or self._current.version != version:
                self._current = self._with_former(self.version(version))
            self._read_at = self._monotonic()
            return self._current

    def _with_former(self, district: District) -> District:
        """Add what earlier versions had and this one has no more, as the latest of them had it."""
        with self._database.read() as connection:
            earlier = connection.execute(_EARLIER).all()
        agencies: dict[str, Agency] = {}
        programmes: dict[str, Programme] = {}
        for version, content in earlier:
            had = [each["id"] for name in ("agencies", "programmes") for each in content["pack"][name]]
            if all(district.agency_ever(each) or district.programme_ever(each) for each in had):
                continue
            before = self.version(version)
            agencies = {
                name: each for name, each in before.agencies.items() if name not in district.agencies
            } | agencies
            programmes = {
                name: each for name, each in before.programmes.items() if name not in district.programmes
            } | programmes
            district = replace(district, former=Former(agencies, programmes))
        return district

    def version(self, version: str) -> District:
        """Give the pack of a version that an event or a row names; raises ``UnknownVersion``."""
        known = self._versions.get(version)
        if known is None:
            with self._database.read() as connection:
                content: dict[str, Any] | None = connection.scalar(_ONE, {"v": version})
            if content is None:
                raise UnknownVersion(version)
            known = self._versions[version] = _parsed(
                version, content["service"], orjson.dumps(content["pack"])
            )
        return known


@lru_cache(maxsize=16)
def _parsed(version: str, service: str, content: bytes) -> District:
    return district_from(orjson.loads(content), version=version, service=service)
