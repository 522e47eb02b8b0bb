"""A leg that is to be worked on again is held against what was opened since, before anything is asked of its agency."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.intake.bootstrap import web
from services.intake.domain.errors import InvalidFiling
from services.intake.schemas.messages import READERS
from services.intake.use_cases.mirror_legs import mirror_legs
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain.status import Status
from services.referrals.use_cases.desk_messages import read_messages
from shared import ids
from tests.builders import OTHER_UNIT, a_command, a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays, outcomes
from tests.integration.legs.test_commands import close

OBJECTION = {"reason": "appeal"}
REFUSED = "referral.reopen-refused.v1"


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


def test_what_the_person_objects_reaches_the_desk_sealed(ways: BothWays, refused: tuple[str, str]) -> None:
    ways.ask(*refused, "reopen", OBJECTION | {"note": "本人不服，附收入证明"})
    (message,) = read_messages(ways.parts, a_principal("desk", agency="civil-affairs"), refused[1])
    assert message.text == "本人不服，附收入证明"
    assert ways.facts(refused[1])[-4:] == ["reopened", "messaged", "reopen-done", "opened"]
    assert {"note": "本人不服，附收入证明"} in [
        line.get("words") for line in ways.seen(refused[0])["history"]
    ]
    for event in [*ways.asked(refused[0]), *ways.told()]:
        assert "不服" not in event.internal().decode()


@pytest.mark.parametrize("note", ["  ", "\u200b"])
def test_an_objection_that_says_nothing_is_not_sent(
    ways: BothWays, refused: tuple[str, str], note: str
) -> None:
    token = ways.intake.keyring.tokens.sign(HUT, ways.installation.clock.now())
    answer = (
        web(ways.intake, public_url="http://127.0.0.1")
        .test_client()
        .post(
            f"/intake/api/v1/requests/{refused[0]}/legs/{refused[1]}/reopen",
            json=OBJECTION | {"note": note},
            headers={"Authorization": f"Bearer {token}"},
        )
    )
    problem: Any = answer.json
    assert (answer.status_code, [error["field"] for error in problem["errors"]]) == (422, ["note"])


def test_an_objection_that_would_tell_what_somebody_is_in_is_not_sent(
    ways: BothWays, refused: tuple[str, str]
) -> None:
    with pytest.raises(InvalidFiling) as error:
        ways.ask(*refused, "reopen", OBJECTION | {"note": "他在社区戒毒"})
    assert [fault.field for fault in error.value.faults] == ["note"]


def test_who_was_refused_is_still_to_be_told_how_to_object_after_a_wrong_wish(
    ways: BothWays, refused: tuple[str, str]
) -> None:
    ways.ask(*refused, "reopen", {"reason": "papers-after-lapse", "note": "补交材料"})
    assert outcomes(ways, refused[0]) == [("reopen", "only-on-objection")]
    assert "appeal" in ways.tasks(refused[0])
    assert read_messages(ways.parts, a_principal("desk", agency="civil-affairs"), refused[1]) == []
    ways.ask(*refused, "reopen", OBJECTION)
    assert "appeal" not in ways.tasks(refused[0])


def test_a_wish_that_was_refused_and_then_carried_out_leaves_nothing_to_do(
    ways: BothWays, refused: tuple[str, str]
) -> None:
    ways.ask(*refused, "reopen", {"reason": "papers-after-lapse"})
    assert "command-refused" in ways.tasks(refused[0])
    ways.ask(*refused, "reopen", OBJECTION)
    assert "command-refused" not in ways.tasks(refused[0])
    (late,) = [event for event in ways.told(refused[1]) if event.type == REFUSED]
    with ways.intake.database.unit_of_work() as uow:
        mirror_legs(uow, [replace(late, id=ids.new(), data=READERS[REFUSED].load(dict(late.data)))])
    assert "command-refused" not in ways.tasks(refused[0])


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
