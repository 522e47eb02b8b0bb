"""What time does at intake: consents that end in mid-leg, and a look that reads no more than what is due."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.persistence import due, tables
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick
from tests.builders import MONDAY, Installation, a_command, a_consent, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.intake.test_mirror import Tell, tell

__all__ = ["tell"]  # a fixture

HUT = a_principal("hut")
SOON = a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")


@pytest.fixture
def filed(context: Context) -> dict[str, Any]:
    """A request whose one leg is covered until the end of the year."""
    return submit_request(context, HUT, a_command("dibao", consents=[SOON]))


def tasks_of(context: Context) -> list[dict[str, Any]]:
    return list_tasks(context, HUT, ListTasks())


def test_a_consent_that_ends_in_mid_leg_is_told_two_weeks_before(
    context: Context, installation: Installation, filed: dict[str, Any]
) -> None:
    installation.clock.move_to(MONDAY + timedelta(23))
    assert tick(context) == 0
    installation.clock.move_to(MONDAY + timedelta(24))
    assert tick(context) == 1
    assert tick(context) == 0
    (task,) = tasks_of(context)
    assert (task["kind"], task["leg"]) == ("renewal", filed["legs"][0]["id"])
    assert (task["request"], task["due_on"]) == (filed["id"], date(2026, 12, 31))


@pytest.mark.usefixtures("filed")
def test_once_it_has_ended_a_new_one_is_needed(context: Context, installation: Installation) -> None:
    installation.clock.move_to(MONDAY + timedelta(24))
    tick(context)
    installation.clock.move_to(MONDAY + timedelta(39))
    assert tick(context) == 1
    assert {task["kind"] for task in tasks_of(context)} == {"renewal", "consent-needed"}
    installation.clock.move_to(MONDAY + timedelta(400))
    assert tick(context) == 0


def test_a_leg_that_has_ended_needs_no_consent(
    context: Context, installation: Installation, filed: dict[str, Any], tell: Tell
) -> None:
    tell(["issued", "acknowledged", "accepted", "closed"], filed["legs"][0]["id"])
    installation.clock.move_to(MONDAY + timedelta(24))
    tick(context)
    assert "renewal" not in {task["kind"] for task in tasks_of(context)}


def test_several_machines_do_each_thing_once(context: Context, installation: Installation) -> None:
    for _ in range(4):
        submit_request(context, HUT, a_command("dibao", consents=[SOON]))
    installation.clock.move_to(MONDAY + timedelta(24))
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(tick(context))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 4
    assert len(tasks_of(context)) == 4


@pytest.mark.postgres
def test_what_another_transaction_holds_is_left_to_it(postgres_database: MakeDatabase) -> None:
    installation = an_installation(postgres_database)
    context = installation.intake()
    for _ in range(2):
        submit_request(context, HUT, a_command("dibao", consents=[SOON]))
    installation.clock.move_to(MONDAY + timedelta(24))
    with context.database.unit_of_work() as uow:
        held = uow.connection.execute(sa.select(tables.consents.c.id).limit(1).with_for_update()).scalar_one()
        assert tick(context) == 1
        assert held
    assert tick(context) == 1


@pytest.mark.parametrize("table", list(due.TIMED))
def test_a_tick_reads_the_index_of_what_waits(context: Context, table: str) -> None:
    # Our own tables, each with the statement that looks for what is due.
    waiting = f"SELECT * FROM {table} WHERE timer_at <= '2026-11-23 01:30:00' ORDER BY timer_at LIMIT 100"  # noqa: S608 - as above
    with context.database.unit_of_work() as uow:
        if context.database.dialect == "postgresql":
            # A planner takes no index for a table of no rows.
            uow.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if context.database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = uow.connection.exec_driver_sql(f"{explain} {waiting}").all()
    assert f"ix_{table}_timer_at" in str(plan)
