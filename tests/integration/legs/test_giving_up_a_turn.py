"""Who waits for a place may give the turn up, or take the consent back, at any time: those behind move up."""

from __future__ import annotations

import pytest

from services.intake.domain.errors import IllegalStep
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from services.referrals.domain.errors import PacketFrozen
from services.referrals.domain.status import Status
from services.referrals.use_cases.open_packet import open_packet
from tests.builders import a_principal
from tests.integration.legs.both_ways import HUT, BothWays
from tests.integration.legs.test_consents import consent_of, take_back

DESK = a_principal("desk", agency="housing")


@pytest.fixture
def waiting(ways: BothWays) -> tuple[str, str]:
    """Give a request that has ended and its one leg, which waits for a place."""
    filed = ways.file("house")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "close", {"outcome": "waitlisted"})
    assert ways.seen(request)["status"] == "ended"
    assert in_line(ways) == [leg]
    return request, leg


def in_line(ways: BothWays) -> list[str]:
    desk = ways.caller(ways.app(), "desk", agency="housing")
    items = desk.get("/capacities").json["items"]
    return [row["id"] for item in items if item["programme"] == "house" for row in item["line"]]


def test_a_turn_is_given_up_though_the_request_has_ended(ways: BothWays, waiting: tuple[str, str]) -> None:
    request, leg = waiting
    assert "withdraw" in ways.seen(request)["possible"]
    ways.later(minutes=1)
    ways.withdraw(request)
    assert in_line(ways) == []
    assert ways.facts(leg)[-2:] == ["line-left", "cancel-done"]
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["outcome"], shown["cancel_requested_at"]) == ("closed", "withdrawn", None)
    assert (ways.seen(request)["status"], "withdraw" in ways.seen(request)["possible"]) == ("ended", False)
    with pytest.raises(IllegalStep):
        ways.withdraw(request)
    assert ways.all_letters() == []


def test_taking_the_consent_back_gives_the_turn_up_and_freezes_the_packet(
    ways: BothWays, waiting: tuple[str, str]
) -> None:
    request, leg = waiting
    answer = take_back(ways, request, consent_of(ways, request, "house"))
    assert answer["legs"][0]["effect"] == "leave-line"
    assert in_line(ways) == []
    assert ways.facts(leg)[-3:] == ["line-left", "frozen", "freeze-done"]
    shown = ways.leg(request, leg)
    assert (shown["outcome"], shown["ended_at"] is not None) == ("withdrawn", True)
    assert shown["frozen_at"] is not None
    with pytest.raises(PacketFrozen):
        open_packet(ways.parts, DESK, leg, "查看材料")
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert open_packet(ways.parts, DESK, leg, "查看材料").rev == 1
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["outcome"], shown["ended_at"] is not None) == ("closed", "withdrawn", True)


@pytest.mark.parametrize("effect", ["freeze", "leave-line"])
def test_a_consent_taken_back_after_the_turn_was_given_up_freezes_the_packet_too(
    ways: BothWays, waiting: tuple[str, str], effect: str
) -> None:
    request, leg = waiting
    ways.later(minutes=1)
    withdraw_request(ways.intake, HUT, WithdrawRequest(request=request, reason="withdrawn-by-person"))
    if effect == "freeze":
        ways.carry()
    answer = take_back(ways, request, consent_of(ways, request, "house"))
    assert answer["legs"][0]["effect"] == effect
    assert ways.facts(leg)[-4:] == ["line-left", "cancel-done", "frozen", "freeze-done"]
    assert ways.leg(request, leg)["frozen_at"] is not None
    with pytest.raises(PacketFrozen):
        open_packet(ways.parts, DESK, leg, "查看材料")


def test_an_opening_again_that_crosses_the_wish_is_told_of_it(
    ways: BothWays, waiting: tuple[str, str]
) -> None:
    request, leg = waiting
    ways.later(minutes=1)
    version = ways.referral(leg).version
    ways.act(leg, "reopen", version, {"reason": "place-free"}, role="coordinator", agency=None)
    ways.withdraw(request)
    assert ways.referral(leg).status is Status.IN_PROGRESS
    assert ways.facts(leg)[-2:] == ["withdrawal-asked", "cancel-refused"]
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    assert in_line(ways) == []


def test_a_turn_that_was_given_up_is_given_to_nobody_again(ways: BothWays, waiting: tuple[str, str]) -> None:
    request, leg = waiting
    ways.withdraw(request)
    coordinator = ways.caller(ways.app(), "coordinator", agency=None)
    path, reason = f"/referrals/{leg}", {"reason": "place-free"}
    refused = coordinator.post(f"{path}/reopen", reason, version=ways.referral(leg).version)
    assert (refused.status_code, refused.json["type"]) == (422, "urn:aid:problem:nobody-waits")
    assert "reopen" in coordinator.get(path).json["actions"]
    take_back(ways, request, consent_of(ways, request, "house"))
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "deleted"})
    assert "reopen" not in coordinator.get(path).json["actions"]
    refused = coordinator.post(f"{path}/reopen", {"reason": "error"}, version=ways.referral(leg).version)
    assert (refused.status_code, refused.json["type"]) == (409, "urn:aid:problem:reopened-without-consent")
