"""Marked people go every road on both transports; what left the help desk names none of them and says nothing of them.

Fifty of them here; ``make test-canaries`` sends out a thousand (``CANARIES``).
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import orjson
import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest

from deploy.embedded.environment import SERVICES, Home
from deploy.local import FullRun, Missing, Servers
from deploy.local.postgres import programs
from deploy.metrics import Books
from services.referrals.persistence.tables import packets, referrals
from shared.db import Database
from shared.identity.policy import POLICY
from shared.outbox.tables import outbox
from shared.sealing import Keyring, MasterKey
from tests.builders import the_district
from tests.conftest import absent
from tests.databases import kept_open
from tests.flows.canaries import MARKS, Canary, named_in
from tests.flows.canary_roads import release
from tests.flows.canary_views import agency_of, ids_by_agency, read_all, shared_between, told_in, walk
from tests.flows.label import INSIDE, PASSWORD, STRANGER, Story
from tests.flows.telling import contents, outing, traces
from tests.running import running

PEOPLE = int(os.environ.get("CANARIES", "50"))
FORMS = {
    what: tuple(form for form in traces(mark) if len(form) not in {16, 20, 32})
    for what, mark in MARKS.items()
}
WRITES = frozenset({"grid"})
"""Tells of people and has their names and errands on its own list."""
REFERRALS = "/referrals/api/v1/referrals"
STATISTICS = "/referrals/api/v1/statistics"


@dataclass(frozen=True)
class Field:
    """An installation in which they all went their ways: what lies where, and what was seen."""

    story: Story
    canaries: list[Canary]
    databases: Mapping[str, Database]
    folders: tuple[Path, ...]
    keyring: Keyring
    addressed: Mapping[str, set[int]]
    known_before: set[str]
    servers: Servers | None = None


def _played(
    url: str,
    databases: Mapping[str, Database],
    master: MasterKey,
    *folders: Path,
    servers: Servers | None = None,
) -> Field:
    story = Story(url)
    staff = sorted(member.id for member in the_district().staff)
    for who in staff:
        answer = story.http.post("/auth/token", data={"username": who, "password": PASSWORD})
        assert answer.is_success, answer.text
        story.bearers[who] = answer.json()["access_token"]
    _look(story, staff)
    known_before = set().union(*ids_by_agency(story.answers).values())
    canaries = release(story, PEOPLE)
    _look(story, staff)
    keyring = Keyring(databases["referrals"], master)
    addressed = _addressed(databases["referrals"], keyring)
    return Field(story, canaries, databases, folders, keyring, addressed, known_before, servers)


def _look(story: Story, staff: list[str]) -> None:
    for who in staff:
        walk(story, who, "zh" if len(who) % 2 else "en")
        if who.startswith("desk-"):
            for row in read_all(story, who, REFERRALS, limit="100"):
                for part in ("", "/history", "/clock", "/messages"):
                    story.ask(who, "GET", f"{REFERRALS}/{row['id']}{part}")
        for path in ("/referrals/api/v1/cases", "/notifications/api/v1/messages", "/intake/api/v1/audit",
                     "/referrals/api/v1/audit", "/notifications/api/v1/deliveries"):  # fmt: skip
            list(read_all(story, who, path, limit="100"))
        copy = story.ask(who, "GET", STATISTICS, params={"for": "export", "reason": "核对材料"})
        assert (copy.status_code == httpx.codes.OK) == (who in _takes_figures()), (
            f"{who}: {copy.status_code} {copy.text}"
        )


@cache
def _takes_figures() -> set[str]:
    roles = POLICY["statistics.read"].keys()
    return {member.id for member in the_district().staff if any(post.role in roles for post in member.posts)}


def _addressed(database: Database, keyring: Keyring) -> dict[str, set[int]]:
    addressed: dict[str, set[int]] = defaultdict(set)
    for agency, _, said in _opened(database, keyring):
        addressed[agency] |= set(named_in(said))
    return addressed


def _opened(database: Database, keyring: Keyring) -> Iterator[tuple[str, str, str]]:
    """Open every packet and badge with its agency's key; gives agency, kind and what it says."""
    statement = sa.select(referrals.c.id, referrals.c.agency, packets.c.packet, packets.c.badge).join(
        packets, packets.c.referral_id == referrals.c.id
    )
    with database.read() as connection:
        rows = connection.execute(statement).all()
    for row in rows:
        for kind in ("packet", "badge"):
            claims = keyring.open(getattr(row, kind), row.agency, kind, row.id)
            yield row.agency, kind, orjson.dumps(claims.body).decode()


