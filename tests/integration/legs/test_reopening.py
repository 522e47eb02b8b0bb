"""A leg that is to be worked on again is held against what was opened since, before anything is asked of its agency."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.bootstrap import web
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain.status import Status
from tests.builders import OTHER_UNIT, a_command, a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays, outcomes
from tests.integration.legs.test_commands import close

OBJECTION = {"reason": "appeal"}


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def person() -> dict[str, Any]:
    """Somebody who is refused and tries something else."""
    return a_person()


@pytest.fixture
def refused(ways: BothWays, person: dict[str, Any]) -> tuple[str, str]:
    """Give a request and its one leg, which its agency has ended."""
    filed = ways.file("dibao", person=person)
    close(ways, filed["legs"][0]["id"], "terminated", reason="criteria-not-met")
    return filed["id"], filed["legs"][0]["id"]


def test_beside_what_excludes_it_a_leg_is_not_opened_again(
    ways: BothWays, refused: tuple[str, str], person: dict[str, Any]
) -> None:
    since = ways.file("tekun", person=person)
    token = ways.intake.keyring.tokens.sign(HUT, ways.installation.clock.now())
    answer = (
        web(ways.intake, public_url="http://127.0.0.1")
        .test_client()
        .post(
            f"/intake/api/v1/requests/{refused[0]}/legs/{refused[1]}/reopen",
            json=OBJECTION,
            headers={"Authorization": f"Bearer {token}"},
        )
    )
    problem: Any = answer.json
    assert (answer.status_code, problem["type"]) == (409, "urn:aid:problem:reopening-excluded")
    assert (problem["programme"], problem["excluded_by"], problem["number"]) == (
        "dibao",
        "tekun",
        since["number"],
    )
    ways.carry()
    assert outcomes(ways, refused[0]) == []
    assert ways.referral(refused[1]).status is Status.CLOSED


def test_once_that_has_ended_the_leg_is_opened_again(
    ways: BothWays, refused: tuple[str, str], person: dict[str, Any]
) -> None:
    since = ways.file("tekun", person=person)
    ways.withdraw(since["id"])
    assert ways.ask(*refused, "reopen", OBJECTION)["warnings"] == []
    assert ways.referral(refused[1]).status is Status.IN_PROGRESS


def test_what_was_filed_anew_meanwhile_is_told_and_hinders_nothing(
    ways: BothWays, refused: tuple[str, str], person: dict[str, Any]
) -> None:
    again = ways.file("dibao", person=person)
    (warning,) = ways.ask(*refused, "reopen", OBJECTION)["warnings"]
    assert (warning["code"], warning["number"]) == ("duplicate", again["number"])
    assert ways.referral(refused[1]).status is Status.IN_PROGRESS


def test_what_another_desk_has_opened_is_the_specialists_to_compare(
    ways: BothWays, refused: tuple[str, str], person: dict[str, Any]
) -> None:
    neighbour = a_principal("hut", unit=OTHER_UNIT)
    submit_request(ways.intake, neighbour, a_command("tekun", person=person))
    assert ways.ask(*refused, "reopen", OBJECTION)["warnings"] == []
    (task,) = list_tasks(ways.intake, SPECIALIST, ListTasks(kinds=["exclusion"]))
    assert task["request"] == refused[0]
