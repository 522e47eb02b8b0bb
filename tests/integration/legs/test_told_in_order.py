"""The timeline of a case in which one service's answer has the very moment of the other's question."""

from __future__ import annotations

from services.referrals.use_cases.case_timeline import read_whole_case
from tests.builders import a_consent
from tests.integration.legs.both_ways import COORDINATOR, BothWays


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