@pytest.fixture(
    scope="module",
    params=[
        "embedded",
        pytest.param("full", marks=[pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]),
    ],
)
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """Send everybody out, once in the embedded run and once in the full one."""
    with kept_open() as keep:
        if request.param == "embedded":
            home = tmp_path_factory.mktemp("canaries") / "home"
            with running(home) as run:
                databases = {
                    name: keep(Database(f"sqlite:///{Home(home).database(name)}")) for name in SERVICES
                }
                master = MasterKey.from_environment({}, home, demo=True)
                field = _played(run.url, databases, master, home.parent)
                yield field
                field.story.close()
            return
        with Servers.temporary(nginx=True, durable=False) as servers:
            full = FullRun(servers)
            try:
                full.start()
            except Missing as error:
                absent(str(error))
            try:
                databases = {name: keep(Database(servers.postgres_url(name, "owner"))) for name in SERVICES}
                master = MasterKey.from_environment(full.settings(), servers.folder / "home", demo=True)
                folders = (servers.folder, servers.postgres._data)
                field = _played(full.url, databases, master, *folders, servers=servers)
                yield field
                field.story.close()
            finally:
                full.discard()


def test_everybody_was_sent_to_somebody_and_every_agency_got_somebody(field: Field) -> None:
    sent = set().union(*field.addressed.values())
    assert {canary.number for canary in field.canaries} - sent == set()
    assert len(field.addressed) == len({programme.agency for programme in the_district().programmes.values()})


def test_no_packet_says_what_somebody_is_in(field: Field) -> None:
    opened = list(_opened(field.databases["referrals"], field.keyring))
    assert len(opened) > 2 * PEOPLE
    said = [
        (agency, kind, word) for agency, kind, text in opened if (word := outing(text, who=f"desk-{agency}"))
    ]
    assert said == []


def test_nothing_on_any_disk_names_anybody(field: Field) -> None:
    named = {
        str(file): found
        for folder in field.folders
        for file, content in contents(folder)
        if (found := _marks_in(content))
    }
    assert named == {}


def test_no_dump_names_anybody(field: Field) -> None:
    if field.servers is None:
        dumps = {name: _whole(database) for name, database in field.databases.items()}
    else:
        dumps = {name: _dump(field.servers, name) for name in SERVICES}
    assert all(len(dump) > 10_000 for dump in dumps.values())
    assert {name: found for name, dump in dumps.items() if (found := _marks_in(dump))} == {}
    outward = {name: dump.decode() for name, dump in dumps.items() if name != "intake"}
    assert {name: word for name, text in outward.items() if (word := outing(text, who=STRANGER))} == {}


def test_no_answer_outs_anybody_to_whoever_has_no_business_with_it(field: Field) -> None:
    outsiders = [answer for answer in field.story.answers if answer.who not in INSIDE]
    assert len({answer.who for answer in outsiders}) > 15
    said = {
        (answer.who, answer.asked, word)
        for answer in outsiders
        for part in (answer.headers, told_in(answer))
        if (word := outing(part, who=answer.who))
    }
    assert said == set()


def test_only_the_addressed_agency_reads_who_somebody_is(field: Field) -> None:
    read = {
        (answer.who, answer.asked, number)
        for answer in field.story.answers
        if answer.who not in INSIDE | WRITES
        for number in named_in(answer.headers + told_in(answer))
        if number not in field.addressed.get(agency_of(answer.who) or "", set())
    }
    assert read == set()
    readers = {agency_of(answer.who) for answer in field.story.answers if any(named_in(told_in(answer)))}
    assert "civil-affairs" in readers


def test_no_two_agencies_share_an_id_by_which_they_could_join_somebody(field: Field) -> None:
    views = ids_by_agency(field.story.answers)
    assert len(views) > 5
    assert shared_between(views, field.known_before) == {}


def test_no_event_names_or_outs_anybody(field: Field) -> None:
    for service, database in field.databases.items():
        with database.read() as connection:
            rows = connection.execute(sa.select(outbox)).mappings().all()
        parts = [
            part.decode() if isinstance(part, bytes) else str(part)
            for row in rows
            for part in (row["type"], row["routing_key"], row["body"], row["agencies_body"] or b"")
        ]
        assert rows or service == "notifications"
        assert [part for part in parts if outing(part, who=STRANGER) or any(named_in(part))] == []


def test_no_log_line_and_no_metric_names_or_outs_anybody(field: Field) -> None:
    registry = CollectorRegistry()
    registry.register(Books(field.databases))
    texts = {"metrics": generate_latest(registry).decode()}
    for folder in field.folders:
        texts |= {str(file): file.read_text(errors="replace") for file in folder.rglob("*.log")}
    assert len(texts) > 1
    said = {name: word for name, text in texts.items() if (word := next(named_in(text), None)) is not None}
    assert said == {}
    assert outing(texts["metrics"], who=STRANGER) is None


def _marks_in(content: bytes) -> list[str]:
    return [what for what, forms in FORMS.items() if any(form in content for form in forms)]


def _whole(database: Database) -> bytes:
    assert isinstance(database.engine.url.database, str)
    with sqlite3.connect(database.engine.url.database) as connection:
        return "\n".join(connection.iterdump()).encode()


def _dump(servers: Servers, service: str) -> bytes:
    dsn = servers.postgres.admin_dsn(f"aid_{service}")
    return subprocess.run([programs() / "pg_dump", dsn], capture_output=True, check=True).stdout
