"""A need that comes up later is checked by the street like those before it, and nobody's time runs at the desk."""

from __future__ import annotations

import pytest

from services.intake.use_cases.street_check import SendBack, send_back, submit_again
from services.referrals.domain.status import Status
from tests.builders import a_checking_district, a_consent, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays
from tests.integration.life.test_whole_life import checked, drafted


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """A district with the street's check, on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database, district=a_checking_district()))


def joined(ways: BothWays, request: str) -> str:
    """Add a need to a request at its desk; gives the new leg."""
    consent = a_consent("social-security", ("pension",))
    added = ways.add(request, {"programme": "pension"}, consents=(consent,))
    return str(added["legs"][0]["id"])


def test_a_need_that_comes_up_later_is_checked_too_and_holds_up_nothing(ways: BothWays) -> None:
    request = drafted(ways)["id"]
    checked(ways, request)
    first = ways.seen(request)["legs"][0]["id"]
    leg = joined(ways, request)
    assert ways.referral(leg).status is Status.PLANNED
    seen = ways.seen(request)
    assert (seen["status"], seen["checking"]) == ("in-progress", True)
    assert ways.tasks(request) == ["check"]
    ways.at_desk(first, "acknowledge")
    checked(ways, request)
    assert ways.referral(leg).status is Status.ISSUED
    assert ways.referral(first).status is Status.RECEIVED
    assert (ways.seen(request)["checking"], ways.tasks(request)) == (False, [])


def test_sent_back_it_is_the_new_need_alone_that_waits(ways: BothWays) -> None:
    request = drafted(ways)["id"]
    checked(ways, request)
    first = ways.seen(request)["legs"][0]["id"]
    leg = joined(ways, request)
    send_back(ways.intake, SPECIALIST, SendBack(request=request, reasons=("data-wrong",)))
    ways.carry()
    seen = ways.seen(request)
    assert (seen["status"], seen["checking"], "submit" in seen["possible"]) == ("in-progress", False, True)
    assert ways.tasks(request) == ["sent-back"]
    ways.at_desk(first, "acknowledge")
    assert submit_again(ways.intake, HUT, request)["status"] == "in-progress"
    ways.carry()
    checked(ways, request)
    assert ways.referral(leg).status is Status.ISSUED


def test_a_new_need_that_is_withdrawn_leaves_nothing_to_check(ways: BothWays) -> None:
    request = drafted(ways)["id"]
    checked(ways, request)
    leg = joined(ways, request)
    ways.withdraw(request, leg)
    seen = ways.seen(request)
    assert (seen["status"], seen["checking"], ways.tasks(request)) == ("in-progress", False, [])


def test_while_it_lies_at_the_desk_no_time_runs_and_afterwards_it_runs_anew(ways: BothWays) -> None:
    request = drafted(ways)["id"]
    leg = ways.seen(request)["legs"][0]["id"]
    assert ways.referral(leg).clock == "assign"
    send_back(ways.intake, SPECIALIST, SendBack(request=request, reasons=("data-wrong",)))
    ways.carry()
    ways.later(days=20)
    late = joined(ways, request)
    for waiting in (leg, late):
        held = ways.referral(waiting)
        assert (held.status, held.clock, held.timer) == (Status.PLANNED, None, None)
    assert ways.leg(request, leg)["due_on"] is None
    submit_again(ways.intake, HUT, request)
    ways.carry()
    for waiting in (leg, late):
        assert ways.referral(waiting).due_on == ways.seen(request)["check_due_on"]
    assert ways.letters() == []


def test_a_successor_is_no_new_need_and_waits_for_nobody(ways: BothWays) -> None:
    consents = [a_consent("civil-affairs", ("dibao",)), a_consent("employment", ("unemp-reg",))]
    request = ways.file("dibao", consents=consents)
    leg = request["legs"][0]["id"]
    checked(ways, request["id"])
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    fields = {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "confirm-return", fields, role="coordinator")
    successor = ways.leg(request["id"], leg)["successor"]
    assert ways.referral(successor).status is Status.ISSUED
    assert ways.tasks(request["id"]) == []
