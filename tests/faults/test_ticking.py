"""Timers when the process that ticks is killed, or hangs, in the middle of it: all is done by the next, each once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick as tick_intake
from services.referrals.persistence.tables import history
from services.referrals.use_cases.tick import tick
from tests.builders import MONDAY, Installation, a_command, a_consent, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.faults.ticker import BATCH
from tests.integration.referrals.desk import Road, leg_of

LATE = datetime.fromisoformat("2027-01-25T09:30:00+08:00")
"""Nobody has ticked for two months: all that silence brings about is due at once."""
ISSUED: tuple[str, object] = ("issued", None)
SILENCE: list[tuple[str, object]] = [
    ISSUED,
    ("reminded", None),
    ("supervised", "blue"),
    ("supervised", "yellow"),
    ("accepted", None),
    ("reminded", None),
    ("reminded", None),
    ("supervised", "blue"),
    ("supervised", "yellow"),
    ("supervised", "red"),
]
"""What is told of a referral on which nobody ever acts: both clocks from the reminder to the last notice."""


@dataclass
class Ticker:
    """Starts processes that tick once, and that die or hang where a token says so."""

    installation: Installation
    folder: Path

    def start(self, service: str, token: str) -> subprocess.Popen[str]:
        """Start one with its token; it reads on what it stands and begins."""
        (self.folder / f"tick:{token}").touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.ticker", service, str(self.folder)],
            stdin=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        with process.stdin as given:
            json.dump(
                {
                    "url": self.installation.databases[service].url,
                    "master": self.installation.master.secret.hex(),
                    "now": self.installation.clock.now().isoformat(),
                    "source": self.installation.source(service),
                },
                given,
            )
        return process

    def killed(self, service: str, token: str) -> None:
        """Start one and wait until it has killed itself."""
        assert self.start(service, token).wait() == -signal.SIGKILL


def told(road: Road, leg: str) -> list[tuple[str, object]]:
    """Give what was told of a referral, with the level of each notice; its events are numbered without a gap."""
    events = road.told(leg)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return [(event.type.split(".")[1], event.data.get("level")) for event in events]


def recorded(road: Road, leg: str) -> int:
    """Count the lines of a referral's history that the clock wrote."""
    lines = sa.select(sa.func.count()).where(history.c.referral_id == leg, history.c.role == "clock")
    with road.parts.database.read() as connection:
        return connection.execute(lines).scalar_one()


def test_a_tick_killed_again_and_again_is_finished_by_the_next_and_nothing_is_done_twice(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    road = Road(an_installation(sqlite_database))
    legs = [leg_of(road.file("dibao")) for _ in range(3 * BATCH)]
    road.installation.clock.move_to(LATE)
    ticker = Ticker(road.installation, tmp_path)
    # Before its first commit, before its second, and when one is just made: so many referrals are done by then.
    for token, done in (
        ("unit-of-work.before-commit@1", 0),
        ("unit-of-work.before-commit@2", BATCH),
        ("unit-of-work.after-commit@1", 2 * BATCH),
    ):
        ticker.killed("referrals", token)
        stands = [told(road, leg) for leg in legs]
        assert stands.count(SILENCE) == done
        assert stands.count([ISSUED]) == len(legs) - done
    tick(road.parts)
    tick(road.parts)
    assert [told(road, leg) for leg in legs] == [SILENCE] * len(legs)
    assert [recorded(road, leg) for leg in legs] == [len(SILENCE) - 1] * len(legs)


def test_a_tick_of_intake_that_was_killed_raises_each_task_once(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    installation = an_installation(sqlite_database)
    context, desk = installation.intake(), a_principal("hut")
    soon = a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")
    filed = {submit_request(context, desk, a_command("dibao", consents=[soon]))["id"] for _ in range(2)}
    installation.clock.move_to(MONDAY + timedelta(24))
    ticker = Ticker(installation, tmp_path)
    ticker.killed("intake", "unit-of-work.before-commit@1")
    assert list_tasks(context, desk, ListTasks()) == []
    ticker.killed("intake", "unit-of-work.after-commit@1")
    assert tick_intake(context) == 0
    tasks = list_tasks(context, desk, ListTasks())
    assert [task["kind"] for task in tasks] == ["renewal"] * 2
    assert {task["request"] for task in tasks} == filed


@pytest.mark.postgres
def test_what_a_process_hangs_over_is_left_to_it_and_the_rest_is_done_meanwhile(
    postgres_database: MakeDatabase, tmp_path: Path
) -> None:
    road = Road(an_installation(postgres_database))
    legs = [leg_of(road.file("dibao")) for _ in range(3 * BATCH)]
    road.installation.clock.move_to(LATE)
    process = Ticker(road.installation, tmp_path).start("referrals", "unit-of-work.before-commit%1")
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    try:
        tick(road.parts)
        assert sum(told(road, leg) == SILENCE for leg in legs) == len(legs) - BATCH
    finally:
        process.send_signal(signal.SIGCONT)
        ended = process.wait()
    assert ended == 0
    tick(road.parts)
    assert [told(road, leg) for leg in legs] == [SILENCE] * len(legs)
    assert [recorded(road, leg) for leg in legs] == [len(SILENCE) - 1] * len(legs)
