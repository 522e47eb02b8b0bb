"""Looks at one service: its database, its books, its parts' signs of life, its keys and its pack."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from deploy import keys
from deploy.work import PARTS
from services.notifications.persistence import contacts
from shared.channels import channels_from
from shared.db import Database, driver_words
from shared.db.migrate import NEWER, OLDER, standing
from shared.directory import Directory, District, NoDistrict
from shared.outbox import books
from shared.sealing import MasterKey, MasterKeyError
from shared.sealing.keys import read
from shared.telemetry.clocks import TOLERATED_SECONDS, differing, measured
from shared.telemetry.heartbeat import troubles
from shared.telemetry.trouble import Trouble
from shared.text import Text

NAMED = 5
"""So many owners of missing keys are named."""


@dataclass
class Seen:
    """What was seen of a service; the rest serves to compare services with each other."""

    troubles: list[Trouble] = field(default_factory=list)
    district: District | None = None
    difference: float | None = None
    """By how many seconds our clock is away from the database's."""


def look(service: str, database: Database, host: str, *, running: bool = True) -> Seen:
    """Look at a service with nothing but its database; without ``running`` nobody is expected to give signs of life."""
    seen = Seen()
    try:
        with database.read() as connection:
            now, seen.difference = measured(connection)
            schema = standing(connection, service)
    except DBAPIError as error:
        seen.troubles.append(_away(error))
        return seen
    seen.troubles += differing(host, seen.difference)
    if schema == OLDER:
        # What else there is to ask may not be there yet.
        seen.troubles.append(Trouble.of("migration-pending"))
        return seen
    if schema == NEWER:
        seen.troubles.append(Trouble.of("schema-newer"))
    seen.troubles += _told(service, database, now, running=running)
    seen.district = _pack(database)
    if seen.district is None:
        seen.troubles.append(Trouble.of("no-district-pack"))
    else:
        seen.troubles += missing_keys(service, database, seen.district)
    return seen


def _told(service: str, database: Database, now: datetime, *, running: bool) -> Iterator[Trouble]:
    with database.read() as connection:
        if running:
            yield from troubles(connection, service, PARTS, now)
        yield from books.troubles(connection, service, now)


def _away(error: DBAPIError) -> Trouble:
    away, words = Trouble.of("database-away"), driver_words(error)
    what = Text(f"{away.what.zh.rstrip('。')}：{words}", f"{away.what.en.rstrip('.')}: {words}")
    return replace(away, what=what)


def _pack(database: Database) -> District | None:
    try:
        return Directory(database).current()
    except NoDistrict:
        return None


def missing_keys(service: str, database: Database, district: District) -> list[Trouble]:
    """Compare the keys that lie there with those the pack makes necessary; no secret is read."""
    with database.read() as connection:
        missing = keys.missing(connection, service, district)
    if not missing:
        return []
    owners = sorted({want.owner for want in missing})
    about = ", ".join(owners[:NAMED]) + (", …" if len(owners) > NAMED else "")
    return [Trouble.of("keys-missing", about=about, count=len(missing))]


def untold(database: Database, district: District, environ: Mapping[str, str]) -> list[Trouble]:
    """Tell if persons wish to be told of news and no channel is set up; of a demo nothing is to go out."""
    if district.demo or channels_from(environ):
        return []
    with database.read() as connection:
        waiting = contacts.any_standing(connection)
    return [Trouble.of("no-channel")] if waiting else []


def wrongly_wrapped(database: Database, master: MasterKey) -> list[Trouble]:
    """Try the master key on every key of a service."""
    try:
        with database.read() as connection:
            read(connection, master)
    except MasterKeyError as error:
        return [Trouble.of("master-key", why=error)]
    return []


def differing_packs(versions: Mapping[str, str]) -> list[Trouble]:
    """Tell if the services do not all hold the same version of the pack."""
    if len(set(versions.values())) <= 1:
        return []
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return [Trouble.of("pack-versions-differ", versions=listed)]


def clocks_apart(differences: Mapping[str, float]) -> list[Trouble]:
    """Tell of databases whose clocks are too far apart; given is how far ours is from each (seconds)."""
    return [
        Trouble.of("database-clocks-differ", about=one, other=other, seconds=round(apart))
        for one, other in itertools.pairwise(differences)
        if (apart := abs(differences[one] - differences[other])) > TOLERATED_SECONDS
    ]
