"""What has to look past one's own desk does so where the database limits rows, and tells no more than it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.persistence.tables import erasures
from services.intake.use_cases.reach import reach_of
from services.intake.use_cases.submit_request import submit_request
from shared import ids
from shared.audit.tables import table as audit
from shared.db import Database
from shared.db.reach import beyond, limit, release
from shared.identity import Principal, allow
from tests.builders import a_command, a_filing, a_person, a_principal, an_installation
from tests.integration.policy.world import HERE, THERE, World
from tests.papers import a_form, a_picture

pytestmark = pytest.mark.postgres

REQUESTS = "/intake/api/v1/requests"
DESKS = {place: a_principal("hut", unit=place) for place in (HERE, THERE)}
STREETS = {place: a_principal("specialist", unit=place[:9]) for place in (HERE, THERE)}
CREATED, OK, GONE = 201, 200, 404


@pytest.fixture(scope="module")
def world(roles: Mapping[str, Mapping[str, Database]]) -> World:
    """A district whose webs see what the policies let them see; nothing is filed yet."""
    workers = roles["worker"]
    return World(an_installation(lambda service: workers[service]), webs=roles["web"])


def asked(world: World, who: Principal, method: str, path: str, status: int = OK, **given: Any) -> Any:
    answer = world.request(who, method, path, **given)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def filed(world: World, place: str, *programmes: str, person: Mapping[str, Any] | None = None) -> Any:
    body = a_filing(*programmes, person=person or a_person())
    return asked(world, DESKS[place], "POST", REQUESTS, CREATED, json=body)


def tasks_of(world: World, who: Principal, request: str, kind: str) -> list[Any]:
    found = asked(
        world, who, "GET", "/intake/api/v1/tasks", query_string={"limit": "100", "request": request}
    )
    return [task for task in found["items"] if task["kind"] == kind]


def test_what_is_open_at_another_desk_is_found_and_told_to_the_streets_alone(world: World) -> None:
    person = a_person()
    first = filed(world, HERE, "dibao", person=person)
    second = filed(world, THERE, "dibao", person=person)
    assert second["warnings"] == []
    for place, request in ((HERE, first["id"]), (THERE, second["id"])):
        assert len(tasks_of(world, STREETS[place], request, "duplicate")) == 1
        assert tasks_of(world, DESKS[place], request, "duplicate") == []


def test_a_case_that_is_moved_is_written_whole_and_then_out_of_reach(world: World) -> None:
    case = f"{REQUESTS}/{filed(world, HERE, 'dibao')['id']}"
    asked(world, STREETS[HERE], "POST", f"{case}/move", json={"unit": THERE, "reason": "residence-changed"})
    for who in (DESKS[HERE], STREETS[HERE]):
        asked(world, who, "GET", case, GONE)
    seen = asked(world, DESKS[THERE], "GET", case)
    assert (seen["unit"], seen["version"]) == (THERE, 2)
    assert len(tasks_of(world, DESKS[THERE], seen["id"], "hand-over")) == 1


def test_a_paper_stays_where_another_desk_has_the_same(world: World) -> None:
    papers = {}
    for place in (HERE, THERE):
        where = f"{REQUESTS}/{filed(world, place, 'dibao')['id']}/papers"
        scan = a_form(a_picture(seed=7), kind="id-card")
        made = asked(world, DESKS[place], "POST", where, CREATED, **scan)
        papers[place] = f"{where}/{made['paper_id']}"
    asked(world, DESKS[HERE], "GET", papers[THERE], GONE)
    assert world.request(DESKS[HERE], "DELETE", papers[HERE]).status_code < GONE
    assert world.request(DESKS[THERE], "GET", papers[THERE]).status_code == OK


def test_an_erasure_is_decided_by_whoever_has_no_case_in_reach(world: World) -> None:
    request = filed(world, HERE, "dibao")["id"]
    person = asked(world, DESKS[HERE], "GET", f"{REQUESTS}/{request}")["person_id"]
    auditor, database = a_principal("auditor"), world.installation.databases["intake"]
    now, erasure = world.installation.clock.now(), ids.new()
    row = {"id": erasure, "request_id": request, "person_id": person, "open_key": request}
    more = {"reason": "no-longer-needed", "asked_at": now, "asked_by": "somebody"}
    with database.unit_of_work() as uow:
        uow.connection.execute(sa.insert(erasures), [row | more])
    listed = asked(world, auditor, "GET", "/intake/api/v1/erasures")["items"]
    assert [one["id"] for one in listed] == [erasure]
    decline = f"/intake/api/v1/erasures/{erasure}/decline"
    said = asked(world, auditor, "POST", decline, json={"reason": "kept-by-law"})
    assert said["state"] == "declined"


def test_whoever_asks_for_anothers_case_is_told_nothing_and_written_down(world: World) -> None:
    request = filed(world, THERE, "dibao")["id"]
    asked(world, DESKS[HERE], "GET", f"{REQUESTS}/{request}", GONE)
    nobodys = ids.new()
    asked(world, DESKS[HERE], "GET", f"{REQUESTS}/{nobodys}", GONE)
    lines = sa.select(audit.c.object_id).where(audit.c.reason == "out-of-reach")
    with world.installation.databases["intake"].read() as connection:
        written = set(connection.execute(lines).scalars())
    assert request in written
    assert nobodys not in written


def test_a_filing_within_a_reach_waits_for_the_database_no_oftener(
    world: World, roles: Mapping[str, Mapping[str, Database]], tmp_path: Path
) -> None:
    made = world.installation.intake()

    def round_trips(database: Database) -> int:
        context, file = replace(made, database=database), tmp_path / "trace"
        for _ in range(7):
            # The driver prepares what comes again, and a number's block is taken by the first.
            submit_request(context, DESKS[HERE], a_command())
        with database.engine.connect() as connection:
            server = connection.connection.driver_connection.pgconn  # type: ignore[union-attr]
        with file.open("w+b") as trace:
            server.trace(trace.fileno())
            submit_request(context, DESKS[HERE], a_command())
            server.untrace()
        return file.read_bytes().count(b"ReadyForQuery")

    without = round_trips(roles["worker"]["intake"])
    token = limit(reach_of(DESKS[HERE], allow(DESKS[HERE], "requests.file")))
    try:
        assert round_trips(roles["web"]["intake"]) == without > 0
    finally:
        release(token)


def test_a_transaction_begun_beyond_sees_all_and_the_next_one_does_not(
    world: World, roles: Mapping[str, Mapping[str, Database]]
) -> None:
    filed(world, THERE, "dibao")
    web = roles["web"]["intake"]
    rows = sa.text("SELECT count(*) FROM people JOIN requests ON person_id = people.id WHERE unit = :there")
    token = limit(reach_of(DESKS[HERE], allow(DESKS[HERE], "requests.read")))
    try:
        with beyond(), web.read() as connection, beyond(connection):
            assert connection.execute(rows, {"there": THERE}).scalar_one() > 0
        with web.read() as connection:
            assert connection.execute(rows, {"there": THERE}).scalar_one() == 0
            with beyond(connection), beyond(connection):
                assert connection.execute(rows, {"there": THERE}).scalar_one() > 0
            assert connection.execute(rows, {"there": THERE}).scalar_one() == 0
    finally:
        release(token)
