"""A part writes that it lives, seldom while nothing changes and at once when something does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shared.clock import FixedClock
from shared.telemetry.heartbeat import EVERY_SECONDS, FORGOTTEN_AFTER, REMEDIES, Heartbeat, troubles
from shared.telemetry.tables import heartbeats
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
        (trouble,) = troubles(connection, ["relay"], part.clock.now())
    assert (trouble.code, trouble.since) == ("broker-away", NOW + timedelta(seconds=1))
    assert trouble.remedy == REMEDIES["broker-away"]
    part.heartbeat.beat()
    with part.database.read() as connection:
        assert troubles(connection, ["relay"], part.clock.now()) == []


def test_a_part_that_never_was_or_was_stopped_is_silent(part: Beating) -> None:
    part.heartbeat.beat()
    part.heartbeat.stop()
    with part.database.read() as connection:
        assert [trouble.code for trouble in troubles(connection, ["relay"], NOW)] == ["relay-silent"]


def test_who_starts_forgets_those_long_gone(part: Beating) -> None:
    part.heartbeat.beat()
    part.later(FORGOTTEN_AFTER.total_seconds() + 1)
    Heartbeat(part.database, "consumer", clock=part.clock).beat()
    assert [row.part for row in part.rows()] == ["consumer"]
