"""Nothing that an agency, the coordinator or a stranger gets to see tells what somebody is in, or which treatment."""

from __future__ import annotations

import itertools
import re

import httpx
import orjson
import pytest
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from services.referrals.persistence.tables import referrals
from shared.outbox.tables import outbox
from tests.flows.canary_views import walk
from tests.flows.conftest import Told
from tests.flows.label import CLINICAL, INSIDE, STAFF, STRANGER
from tests.flows.telling import CLINICAL_ID, outing

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

OUTSIDERS = tuple(who for who in (*STAFF, STRANGER) if who not in INSIDE)
DOCUMENTS = (*(f"/{service}/openapi.json" for service in SERVICES), "/asyncapi.json", "/ready", "/live")


@pytest.fixture(scope="module")
def walked(told: Told) -> Told:
    """Let everybody look at every page they have, and everybody at the documents."""
    for who, language in itertools.product(OUTSIDERS, ("zh", "en")):
        assert walk(told.story, who, language) > 3, who
    for path, language in itertools.product(DOCUMENTS, ("zh", "en")):
        headers = {"Accept-Language": language}
        assert told.story.ask(STRANGER, "GET", path, headers=headers).status_code == 200
    return told


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_answer_outs_anybody(walked: Told, who: str) -> None:
    # A remark about a path that somebody typed themselves tells them nothing: only answers are looked at.
    answers = [answer for answer in walked.story.answers if answer.who == who]
    assert len(answers) > 3
    said = [
        (answer.asked, answer.status, word)
        for answer in answers
        for word in [outing(answer.headers, who=who) or outing(answer.text, who=who)]
        if word
    ]
    assert said == []


@pytest.mark.parametrize("who", [who for who in OUTSIDERS if who != "auditor"])
def test_the_help_desk_is_an_intake_desk_to_others(walked: Told, who: str) -> None:
    hut = re.compile(r"(?<![\w-])hut(?![\w-])")
    shown = [
        answer for answer in walked.story.answers if answer.who == who and answer.asked.startswith("GET")
    ]
    assert [answer.asked for answer in shown if hut.search(answer.text)] == []


def test_only_the_health_agency_reads_which_treatment_and_only_in_badge_and_packet(walked: Told) -> None:
    leg = walked.story.leg("mmt", "mmt")
    shown = walked.story.ask("desk-health", "GET", f"/referrals/api/v1/referrals/{leg}").json()
    badge = shown.pop("badge")
    assert badge["programme"] == "mmt"
    assert not CLINICAL_ID.search(orjson.dumps(shown).decode())


@pytest.mark.parametrize("service", SERVICES)
def test_no_event_outs_anybody(told: Told, service: str) -> None:
    with told.databases[service].read() as connection:
        rows = connection.execute(sa.select(outbox)).mappings().all()
    assert rows or service == "notifications"
    words = [
        part.decode() if isinstance(part, bytes) else str(part)
        for row in rows
        for part in (row["type"], row["routing_key"], row["body"], row["agencies_body"] or b"")
    ]
    assert [word for word in words if outing(word, who=STRANGER)] == []


def test_nothing_at_the_broker_outs_anybody(told: Told) -> None:
    servers = told.full.servers
    export = httpx.get(f"{servers.admin_url}/api/definitions", trust_env=False)
    assert export.status_code == httpx.codes.OK
    for part in ("connections", "queues", "overview", "nodes"):
        text = httpx.get(f"{servers.admin_url}/api/{part}", trust_env=False).text
        # The node's own description lists folders of this machine and the libraries it was built from.
        named = re.findall(
            r'"(?:name|user|vhost|product|platform|connection_name|consumer_tag)":"([^"]*)"', text
        )
        assert [name for name in named if outing(name, who=STRANGER)] == []
    assert outing(export.text, who=STRANGER) is None


def test_no_name_in_the_database_server_outs_anybody(told: Told) -> None:
    names = (
        "SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles"
        " UNION SELECT application_name FROM pg_stat_activity"
    )
    with told.full.servers.postgres.connect("postgres") as connection:
        found = [name for (name,) in connection.execute(names).fetchall()]
    for service in ("referrals", "notifications"):
        with told.full.servers.postgres.connect(f"aid_{service}") as connection:
            found += [name for (name,) in connection.execute("SELECT relname FROM pg_class").fetchall()]
            comments = connection.execute("SELECT description FROM pg_description WHERE objoid > 16384")
            found += [text for (text,) in comments.fetchall()]
    assert [name for name in found if outing(name, who=STRANGER)] == []


def test_no_log_line_outs_anybody(told: Told) -> None:
    for log in told.full.servers.folder.rglob("*.log"):
        lines = log.read_text(errors="replace").splitlines()
        assert [line for line in lines if CLINICAL_ID.search(line)] == [], log.name


def test_only_time_tells_two_clinical_legs_apart(told: Told) -> None:
    legs = {programme: told.story.leg(programme, programme) for programme in CLINICAL}
    with told.databases["referrals"].read() as connection:
        statement = sa.select(referrals).where(referrals.c.id.in_(legs.values()))
        rows = {row["id"]: dict(row) for row in connection.execute(statement).mappings()}
    alike = []
    for leg in legs.values():
        row = rows[leg]
        rules = row["rules"]
        # How long a decision may take is the one difference that was accepted, and is written down with the reason.
        rules["clocks"]["decide"].pop("total")
        rules["clocks"]["decide"].pop("extended_total")
        alike.append(
            {name: row[name] for name in ("agency", "programme", "status", "step", "outcome", "reason")}
            | rules
        )
    assert all(leg == alike[0] for leg in alike)
    assert alike[0]["programme"] == "health-service"
    shown = [
        set(told.story.ask("coordinator", "GET", f"/referrals/api/v1/referrals/{leg}").json())
        for leg in legs.values()
    ]
    assert all(keys == shown[0] for keys in shown)
