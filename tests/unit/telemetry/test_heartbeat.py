"""A part writes that it lives, seldom while nothing changes and at once when something does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shared.clock import FixedClock
from shared.db import Database
from shared.telemetry import clocks
from shared.telemetry.heartbeat import AGAIN_SECONDS, EVERY_SECONDS, FORGOTTEN_AFTER, Heartbeat, troubles
from shared.telemetry.sayings import SAYINGS
from shared.telemetry.tables import heartbeats
from shared.telemetry.trouble import Trouble
from tests.conftest import MakeDatabase

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Beating:
    """A part whose time a test moves."""

    def __init__(self, database: MakeDatabase) -> None:
        self.database = database("notifications")
        self.clock = FixedClock(NOW)
        self.heartbeat = Heartbeat(
            self.database, "relay", clock=self.clock, monotonic=lambda: self.clock.now().timestamp()
        )

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))

    def rows(self) -> list[sa.Row[tuple[object, ...]]]:
        """Read what is written."""
        with self.database.read() as connection:
            return list(connection.execute(sa.select(heartbeats)))


@pytest.fixture
def part(database: MakeDatabase) -> Beating:
    return Beating(database)


def test_while_nothing_changes_it_writes_seldom(part: Beating) -> None:
    part.heartbeat.beat()
    part.later(EVERY_SECONDS - 1)
    part.heartbeat.beat()
    assert [row.beat_at for row in part.rows()] == [NOW]
    part.later(1)
    part.heartbeat.beat()
    assert [row.beat_at for row in part.rows()] == [NOW + timedelta(seconds=EVERY_SECONDS)]


def test_a_problem_is_written_at_once_and_keeps_its_beginning(part: Beating) -> None:
    part.heartbeat.beat()
    part.later(1)
    part.heartbeat.beat("broker-away")
    part.later(60)
    part.heartbeat.beat("broker-away")
    with part.database.read() as connection:
        (trouble,) = troubles(connection, "notifications", ["relay"], part.clock.now())
    assert (trouble.code, trouble.since) == ("broker-away", NOW + timedelta(seconds=1))
    assert trouble.what == SAYINGS["broker-away"].what
    part.heartbeat.beat()
    with part.database.read() as connection:
        assert troubles(connection, "notifications", ["relay"], part.clock.now()) == []


def test_a_part_that_never_was_or_was_stopped_is_silent(part: Beating) -> None:
    part.heartbeat.beat()
    part.heartbeat.stop()
    with part.database.read() as connection:
        assert [trouble.code for trouble in troubles(connection, "notifications", ["relay"], NOW)] == [
            "relay-silent"
        ]


def test_who_starts_forgets_those_long_gone(part: Beating) -> None:
    part.heartbeat.beat()
    part.later(FORGOTTEN_AFTER.total_seconds() + 1)
    Heartbeat(part.database, "consumer", clock=part.clock).beat()
    assert [row.part for row in part.rows()] == ["consumer"]


def test_a_silent_part_is_named_with_its_service_in_both_languages(part: Beating) -> None:
    with part.database.read() as connection:
        (silent,) = troubles(connection, "notifications", ["consumer"], NOW)
    assert silent.what.en == "The consumer of notifications gives no sign of life."
    assert silent.what.zh == "notifications 的 consumer 没有心跳。"
    assert "work notifications" in silent.remedy.en


def test_a_part_tells_of_several_troubles_each_with_its_own_beginning(part: Beating) -> None:
    disk = Trouble.of("disk-filling", about="here", percent=96, free=100)
    queue = Trouble.of("queue-missing", about="referrals.events", since=NOW - timedelta(minutes=5))
    part.heartbeat.beat([disk])
    part.later(10)
    part.heartbeat.beat([disk, queue])
    with part.database.read() as connection:
        found = troubles(connection, "notifications", ["relay"], part.clock.now())
    assert [(trouble.code, trouble.about, trouble.since) for trouble in found] == [
        ("disk-filling", "here", NOW),
        ("queue-missing", "referrals.events", NOW - timedelta(minutes=5)),
    ]
    assert found[0].what.en == "The disk of the data folder of here is 96 % full, 100 MB are left."


def test_what_two_processes_tell_is_told_once_since_the_first_noticed(part: Beating) -> None:
    part.heartbeat.beat("broker-away")
    part.later(7)
    other = Heartbeat(part.database, "relay", clock=part.clock)
    other._process = "elsewhere:1"
    other.beat("broker-away")
    with part.database.read() as connection:
        (trouble,) = troubles(connection, "notifications", ["relay"], part.clock.now())
    assert trouble.since == NOW


def test_a_row_of_the_release_before_is_still_understood(part: Beating) -> None:
    part.heartbeat.beat("broker-away")
    with part.database.unit_of_work() as uow:
        uow.connection.execute(heartbeats.update().values(detail={"zh": "修", "en": "mend"}))
    with part.database.read() as connection:
        (trouble,) = troubles(connection, "notifications", ["relay"], NOW)
    assert (trouble.code, trouble.what) == ("broker-away", SAYINGS["broker-away"].what)


class AnHourAhead:
    """The clock of a machine that nobody keeps right."""

    def now(self) -> datetime:
        """Give what it shows."""
        return datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.postgres
def test_a_part_on_a_machine_an_hour_ahead_lives_in_the_databases_time_and_says_so(
    postgres_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Database = postgres_database("referrals")
    with database.read() as connection:
        truth, difference = clocks.measured(connection)
    assert difference == pytest.approx(0, abs=clocks.TOLERATED_SECONDS)
    monkeypatch.setattr(clocks, "SystemClock", AnHourAhead)
    heartbeat = Heartbeat(database, "relay")
    heartbeat.beat()
    with database.read() as connection:
        (beat_at,) = connection.scalars(sa.select(heartbeats.c.beat_at))
        (trouble,) = troubles(connection, "referrals", ["relay"], truth)
    assert beat_at - truth < timedelta(minutes=1)
    assert trouble.code == "clock-differs"
    assert "3600 s" in trouble.what.en


def test_a_database_that_is_away_ends_no_part_and_is_written_to_when_it_is_back(
    sqlite_database: MakeDatabase,
) -> None:
    part = Beating(sqlite_database)
    part.heartbeat.beat()
    with part.database.engine.begin() as connection:
        connection.execute(sa.text("alter table heartbeats rename to elsewhere"))
    part.heartbeat.beat("broker-away")
    with part.database.engine.begin() as connection:
        connection.execute(sa.text("alter table elsewhere rename to heartbeats"))
    assert [row.problem for row in part.rows()] == [None]
    part.later(AGAIN_SECONDS)
    part.heartbeat.beat("broker-away")
    assert [row.problem for row in part.rows()] == ["broker-away"]
