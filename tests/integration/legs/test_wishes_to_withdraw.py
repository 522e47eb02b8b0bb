"""A person withdraws what an agency has accepted: the agency is told, and closes it as withdrawn."""

from __future__ import annotations

import pytest

from services.referrals.domain.status import Status
from tests.integration.legs.both_ways import BothWays


@pytest.fixture
def withdrawn(ways: BothWays, filed: tuple[str, str]) -> tuple[str, str]:
    """Give a request and its leg, withdrawn after civil affairs had accepted it."""
    ways.at_desk(filed[1], "accept")
    ways.later(minutes=1)
    ways.withdraw(*filed)
    return filed


def test_the_agency_learns_of_the_wish_and_the_desk_that_it_was_told(
    ways: BothWays, withdrawn: tuple[str, str]
) -> None:
    request, leg = withdrawn
    assert ways.facts(leg)[-2:] == ["withdrawal-asked", "cancel-refused"]
    referral = ways.referral(leg)
    assert (referral.status, referral.life.withdrawal_asked_at) == (
        Status.ACCEPTED,
        ways.installation.clock.now(),
    )
    desk = ways.caller(ways.app(), "desk", agency="civil-affairs")
    assert desk.get(f"/referrals/{leg}").json["withdrawal_asked_at"] is not None
    assert "withdrawal-asked" in [line["fact"] for line in ways.seen(request)["history"]]
    assert "cancel-refused" in ways.tasks(request)


def test_the_agency_closes_it_as_withdrawn_and_nothing_is_left_to_do_about_it(
    ways: BothWays, withdrawn: tuple[str, str]
) -> None:
    request, leg = withdrawn
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["outcome"]) == ("closed", "withdrawn")
    assert "cancel-refused" not in ways.tasks(request)
    ways.at_desk(leg, "reopen", {"reason": "error"}, role="coordinator")
    assert ways.referral(leg).life.withdrawal_asked_at is None


def test_a_wish_that_was_told_is_not_told_again(ways: BothWays, withdrawn: tuple[str, str]) -> None:
    ways.later(minutes=1)
    ways.withdraw(*withdrawn)
    facts = ways.facts(withdrawn[1])
    assert (facts.count("withdrawal-asked"), facts.count("cancel-refused")) == (1, 2)
