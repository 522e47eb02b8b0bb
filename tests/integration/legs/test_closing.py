"""What a leg may be closed with: its programme's own outcomes, with what each must say, and told to the person."""

from __future__ import annotations

import pytest

from services.referrals.domain.errors import BadFields
from services.referrals.domain.status import Status
from tests.integration.legs.both_ways import BothWays, hand_in

JOB = {
    "outcome": "approved",
    "amount": 1990,
    "period": "monthly",
    "post": "保洁员",
    "employer": "某社区居委会",
}


@pytest.fixture
def accepted(ways: BothWays, filed: tuple[str, str]) -> tuple[str, str]:
    """Give a request and its leg, which civil affairs has accepted."""
    ways.at_desk(filed[1], "accept")
    return filed


def test_aid_is_ended_through_the_leader_alone_and_the_person_told_how_to_object(
    ways: BothWays, accepted: tuple[str, str]
) -> None:
    request, leg = accepted
    ways.at_desk(leg, "close", {"outcome": "terminated", "reason": "criteria-not-met"})
    assert (ways.referral(leg).status, ways.referral(leg).pending is not None) == (Status.ACCEPTED, True)
    ways.at_desk(leg, "approve", role="leader")
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["outcome"], shown["appeal_by"] is not None) == (
        "closed",
        "terminated",
        True,
    )
    assert "appeal" in ways.tasks(request)


@pytest.mark.parametrize("outcome", ["enrolled", "waitlisted", "service-delivered"])
def test_an_outcome_the_programme_does_not_have_closes_nothing(
    ways: BothWays, accepted: tuple[str, str], outcome: str
) -> None:
    with pytest.raises(BadFields) as wrong:
        ways.at_desk(accepted[1], "close", {"outcome": outcome})
    assert [fault.field for fault in wrong.value.faults] == ["outcome"]
    assert "terminated" in wrong.value.faults[0].message.en
    assert ways.referral(accepted[1]).status is Status.ACCEPTED


def test_the_details_a_programme_asks_for_reach_the_help_desk_sealed_and_stay_nowhere_else(
    ways: BothWays,
) -> None:
    made = ways.file("pub-job")
    leg = made["legs"][0]["id"]
    ways.at_desk(leg, "accept", agency="employment")
    bare = {"outcome": "approved"}
    with pytest.raises(BadFields) as wrong:
        ways.at_desk(leg, "close", bare, agency="employment")
    assert [fault.field for fault in wrong.value.faults] == ["post", "employer"]
    ways.at_desk(leg, "close", JOB, agency="employment")
    assert ways.leg(made["id"], leg)["answer"]["fields"] == JOB
    assert ways.referral(leg).outcome_fields == {"amount": 1990, "period": "monthly"}
    told = ways.told(leg)[-1]
    assert "保洁员" not in str(told.data)


def test_of_an_answer_on_paper_the_details_stay_at_the_desk(ways: BothWays) -> None:
    made = ways.file("pub-job")
    leg = made["legs"][0]["id"]
    ways.at_desk(leg, "accept", agency="employment")
    (slip,) = hand_in(ways, made["id"], "slip")
    ways.ask(made["id"], leg, "record", {"action": "close", "fields": JOB, "slip": slip})
    assert (ways.referral(leg).status, ways.referral(leg).outcome) == (Status.CLOSED, "approved")
    assert all(
        "保洁员" not in event.internal().decode() for event in (*ways.asked(made["id"]), *ways.told(leg))
    )
    kept = {"post": JOB["post"], "employer": JOB["employer"]}
    assert kept in [line.get("words") for line in ways.seen(made["id"])["history"]]
