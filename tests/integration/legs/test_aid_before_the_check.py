"""Where aid comes first it does not wait for the street: its leg goes straight through, and is checked afterwards."""

from __future__ import annotations

import pytest

from services.intake.use_cases.street_check import SendBack, approve, send_back, submit_again
from services.intake.use_cases.submit_request import submit_request
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
