"""Consent given anew: what was frozen goes on, what had ended is renewed, and a packet follows its consent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain.breaches import Breach
from services.intake.use_cases.tick import tick
from services.referrals.use_cases.open_packet import open_packet
from tests.builders import a_consent, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays, outcomes
from tests.integration.legs.test_consents import consent_of, take_back

DESK = a_principal("desk", agency="civil-affairs")
ANEW = a_consent("civil-affairs", ("dibao",), expires_on="2027-11-20")


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def frozen(ways: BothWays) -> tuple[str, str]:
    """Give a request and its one leg, frozen in mid-way."""
    filed = ways.file("dibao", consents=[a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")])
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, filed["id"], consent_of(ways, filed["id"]))
    assert ways.leg(filed["id"], leg)["frozen_at"] is not None
    return filed["id"], leg


def test_a_frozen_leg_goes_on_with_a_fresh_packet(ways: BothWays, frozen: tuple[str, str]) -> None:
    request, leg = frozen
    before = ways.referral(leg)
    ways.add(request, consents=(ANEW,))
    assert ways.facts(leg)[-2:] == ["unfrozen", "unfreeze-done"]
    assert outcomes(ways, request)[-1] == ("unfreeze", None)
    assert ways.leg(request, leg)["frozen_at"] is None
    after = ways.referral(leg)
    assert (before.clock, after.status) == ("answer-withdrawal", before.status)
    assert (after.clock, str(after.due_on)) == ("decide", "2027-01-05")
    assert open_packet(ways.parts, DESK, leg, "继续办理").rev == 2
    ways.ask(request, leg, "message", {"text": "请继续办理"})


def test_what_the_agency_had_answered_to_the_withdrawal_is_no_longer_its_ground(
    ways: BothWays, frozen: tuple[str, str]
) -> None:
    request, leg = frozen
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    ways.add(request, consents=(ANEW,))
    assert ways.referral(leg).life.frozen is None
    assert "withdrawal-acknowledged" in ways.facts(leg)


def test_taken_back_once_more_it_is_frozen_once_more(ways: BothWays, frozen: tuple[str, str]) -> None:
    request, leg = frozen
    ways.add(request, consents=(ANEW,))
    take_back(ways, request, consent_of(ways, request))
    assert ways.leg(request, leg)["frozen_at"] is not None
    assert ways.facts(leg)[-2:] == ["frozen", "freeze-done"]


def test_a_consent_for_something_else_leaves_it_frozen(ways: BothWays, frozen: tuple[str, str]) -> None:
    request, leg = frozen
    without = a_consent("civil-affairs", ("dibao",), data_kinds=["contact"], expires_on="2027-11-20")
    for consent in (a_consent("employment", ("unemp-reg",)), without):
        ways.add(request, consents=(consent,))
    assert ways.leg(request, leg)["frozen_at"] is not None


def test_a_consent_that_ran_out_and_is_renewed_leaves_no_task_and_brings_the_packet_up_to_date(
    ways: BothWays,
) -> None:
    soon = a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")
    filed = ways.file("dibao", consents=[soon])
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    for days in (25, 15):
        ways.installation.clock.move_to(ways.installation.clock.now() + timedelta(days))
        tick(ways.intake)
    assert {"renewal", "consent-needed"} <= set(ways.tasks(request))
    ways.add(request, consents=(ANEW,))
    assert not {"renewal", "consent-needed"} & set(ways.tasks(request))
    assert ways.opened(leg)["rev"] == 2


def test_a_narrower_consent_takes_from_the_packet_what_it_no_longer_covers(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    assert "phone" in ways.opened(leg)["person"]
    ways.add(request, consents=(a_consent("civil-affairs", ("dibao",), data_kinds=["identity"]),))
    assert "phone" not in ways.opened(leg)["person"]


def test_until_a_renewal_begins_the_consent_before_it_holds(ways: BothWays) -> None:
    soon = a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")
    filed = ways.file("dibao", consents=[soon])
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.add(request, consents=({**ANEW, "starts_on": "2027-01-01"},))
    ways.ask(request, leg, "message", {"text": "请继续办理"})
    ways.later(days=45)
    ways.ask(request, leg, "message", {"text": "新年好"})
    take_back(ways, request, consent_of(ways, request))
    with pytest.raises(Breach):
        ways.ask(request, leg, "message", {"text": "还在吗"})


def test_whoever_is_helped_in_an_emergency_later_is_told_of_it_afterwards(ways: BothWays) -> None:
    request = ways.file("dibao")["id"]
    urgent = a_consent("civil-affairs", ("temp-urgent",), basis="emergency", reason="昏迷送医")
    ways.add(request, {"programme": "temp-urgent"}, consents=(urgent,))
    assert "inform-afterwards" in ways.tasks(request)
