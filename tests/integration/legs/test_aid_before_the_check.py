"""Where aid comes first it does not wait for the street: its leg goes straight through, and is checked afterwards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.intake.domain.follow_up import Call
from services.intake.persistence.tables import requests
from services.intake.use_cases.correct import CorrectRequest, correct_request
from services.intake.use_cases.follow_up import FollowUp, follow_up
from services.intake.use_cases.street_check import SendBack, approve, send_back, submit_again
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, finish_task, list_tasks
from services.intake.use_cases.tick import tick
from services.referrals.domain.status import Status
from tests.builders import a_checking_district, a_command, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays, consent_for


@pytest.fixture
def ways(database: MakeDatabase) -> BothWays:
    """An installation whose district wants the street to check what is filed."""
    return BothWays(an_installation(database, district=a_checking_district()))


def statuses(ways: BothWays, request: str) -> dict[str, str]:
    """Give the status of each leg at the desk, by programme."""
    return {leg["programme"]: leg["status"] for leg in ways.seen(request)["legs"]}


def test_an_emergency_is_with_its_agency_at_once_and_the_rest_waits_for_the_street(ways: BothWays) -> None:
    filed = ways.file("temp-urgent", "temp-spend", urgency="urgent")
    urgent, other = (ways.referral(leg["id"]) for leg in filed["legs"])
    assert (urgent.status, other.status) == (Status.ISSUED, Status.PLANNED)
    # Its own 24 hours have begun, and not the street's day.
    assert (urgent.due_at is not None, ways.facts(urgent.id)) == (True, ["issued"])
    assert statuses(ways, filed["id"]) == {"temp-urgent": "issued", "temp-spend": "planned"}
    assert ways.all_letters() == []


def test_it_is_checked_afterwards(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    (leg,) = filed["legs"]
    seen = ways.seen(filed["id"])
    assert (seen["status"], seen["checking"], ways.tasks(filed["id"])) == ("in-progress", True, ["check"])
    approve(ways.intake, SPECIALIST, filed["id"])
    ways.carry()
    assert (ways.seen(filed["id"])["checking"], ways.tasks(filed["id"])) == (False, [])
    assert ways.facts(leg["id"]) == ["issued"]
    assert ways.all_letters() == []


def closed(ways: BothWays, leg: str) -> None:
    """Have the agency give the aid, up to the leg's end."""
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})


def timer(ways: BothWays, request: str) -> str | None:
    """Tell what time will do to a request next."""
    with ways.intake.database.read() as connection:
        statement = sa.select(requests.c.timer).where(requests.c.id == request)
        found: str | None = connection.execute(statement).scalar_one()
    return found


