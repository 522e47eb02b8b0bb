"""Puts years of work into an installation's databases at once, on PostgreSQL, without going the road."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import orjson
import psycopg
from psycopg import sql

from shared.clock import local_date
from shared.directory import District
from shared.sealing import Keyring
from tests.benchmarks.growth_rows import BY_SERVICE, LEGS, STORY

AGENCIES = {
    "civil-affairs": "dibao",
    "social-security": "pension",
    "employment": "pub-job",
    "health": "psy",
}
"""The agencies that have had work, each with one programme."""

NOISE_BYTES = 80_000
SEALED_ENDED = 60
"""Ended legs per agency, the newest, whose packets can really be opened; those of all open legs can."""


_IN_BULK = """
set session_replication_role = replica; set synchronous_commit = off;
set work_mem = '256MB'; set maintenance_work_mem = '512MB'
"""
_INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = 'public' and indexname not in (select conname from pg_constraint) order by indexname
"""
"""Those that no constraint stands on: made at the end, each at once."""


class Noise:
    """SQL for so many bytes that cannot be compressed, others for each leg; the size may be any expression."""

    def __getitem__(self, size: str | int) -> str:
        """Give the expression."""
        start = f"1 + ((n + {size})::bigint * 7919 % 60000)::int"
        return f"substring((select bytes || ''::bytea from noise) from {start} for ({size})::int)"  # noqa: S608 - ours


Connect = Callable[[str], psycopg.Connection]
"""Opens a service's database as somebody who may switch triggers off."""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """How much there is: so many referrals since the beginning, of which so many are open."""

    referrals: int
    open: int


def gather(
    connect: Connect,
    keyring: Keyring,
    district: District,
    gathered: Gathered,
    now: datetime,
) -> None:
    """Fill the databases of an installation that has its keys and its pack, and nothing else.

    ``keyring`` is intake's. All three services are told the same story: every fact has its row in each of
    them, minus what the purges would have taken away by ``now``.
    """
    values = {
        "referrals": gathered.referrals,
        "open": gathered.open,
        "now": now.isoformat(),
        "today": local_date(now, district.timezone).isoformat(),
        "letters": district.letters,
        "district": district.code,
        "pack": district.version,
        "communities": len(_communities(district)),
        "empty": "{}",
        "noise": Noise(),
    }
    keyring.load()
    with ThreadPoolExecutor(len(BY_SERVICE)) as services:
        for done in [services.submit(_fill, connect, service, district, values) for service in BY_SERVICE]:
            done.result()
    with connect("referrals") as connection:
        _seal(connection, keyring, now)
    for service in BY_SERVICE:
        with connect(service) as connection:
            connection.autocommit = True
            connection.execute("vacuum (analyze)")


def _fill(connect: Connect, service: str, district: District, values: Mapping[str, object]) -> None:
    with connect(service) as connection:
        connection.execute(_IN_BULK)
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
        connection.execute(STORY.encode())
        _tell(connection, district)
        connection.execute(LEGS.format_map(values).encode())
        connection.execute(BY_SERVICE[service].format_map(values).encode())
        for _, made_by in indexes:
            connection.execute(made_by.encode())


def _communities(district: District) -> Mapping[str, str]:
    return {
        code: district.street_of(code) or code
        for code, unit in district.units.items()
        if unit.level == "community"
    }


def _tell(connection: psycopg.Connection, district: District) -> None:
    agencies = [
        (
            place,
            agency,
            programme,
            district.programmes[programme].outward_id,
            district.agencies[agency].letters + "-",
            orjson.dumps(district.leg_rules(programme)).decode(),
        )
        for place, (agency, programme) in enumerate(AGENCIES.items())
    ]
    communities = [(place, *each) for place, each in enumerate(_communities(district).items())]
    with connection.cursor() as cursor:
        noise = random.Random("noise").randbytes(NOISE_BYTES)
        cursor.execute("insert into noise values (%s)", (noise,))
        cursor.executemany("insert into agency values (%s, %s, %s, %s, %s, %s)", agencies)
        cursor.executemany("insert into community values (%s, %s, %s)", communities)
        cursor.execute("analyze agency, community")


def _seal(connection: psycopg.Connection, keyring: Keyring, now: datetime) -> None:
    newest = (
        "select id, agency from referrals where agency = %s and ended_at is not null order by rank limit %s"
    )
    legs = connection.execute("select id, agency from referrals where ended_at is null").fetchall()
    for agency in AGENCIES:
        legs += connection.execute(newest, (agency, SEALED_ENDED)).fetchall()
    connection.execute("create temporary table sealed (id uuid, packet text, badge text)")
    with connection.cursor() as cursor, cursor.copy("copy sealed from stdin") as copy:
        for number, (leg, agency) in enumerate(legs):
            copy.write_row((leg, *_packet_and_badge(keyring, str(leg), agency, number, now)))
    connection.execute(
        "update packets set packet = sealed.packet, badge = sealed.badge from sealed where referral_id = sealed.id"
    )


def _packet_and_badge(keyring: Keyring, leg: str, agency: str, number: int, now: datetime) -> tuple[str, str]:
    programme = AGENCIES[agency]
    badge = {"programme": programme, "name": "李**", "id_number": f"990000********{number % 10_000:04d}"}
    person = {"name": f"李测试{number}", "phone": "13800000000"}
    packet = {"programme": programme, "person": person, "answers": {}, "papers": []}
    return (
        keyring.seal(agency, "intake", leg, "packet", packet, now=now),
        keyring.seal(agency, "intake", leg, "badge", badge, now=now),
    )
