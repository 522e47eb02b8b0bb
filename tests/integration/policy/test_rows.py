"""PostgreSQL's own check of rows: with every filter of the code switched off nobody is shown one row more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from deploy.local import Servers
from services.intake.persistence.metadata import metadata as intake_metadata
from services.notifications.persistence.tables import messages
from services.notifications.persistence.tables import metadata as notifications_metadata
from services.referrals.persistence.tables import metadata as referrals_metadata
from shared.db import Database
from shared.db.reach import beyond, limit, reach, release
from tests.builders import a_district_with_counter, an_installation
from tests.integration.policy.least import AN_ID
from tests.integration.policy.operations import Operation, operations
from tests.integration.policy.seats import SEATS, Seat
from tests.integration.policy.switched_off import (
    CAPACITIES,
    LIMITED,
    NOT_LIMITED,
    all_shown,
    switch_off,
)
from tests.integration.policy.test_matrix import by_seat
from tests.integration.policy.world import AGENCIES, HERE, THERE, World

pytestmark = pytest.mark.postgres

EMPTY = {
    *("read_marks", "messages", "contacts", "sendings"),
    *("contact_consents", "erasures", "former_consents", "leg_commands", "objections", "reissues"),
}
"""Tables in which nothing stands here."""


@pytest.fixture(scope="module")
def world(roles: Mapping[str, Mapping[str, Database]]) -> World:
    """What two help desks have filed, carried by workers and seen through webs, each in the role of its own."""
    workers = roles["worker"]
    made = World(
        an_installation(lambda service: workers[service], district=a_district_with_counter()),
        webs=roles["web"],
    )
    for place in (HERE, THERE):
        made.settle(place, *AGENCIES)
    return made


@pytest.fixture(scope="module")
def reads(world: World) -> list[Operation]:
    """Whatever shows something of referrals and messages."""
    found = operations(world.apps)
    looking = [
        one for one in found if one.method == "GET" or one.path.endswith(("/open", "/packet", "/pending"))
    ]
    return [
        one
        for one in looking
        if one.path.split("/")[1] in LIMITED and one.access.action != "audit.read" and one.path != CAPACITIES
    ]


@by_seat
def test_with_the_filters_switched_off_nobody_is_shown_anything_more(
    world: World, reads: list[Operation], seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = all_shown(world, seat, reads)
    switch_off(monkeypatch)
    after = all_shown(world, seat, reads)
    assert [(*key, before[key], answer) for key, answer in after.items() if answer != before[key]] == []


def test_the_switch_shows_a_worker_what_is_others(
    world: World, reads: list[Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = World(world.installation, filed=world.filed, drafts=world.drafts, said=world.said)
    desk = next(seat for seat in SEATS if seat.name == "desk of health")
    before = all_shown(seen, desk, reads)
    switch_off(monkeypatch)
    after = all_shown(seen, desk, reads)
    changed = {name for (name, _), answer in after.items() if answer != before[name, _]}
    assert {"GET /referrals/api/v1/referrals", "GET /referrals/api/v1/referrals/{referral_id}"} <= changed
    assert "GET /notifications/api/v1/messages" in changed
    hut = next(seat for seat in SEATS if seat.name == "hut")
    with_filters_off = all_shown(seen, hut, reads)
    monkeypatch.undo()
    assert {
        name
        for (name, key), answer in all_shown(seen, hut, reads).items()
        if with_filters_off[name, key] != answer
    } >= {
        "GET /intake/",
        "GET /intake/api/v1/drafts",
        "GET /intake/api/v1/drafts/{draft}",
        "GET /intake/api/v1/requests",
        "GET /intake/api/v1/requests/{request}",
        "GET /intake/api/v1/tasks",
    }


@pytest.mark.parametrize("service", LIMITED)
def test_without_a_principal_a_web_process_sees_no_row(
    roles: Mapping[str, Mapping[str, Database]], world: World, service: str
) -> None:
    assert world.filed
    for limited in LIMITED[service]:
        rows = sa.select(sa.func.count()).select_from(sa.table(limited.table))
        with roles["web"][service].read() as connection:
            assert connection.execute(rows).scalar_one() == 0, limited.table
        with roles["worker"][service].read() as connection:
            assert connection.execute(rows).scalar_one() > 0 or limited.table in EMPTY


def test_without_a_principal_a_web_process_adds_no_row(
    roles: Mapping[str, Mapping[str, Database]], world: World
) -> None:
    row = {"inbox": "desk:health", "id": AN_ID, "event_id": AN_ID, "type": "t", "subject": AN_ID}
    more = {"number": "n", "agency": "health", "at": world.installation.clock.now(), "params": {}}

    def add() -> None:
        with roles["web"]["notifications"].unit_of_work() as uow:
            uow.connection.execute(messages.insert(), [{**row, **more}])

    with pytest.raises(DBAPIError, match="row-level security"):
        add()


def test_whoever_follows_every_referral_has_no_packet_of_any(
    roles: Mapping[str, Mapping[str, Database]], world: World
) -> None:
    assert world.filed
    token = limit(reach(everything=True))
    try:
        with roles["web"]["referrals"].read() as connection:
            found = {
                table: connection.execute(
                    sa.select(sa.func.count()).select_from(sa.table(table))
                ).scalar_one()
                for table in ("referrals", "packets")
            }
    finally:
        release(token)
    assert found == {"referrals": 2 * len(AGENCIES), "packets": 0}


def test_a_look_beyond_the_reach_ends_with_its_block(
    roles: Mapping[str, Mapping[str, Database]], world: World
) -> None:
    assert world.filed
    rows = sa.text("SELECT count(*) FROM referrals")
    token = limit(reach(everything=False, agencies=["health"]))
    try:
        with roles["web"]["referrals"].read() as connection:
            before = connection.execute(rows).scalar_one()
            with beyond(connection):
                during = connection.execute(rows).scalar_one()
            assert (before, during, connection.execute(rows).scalar_one()) == (2, 6, 2)
    finally:
        release(token)


def test_a_limited_transaction_is_sent_in_as_many_round_trips_as_any(
    roles: Mapping[str, Mapping[str, Database]], tmp_path: Any
) -> None:
    database = roles["web"]["referrals"]

    def sent() -> int:
        with (tmp_path / "trace").open("w+b") as trace, database.engine.connect() as connection:
            driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
            driver.pgconn.trace(trace.fileno())
            with connection.begin():
                connection.execute(sa.text("SELECT 1")).scalar_one()
            driver.pgconn.untrace()
            trace.seek(0)
            told: bytes = trace.read()
        return told.count(b"ReadyForQuery")

    sent()
    plain = sent()
    token = limit(reach(everything=False, agencies=["health"], units=[HERE]))
    try:
        assert (sent(), plain) == (3, 3)
    finally:
        release(token)


@pytest.mark.parametrize(
    ("service", "metadata"),
    [
        ("intake", intake_metadata),
        ("referrals", referrals_metadata),
        ("notifications", notifications_metadata),
    ],
)
def test_every_table_of_a_case_is_limited(
    postgres: Servers, names: Mapping[str, str], service: str, metadata: sa.MetaData
) -> None:
    limited = {one.table for one in LIMITED[service]}
    assert set(metadata.tables) - limited == NOT_LIMITED[service]
    forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    with postgres.postgres.connect(names[service]) as connection:
        assert {row[0] for row in connection.execute(forced).fetchall()} == limited


def test_a_code_that_could_be_read_as_more_than_one_is_no_part_of_a_reach() -> None:
    for code in ("a,b", "a'; SET aid.everything='on", "a b", ""):
        with pytest.raises(ValueError, match="not a code"):
            reach(everything=False, agencies=[code])
