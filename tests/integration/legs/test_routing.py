"""A leg goes to the counter of its street, and whoever filed it answers for it until the agency has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.referrals.use_cases.tick import tick
from shared.identity import Post, Principal
from tests.builders import (
    HUT_UNIT,
    STREET,
    a_consent,
    a_district_with_counter,
    a_person,
    an_installation,
)
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays
from tests.integration.referrals.desk import Caller, leg_of

AGENCY = "civil-affairs"
OTHER_STREET = "530103001"
ELSEWHERE = "530103001001"


@pytest.fixture
def ways(database: MakeDatabase) -> BothWays:
    """An installation whose civil affairs has somebody at its counter in one street."""
    return BothWays(an_installation(database, district=a_district_with_counter()))


def at_counter(ways: BothWays, street: str = STREET) -> Caller:
    """Sign in an officer at civil affairs' counter in a street."""
    post = Post("desk", agency=AGENCY, unit=street)
    principal = Principal(staff=f"counter-{street}", session=f"session-{street}", posts=(post,))
    token = ways.installation.keyring("intake").tokens.sign(principal, ways.installation.clock.now())
    return Caller(ways.app().test_client(), principal, token)


def file(ways: BothWays, residence: str, **changes: Any) -> str:
    """File a minimum living allowance for somebody who lives there; gives the leg."""
    person = a_person(residence=residence, household_registration=None)
    return leg_of(ways.file("dibao", person=person, **changes))


def test_a_counter_sees_and_does_what_is_its_streets_and_the_agency_all(ways: BothWays) -> None:
    here, there = file(ways, HUT_UNIT), file(ways, ELSEWHERE)
    counter, other = at_counter(ways), at_counter(ways, OTHER_STREET)
    desk = ways.caller(ways.app(), "desk", agency=AGENCY)
    assert [item["id"] for item in counter.get("/referrals").json["items"]] == [here]
    assert other.get("/referrals").json["items"] == []
    assert {item["id"] for item in desk.get("/referrals").json["items"]} == {here, there}
    assert counter.get("/referrals").json["items"][0]["badge"] is not None
    assert (desk.get(f"/referrals/{here}").json["desk_street"], ways.referral(there).desk_street) == (
        STREET,
        None,
    )
    for path in ("", "/history", "/clock"):
        assert counter.get(f"/referrals/{here}{path}").status_code == 200
        assert counter.get(f"/referrals/{there}{path}").status_code == 404
    opened = counter.post(f"/referrals/{here}/packet/open", {"reason": "受理核对"})
    assert (opened.status_code, opened.json["body"]["programme"]) == (200, "dibao")
    assert counter.post(f"/referrals/{there}/packet/open", {"reason": "受理核对"}).status_code == 404
    assert other.post(f"/referrals/{here}/acknowledge", version=1).status_code == 404
    assert counter.post(f"/referrals/{here}/acknowledge", version=1).json["status"] == "received"
    (line,) = ways.audited("referral.acknowledge")[:1] or ways.audited("referral.acknowledged")
    assert line.post == f"desk@{AGENCY}/{STREET}"


def test_a_counter_finds_only_its_own_by_number_and_by_name(ways: BothWays) -> None:
    here, there = file(ways, HUT_UNIT), file(ways, ELSEWHERE)
    counter = at_counter(ways)
    numbers = {leg: ways.referral(leg).number for leg in (here, there)}
    found = {
        leg: [item["id"] for item in counter.get("/referrals", q=number).json["items"]]
        for leg, number in numbers.items()
    }
    assert found == {here: [here], there: []}


def test_its_events_name_the_counter_and_others_name_none(ways: BothWays) -> None:
    here, there = file(ways, HUT_UNIT), file(ways, ELSEWHERE)
    assert ways.told(here)[0].data["desk_street"] == STREET
    assert "desk_street" not in ways.told(there)[0].data


def test_nobody_at_another_counter_is_given_a_referral(ways: BothWays) -> None:
    there = file(ways, ELSEWHERE)
    leader = ways.caller(ways.app(), "leader", agency=AGENCY)
    refused = leader.post(f"/referrals/{there}/assign", {"assignee": "counter-civil-affairs"}, version=1)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "assignee")
    here = file(ways, HUT_UNIT)
    given = leader.post(f"/referrals/{here}/assign", {"assignee": "counter-civil-affairs"}, version=1)
    assert given.json["assignee"] == "counter-civil-affairs"


def test_a_leg_that_joins_later_goes_to_its_counter_too(ways: BothWays) -> None:
    made = ways.file("pension", person=a_person(residence=HUT_UNIT))
    consent = a_consent(AGENCY, ("temp-urgent",))
    added = ways.add(made["id"], {"programme": "temp-urgent"}, consents=(consent,))
    assert ways.referral(added["legs"][0]["id"]).desk_street == STREET


def test_whoever_filed_answers_until_the_agency_acknowledges(ways: BothWays) -> None:
    made = ways.file("dibao", "pension")
    living, pension = (leg["id"] for leg in made["legs"])
    assert (ways.seen(made["id"])["answerable"], ways.leg(made["id"], living)["answerable"]) == (
        "intake-desk",
        "intake-desk",
    )
    ways.at_desk(living, "acknowledge")
    shown = ways.seen(made["id"])
    assert (shown["answerable"], [leg["answerable"] for leg in shown["legs"]]) == (
        "intake-desk",
        ["agency", "intake-desk"],
    )
    ways.at_desk(pension, "acknowledge")
    assert ways.seen(made["id"])["answerable"] == "agency"


def test_a_signature_that_is_late_is_a_task_at_the_desk_until_it_comes(ways: BothWays) -> None:
    made = ways.file("dibao")
    leg = made["legs"][0]["id"]
    ways.installation.clock.move_to(datetime.fromisoformat("2026-11-26T09:00:00+08:00"))
    tick(ways.parts)
    ways.carry()
    assert ways.tasks(made["id"]) == ["unacknowledged"]
    ways.at_desk(leg, "acknowledge")
    assert ways.tasks(made["id"]) == []


def test_a_notice_by_hand_before_the_day_says_nothing_of_a_late_signature(ways: BothWays) -> None:
    made = ways.file("dibao")
    ways.at_desk(made["legs"][0]["id"], "supervise", {"level": "blue"}, role="coordinator")
    assert ways.tasks(made["id"]) == []


def test_somebody_registered_elsewhere_is_served_and_the_leg_says_so(ways: BothWays) -> None:
    person = a_person(household_registration="110101")
    made = ways.file("dibao", "pension", person=person)
    notes = {leg["programme"]: leg["notes"] for leg in ways.seen(made["id"])["legs"]}
    assert [note["code"] for note in notes["dibao"]] == ["registered-elsewhere"]
    assert notes["pension"] == []
    assert [warning["code"] for warning in made["warnings"]] == ["registered-elsewhere"]
    assert {ways.referral(leg["id"]).status.value for leg in made["legs"]} == {"issued"}
