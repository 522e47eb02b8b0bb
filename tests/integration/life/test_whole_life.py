"""A request's whole life through both services: drafted, checked, corrected, approved, decided, followed up."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.follow_up import Call
from services.intake.use_cases.correct import CorrectRequest, correct_request
from services.intake.use_cases.drafts import ChangeDraft, change_draft, create_draft, submit_draft
from services.intake.use_cases.follow_up import FollowUp, follow_up
from services.intake.use_cases.leads import ReportLead, report_lead
from services.intake.use_cases.street_check import SendBack, approve, send_back, submit_again
from services.intake.use_cases.tick import tick
from services.referrals.domain.status import Status
from services.referrals.use_cases.open_packet import open_packet
from tests.builders import (
    HUT_UNIT,
    a_checking_district,
    a_consent,
    a_filing,
    a_principal,
    an_installation,
)
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays

WELL = Call(reached=True, outcome="settled", satisfied=5)


@pytest.fixture
def ways(database: MakeDatabase) -> BothWays:
    """An installation whose district wants the street to check what is filed."""
    return BothWays(an_installation(database, district=a_checking_district()))


def drafted(ways: BothWays) -> dict[str, Any]:
    draft = create_draft(ways.intake, HUT, a_filing("dibao"))
    filed = submit_draft(ways.intake, HUT, ChangeDraft(draft=draft["id"]))
    ways.carry()
    return filed


def checked(ways: BothWays, request: str) -> None:
    ways.later(hours=1)
    approve(ways.intake, SPECIALIST, request)
    ways.carry()


def decided(ways: BothWays, leg: str) -> None:
    for action in ("acknowledge", "accept"):
        ways.at_desk(leg, action)
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})


def called(ways: BothWays, request: str, call: Call) -> str:
    ways.later(hours=1)
    status = str(follow_up(ways.intake, HUT, FollowUp(request=request, call=call))["status"])
    ways.carry()
    return status


def test_from_a_lead_to_a_closed_request(ways: BothWays) -> None:
    lead = report_lead(
        ways.intake, a_principal("grid"), ReportLead(name="李明华", errand="家中困难", community=HUT_UNIT)
    )
    rest = {name: value for name, value in a_filing("dibao").items() if name != "person"}
    change_draft(ways.intake, HUT, ChangeDraft(draft=lead["id"], version=1), rest)
    request = submit_draft(ways.intake, HUT, ChangeDraft(draft=lead["id"]))
    ways.carry()
    leg = request["legs"][0]["id"]
    assert ways.referral(leg).status is Status.PLANNED
    checked(ways, request["id"])
    assert ways.seen(request["id"])["status"] == "in-progress"
    decided(ways, leg)
    assert ways.seen(request["id"])["status"] == "ended"
    tick(ways.intake)
    assert "call-back" in ways.tasks(request["id"])
    assert called(ways, request["id"], WELL) == "closed"
    assert ways.leg(request["id"], leg)["rating"] == 5
    assert ways.tasks(request["id"]) == []
    assert ways.letters() == []


def test_what_is_corrected_after_a_sending_back_is_what_the_agency_reads(ways: BothWays) -> None:
    request = drafted(ways)
    leg = request["legs"][0]["id"]
    send_back(ways.intake, SPECIALIST, SendBack(request=request["id"], reasons=("data-wrong",)))
    correct_request(ways.intake, HUT, CorrectRequest(request=request["id"], person={"phone": "13900001234"}))
    submit_again(ways.intake, HUT, request["id"])
    ways.carry()
    checked(ways, request["id"])
    packet = open_packet(ways.parts, a_principal("desk", agency="civil-affairs"), leg, "办理")
    assert packet.body["person"]["phone"] == "13900001234"
    assert ways.letters() == []


def test_a_leg_added_while_the_street_checks_waits_with_the_others(ways: BothWays) -> None:
    request = drafted(ways)
    consent = a_consent("social-security", ("pension",))
    added = ways.add(request["id"], {"programme": "pension"}, consents=(consent,))
    (leg,) = (leg["id"] for leg in added["legs"])
    assert ways.referral(leg).status is Status.PLANNED
    checked(ways, request["id"])
    assert ways.referral(leg).status is Status.ISSUED
    assert ways.referral(request["legs"][0]["id"]).status is Status.ISSUED


def test_withdrawn_before_the_check_it_is_withdrawn_and_asks_nothing_of_anybody(ways: BothWays) -> None:
    request = drafted(ways)
    ways.withdraw(request["id"])
    assert ways.seen(request["id"])["status"] == "withdrawn"
    tick(ways.intake)
    assert ways.tasks(request["id"]) == []


def test_a_leg_that_is_reopened_takes_its_request_back_into_work(ways: BothWays) -> None:
    request = drafted(ways)
    leg = request["legs"][0]["id"]
    checked(ways, request["id"])
    decided(ways, leg)
    tick(ways.intake)
    ways.at_desk(leg, "reopen", {"reason": "error"}, role="coordinator")
    assert ways.seen(request["id"])["status"] == "in-progress"
    decided_again = ways.referral(leg).status
    assert decided_again is Status.IN_PROGRESS
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    assert ways.seen(request["id"])["status"] == "ended"
    assert called(ways, request["id"], WELL) == "closed"
