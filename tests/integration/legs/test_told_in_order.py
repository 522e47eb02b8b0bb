"""How a case is told, here and there, in which one service's answer has the very moment of the other's question."""

from __future__ import annotations

import pytest

from services.intake.use_cases.read_requests import read_history
from services.intake.use_cases.reissue import RefuseReissue, refuse_reissue
from services.referrals.use_cases.case_timeline import read_whole_case
from tests.builders import a_consent
from tests.integration.legs.both_ways import COORDINATOR, HUT, BothWays


def told(ways: BothWays, request: str) -> list[tuple[str | None, str]]:
    """Give agency and action of each line of the case."""
    _, entries = read_whole_case(ways.parts, COORDINATOR, request)
    return [(entry.leg.referral.agency if entry.leg else None, entry.action) for entry in entries]


def test_who_goes_on_comes_after_what_was_handed_over_and_before_the_old_holder_is_let_go(
    ways: BothWays,
) -> None:
    both = [a_consent("civil-affairs", ("dibao",)), a_consent("employment", ("unemp-reg",))]
    request, leg = ways.waits_for_successor(consents=both)
    successor = ways.seen(request)["legs"][-1]["id"]
    ways.at_desk(successor, "accept")
    ways.add(request, {"programme": "pub-job"}, consents=(a_consent("employment", ("pub-job",)),))
    assert ways.referral(leg).life.successor == successor
    assert told(ways, request) == [
        (None, "file"),
        ("civil-affairs", "issue"),
        ("civil-affairs", "propose-return"),
        ("civil-affairs", "confirm-return"),
        (None, "add-legs"),
        ("employment", "issue"),
        ("civil-affairs", "complete-return"),
        ("employment", "accept"),
        (None, "add-legs"),
        ("employment", "issue"),
    ]


@pytest.mark.parametrize("ends", ["transferred", "transfer-refused"])
def test_the_help_desk_reads_a_transfer_before_what_follows_from_it(ways: BothWays, ends: str) -> None:
    made = ends == "transferred"
    both = [a_consent("civil-affairs", ("dibao",)), a_consent("housing", ("house",))]
    filed = ways.file("dibao", *(() if made else ("house",)), consents=both)
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    to = {"reason": "needs-other-help", "to_agency": "housing", "to_programme": "house"}
    ways.at_desk(leg, "propose-transfer", to)
    answer = ["reissue-done", "issued"] if made else ["reissue-refused"]
    wanted = ["accepted", "transfer-proposed", "reissue-requested", *answer, ends]
    for history in (ways.seen(request)["history"], read_history(ways.intake, HUT, request)):
        assert [line["fact"] for line in history][-len(wanted) :] == wanted


def test_the_help_desk_reads_of_a_return_that_nobody_goes_on_with_what_led_to_it_first(
    ways: BothWays,
) -> None:
    request, leg = ways.waits_for_successor(to="employment", programme=None)
    ways.later(minutes=1)
    refuse_reissue(ways.intake, HUT, RefuseReissue(request=request, leg=leg, reason="no-consent"))
    ways.carry()
    facts = [line["fact"] for line in ways.seen(request)["history"]]
    assert facts[-4:] == ["return-proposed", "reissue-requested", "reissue-refused", "reminded"]