def test_aid_that_was_given_before_the_check_is_checked_all_the_same(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    closed(ways, filed["legs"][0]["id"])
    seen = ways.seen(filed["id"])
    assert (seen["status"], seen["checking"], ways.tasks(filed["id"])) == ("ended", True, ["check"])
    assert approve(ways.intake, SPECIALIST, filed["id"])["status"] == "ended"
    ways.carry()
    assert (ways.seen(filed["id"])["checking"], ways.tasks(filed["id"])) == (False, [])
    assert (timer(ways, filed["id"]), ways.all_letters()) == ("follow-up", [])


def past(ways: BothWays, **days: int) -> list[str]:
    """Let so much time pass and do what it does; gives the open tasks about the request."""
    ways.later(**days)
    tick(ways.intake)
    tick(ways.intake)
    return sorted(task["kind"] for task in list_tasks(ways.intake, HUT, ListTasks(limit=100)))


def test_a_check_that_outlives_the_aid_is_overdue_in_its_own_time_and_once(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    closed(ways, filed["legs"][0]["id"])
    assert past(ways, minutes=1) == ["call-back"]
    assert past(ways, days=2) == ["call-back", "check-overdue"]
    (overdue,) = list_tasks(ways.intake, HUT, ListTasks(kinds=["check-overdue"]))
    finish_task(ways.intake, HUT, overdue["id"])
    assert past(ways, days=30) == ["call-back"]
    assert "call-back-overdue" in ways.tasks(filed["id"])
    assert timer(ways, filed["id"]) == "forget"


def test_the_call_that_closes_a_request_leaves_its_check_to_be_told_of(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    closed(ways, filed["legs"][0]["id"])
    follow_up(ways.intake, HUT, FollowUp(request=filed["id"], call=Call(reached=True, outcome="settled")))
    assert timer(ways, filed["id"]) == "check-overdue"
    assert past(ways, days=2) == ["check-overdue"]
    assert timer(ways, filed["id"]) == "forget"


def test_reopened_it_is_told_of_its_overdue_check_all_the_same(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    closed(ways, filed["legs"][0]["id"])
    ways.at_desk(filed["legs"][0]["id"], "reopen", {"reason": "appeal"}, role="coordinator")
    assert past(ways, minutes=1) == []
    assert past(ways, days=2) == ["check-overdue"]


def test_what_was_sent_back_is_corrected_though_the_aid_was_given_meanwhile(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    wrong = CorrectRequest(request=filed["id"], person={"phone": "13800000077"})
    closed(ways, filed["legs"][0]["id"])
    send_back(ways.intake, SPECIALIST, SendBack(request=filed["id"], reasons=("data-wrong",)))
    assert "correct" in ways.seen(filed["id"])["possible"]
    assert correct_request(ways.intake, HUT, wrong)["status"] == "ended"
    assert submit_again(ways.intake, HUT, filed["id"])["status"] == "ended"


def test_sent_back_it_is_submitted_again_though_the_aid_was_given_meanwhile(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    send_back(ways.intake, SPECIALIST, SendBack(request=filed["id"], reasons=("papers-missing",)))
    closed(ways, filed["legs"][0]["id"])
    assert ways.tasks(filed["id"]) == ["sent-back"]
    assert submit_again(ways.intake, HUT, filed["id"])["status"] == "ended"
    ways.carry()
    assert (ways.tasks(filed["id"]), timer(ways, filed["id"])) == (["check"], "follow-up")


def test_what_waits_is_withdrawn_and_what_was_approved_is_not_checked_twice(ways: BothWays) -> None:
    filed = ways.file("temp-urgent")
    approve(ways.intake, SPECIALIST, filed["id"])
    ways.later(minutes=1)
    consent = consent_for("temp-spend", agency="civil-affairs")
    ways.add(filed["id"], {"programme": "temp-spend"}, consents=(consent,))
    assert ways.tasks(filed["id"]) == ["check"]
    leg = next(leg["id"] for leg in ways.seen(filed["id"])["legs"] if leg["programme"] == "temp-spend")
    ways.withdraw(filed["id"], leg)
    assert (ways.seen(filed["id"])["checking"], ways.tasks(filed["id"])) == (False, [])


def test_sent_back_before_anybody_knew_that_it_is_under_way_it_is_in_progress_all_the_same(
    ways: BothWays,
) -> None:
    filed = submit_request(ways.intake, HUT, a_command("temp-urgent"))
    send_back(ways.intake, SPECIALIST, SendBack(request=filed["id"], reasons=("data-wrong",)))
    ways.carry()
    seen = ways.seen(filed["id"])
    assert (seen["status"], seen["checking"], statuses(ways, filed["id"])) == (
        "in-progress",
        False,
        {"temp-urgent": "issued"},
    )
    assert submit_again(ways.intake, HUT, filed["id"])["status"] == "in-progress"
    ways.carry()
    assert ways.seen(filed["id"])["checking"]


def test_an_emergency_that_joins_a_request_that_waits_does_not_wait(ways: BothWays) -> None:
    filed = ways.file("temp-spend")
    consent = consent_for("temp-urgent", agency="civil-affairs")
    ways.add(filed["id"], {"programme": "temp-urgent"}, consents=(consent,))
    assert statuses(ways, filed["id"]) == {"temp-spend": "planned", "temp-urgent": "issued"}
