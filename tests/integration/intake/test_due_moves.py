"""A notice is imported: the days of desk and street are counted anew once, with the timers that run out on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.calendar import put_in_force
from services.intake.use_cases.context import Context
from services.intake.use_cases.move_due import SETTLED_AFTER, TaskMover, move_all
from services.intake.use_cases.read_requests import read_request
from services.intake.use_cases.street_check import approve
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick
from shared.directory.holiday_notice import read_notice
from tests.builders import Installation, a_checking_district, a_command, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.intake.test_mirror import Tell, tell
from tests.unit.directory.notices import write_notice

__all__ = ["tell"]  # a fixture

FRIDAY = datetime(2026, 12, 25, 1, 30, tzinfo=UTC)
"""The Sunday after it is a make-up day of the notice for 2027."""
HUT, SPECIALIST = a_principal("hut"), a_principal("specialist")


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """A district with the street's check, in the last week of a year."""
    return an_installation(database, district=a_checking_district(), now=FRIDAY)


def notified(installation: Installation, folder: Path, context: Context) -> Context:
    """Import a notice, and give the context of a process that has seen it."""
    notice, errors = read_notice(write_notice(folder), "test")
    assert notice is not None, errors
    current = installation.directory("intake").current()
    put_in_force(installation.databases, current, notice, installation.clock.now())
    return replace(context, directory=installation.directory("intake"))


def days(context: Context, principal: Any) -> dict[str, date | None]:
    return {task["kind"]: task["due_on"] for task in list_tasks(context, principal, ListTasks())}


def test_the_streets_day_moves_with_its_task_and_its_timer(
    context: Context, installation: Installation, tmp_path: Path
) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    assert days(context, SPECIALIST) == {"check": date(2026, 12, 28)}
    after = notified(installation, tmp_path, context)
    assert move_all(after.database, after.directory.current()) == 1
    assert days(after, SPECIALIST) == {"check": date(2026, 12, 27)}
    assert read_request(after, HUT, filed["id"])["check_due_on"] == date(2026, 12, 27)
    assert move_all(after.database, after.directory.current()) == 0
    installation.clock.move_to(FRIDAY + timedelta(3))
    assert tick(after) == 1
    assert "check-overdue" in days(after, HUT)


def test_the_call_that_is_to_be_made_moves_too(
    context: Context, installation: Installation, tmp_path: Path, tell: Tell
) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    approve(context, SPECIALIST, filed["id"])
    tell(["issued", "acknowledged", "accepted", "closed"], filed["legs"][0]["id"])
    tick(context)
    assert days(context, HUT)["call-back"] == date(2027, 1, 4)
    after = notified(installation, tmp_path, context)
    assert move_all(after.database, after.directory.current()) == 1
    assert days(after, HUT)["call-back"] == date(2026, 12, 31)
    installation.clock.move_to(FRIDAY + timedelta(7))
    assert tick(after) == 1
    assert "call-back-overdue" in days(after, SPECIALIST)


def test_a_worker_walks_until_nobody_counts_by_the_days_before_and_then_no_more(
    context: Context, installation: Installation, tmp_path: Path
) -> None:
    submit_request(context, HUT, a_command("dibao"))
    after = notified(installation, tmp_path, context)
    mover = TaskMover(after)
    assert mover.tick() == 1
    # Another process has not seen the notice yet.
    submit_request(context, HUT, a_command("dibao"))
    assert mover.tick() == 1
    installation.clock.move_to(installation.clock.now() + SETTLED_AFTER)
    assert mover.tick() == 0
    submit_request(context, HUT, a_command("dibao"))
    assert (mover.tick(), TaskMover(after).tick()) == (0, 0)
