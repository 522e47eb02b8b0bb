"""Who may be named to go on with a leg, and that aid which comes first is put off by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.domain.errors import AidFirst, BadFields
from services.referrals.domain.status import Status
from tests.integration.legs.both_ways import BothWays

MOVED = {"reason": "other-agency-in-charge"}


@pytest.mark.parametrize(
    ("receiver", "wrong"),
    [
        ({"to_agency": "nowhere"}, "to_agency"),
        ({"to_agency": "civil-affairs"}, "to_agency"),
        ({"to_agency": "employment", "to_programme": "dibao"}, "to_programme"),
        ({"to_agency": "health", "to_programme": "psy"}, "to_programme"),
    ],
)
def test_nobody_hands_a_leg_to_who_cannot_go_on_with_it(
    ways: BothWays, filed: tuple[str, str], receiver: dict[str, Any], wrong: str
) -> None:
    leg = filed[1]
    with pytest.raises(BadFields) as transfer:
        ways.at_desk(leg, "propose-transfer", MOVED | receiver)
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    with pytest.raises(BadFields) as back:
        ways.at_desk(leg, "confirm-return", {"next": "reissue", **receiver}, role="coordinator")
    for refused in (transfer, back):
        assert [fault.field for fault in refused.value.faults] == [wrong]
    assert ways.referral(leg).status is Status.RETURN_PROPOSED


def test_a_health_agency_may_be_named_by_the_neutral_name_of_what_it_does(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    neutral = {"to_agency": "health", "to_programme": "health-service"}
    ways.at_desk(filed[1], "propose-transfer", MOVED | neutral)
    assert ways.referral(filed[1]).status is Status.TRANSFER_PROPOSED
    assert "reissue" in ways.tasks(filed[0])
    desk = ways.caller(ways.app(), "desk", agency="civil-affairs")
    waiting = desk.post(f"/referrals/{filed[1]}/accept", version=ways.referral(filed[1]).version)
    assert (waiting.status_code, waiting.json["possible"]) == (409, [])
    assert "the desk that filed the request" in waiting.json["messages"]["en"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["reason"]),
        ({"reason": "not-found", "to_agency": "employment"}, ["to_agency"]),
        ({"to_programme": "unemp-reg"}, ["reason", "to_programme"]),
    ],
)
def test_a_return_after_which_nothing_follows_says_why_and_names_nobody(
    ways: BothWays, filed: tuple[str, str], fields: dict[str, Any], wrong: list[str]
) -> None:
    ways.at_desk(filed[1], "propose-return", {"reason": "not-our-duty"})
    with pytest.raises(BadFields) as refused:
        ways.at_desk(filed[1], "confirm-return", {"next": "none", **fields}, role="coordinator")
    assert [fault.field for fault in refused.value.faults] == wrong


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("request-documents", {"papers": ["id-card"], "note": "请补交"}),
        ("suspend", {"reason": "other-decision", "review_on": "2026-11-30"}),
    ],
)
def test_aid_that_comes_first_is_not_put_off_for_its_paperwork(
    ways: BothWays, action: str, fields: dict[str, Any]
) -> None:
    leg = ways.file("temp-urgent")["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    due = ways.referral(leg).due_at
    with pytest.raises(AidFirst) as refused:
        ways.at_desk(leg, action, fields)
    assert "close" in refused.value.possible
    assert (ways.referral(leg).status, ways.referral(leg).due_at) == (Status.ACCEPTED, due)
    ways.at_desk(leg, "step", {"step": "relief-paid"})
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交"})
    assert ways.referral(leg).status is Status.AWAITING_DOCUMENTS


def test_an_agency_that_goes_on_without_the_papers_goes_on_where_it_stood(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "step", {"step": "home-visit"})
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交"})
    assert ways.tasks(request) == ["papers-wanted"]
    ways.at_desk(leg, "accept")
    after = ways.referral(leg)
    assert (after.status, after.step, after.clock) == (Status.IN_PROGRESS, "home-visit", "decide")
    assert (after.life.papers, after.life.papers_due_on) == ((), None)
    assert (ways.tasks(request), ways.leg(request, leg)["status"]) == ([], "in-progress")
