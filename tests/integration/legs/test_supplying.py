"""What an agency has asked for is supplied: uploaded, or handed to it from hand to hand."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.use_cases.commands import AskLeg, ask_leg
from services.referrals.domain.status import Status
from tests.builders import a_consent
from tests.integration.legs.both_ways import HUT, BothWays, hand_in, outcomes

BASICS = ["identity", "contact", "household"]


def awaiting(
    ways: BothWays, programme: str, agency: str, *papers: str, kinds: list[str] = BASICS
) -> tuple[str, str]:
    """Give a request and its one leg, whose agency waits for papers."""
    made = ways.file(programme, consents=[a_consent(agency, (programme,), data_kinds=kinds)])
    leg: str = made["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "request-documents", {"papers": list(papers), "note": "请补交材料"})
    return made["id"], leg


def told(asked: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in asked["warnings"]]


def test_what_goes_from_hand_to_hand_needs_no_upload(ways: BothWays) -> None:
    request, leg = awaiting(ways, "child-fact", "civil-affairs", "child-legal-papers")
    asked = ways.ask(request, leg, "supply")
    assert told(asked) == ["papers-by-hand"]
    assert "Legal papers" in asked["warnings"][0]["messages"]["en"]
    assert ways.referral(leg).status is Status.RECEIVED
    assert outcomes(ways, request) == [("supply", None)]
    line = next(line for line in ways.seen(request)["history"] if line["fact"] == "supply-requested")
    assert line["detail"] == {"papers": ["child-legal-papers"], "by_hand": ["child-legal-papers"]}


def test_what_was_said_to_be_handed_over_is_not_warned_of(ways: BothWays) -> None:
    request, leg = awaiting(ways, "legal", "justice", "case-papers", "id-card")
    hand_in(ways, request, "id-card")
    asked = ways.ask(request, leg, "supply", {"papers": ["case-papers"]})
    assert told(asked) == []
    assert ways.referral(leg).status is Status.RECEIVED


def test_what_no_consent_lets_the_agency_see_needs_a_wider_consent_first(ways: BothWays) -> None:
    narrow = ["identity"]
    request, leg = awaiting(ways, "dibao", "civil-affairs", "income-statement", kinds=narrow)
    hand_in(ways, request, "income-statement")
    with pytest.raises(Breach) as refused:
        ways.ask(request, leg, "supply")
    assert refused.value.id == "papers-not-covered"
    assert "income and property" in refused.value.explanation.en
    assert "Statement of household income" in refused.value.explanation.en
    wider = a_consent("civil-affairs", ("dibao",), data_kinds=[*narrow, "income"])
    ways.add(request, consents=(wider,))
    ways.ask(request, leg, "supply")
    assert ways.referral(leg).status is Status.RECEIVED
    assert [paper["kind"] for paper in ways.opened(leg)["papers"]] == ["income-statement"]


def test_sent_again_before_the_first_has_arrived_it_is_refused_at_once_and_leaves_no_task(
    ways: BothWays,
) -> None:
    request, leg = awaiting(ways, "child-fact", "civil-affairs", "child-legal-papers")
    ask_leg(ways.intake, HUT, AskLeg(request=request, leg=leg, verb="supply"))
    with pytest.raises(Breach) as refused:
        ask_leg(ways.intake, HUT, AskLeg(request=request, leg=leg, verb="supply"))
    assert refused.value.id == "command-under-way"
    ways.carry()
    assert (outcomes(ways, request), ways.tasks(request)) == ([("supply", None)], [])
