"""A successor joins what is open already: it neither doubles that nor stands beside what excludes it."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.exclusions import Excluded
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain.status import Status
from tests.builders import OTHER_UNIT, a_command, a_consent, a_person, a_principal
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays, consent_for

TO_HOUSING = {"reason": "needs-other-help", "to_agency": "housing", "to_programme": "house"}
TO_TEKUN = {"next": "reissue", "to_agency": "civil-affairs", "to_programme": "tekun"}
OF_BOTH = [a_consent("civil-affairs", ("dibao", "tekun")), a_consent("housing", ("house",))]


def test_a_transfer_to_what_is_open_already_is_refused_and_its_holder_stays(ways: BothWays) -> None:
    filed = ways.file("dibao", "house")
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "propose-transfer", TO_HOUSING)
    assert ways.referral(leg).status is Status.ACCEPTED
    assert ways.facts(leg)[-2:] == ["reissue-requested", "transfer-refused"]
    assert ways.told(leg)[-1].data["reason"] == "cannot-be-added"
    assert [one["programme"] for one in ways.seen(filed["id"])["legs"]] == ["dibao", "house"]
    (task,) = told_of(ways, filed["id"])
    assert task["detail"]["reason"] == "already-open"
    assert (task["leg"], task["detail"]["to_programme"]) == (leg, "house")


def test_a_return_to_what_an_open_leg_excludes_is_decided_about_again(ways: BothWays) -> None:
    filed = ways.file("dibao", "house", consents=OF_BOTH)
    leg = filed["legs"][1]["id"]
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    ways.at_desk(leg, "confirm-return", TO_TEKUN, role="coordinator")
    referral = ways.referral(leg)
    assert referral.status is Status.RETURN_PROPOSED
    assert referral.life.proposal is not None
    assert (referral.life.proposal.confirmed, referral.life.proposal.failed) == (False, "cannot-be-added")
    coordinator = ways.caller(ways.app(), "coordinator", agency=None)
    assert coordinator.get(f"/referrals/{leg}").json["successor_refused"] == "cannot-be-added"
    headers = {"Authorization": f"Bearer {coordinator.token}"}
    assert "该项目目前不能增加" in coordinator.client.get(f"/referrals/{leg}", headers=headers).text
    line = coordinator.get(f"/cases/{filed['id']}").json["timeline"][-1]
    assert (line["action"], line["codes"]) == ("reissue-failed", {"reason": "cannot-be-added"})
    assert "reason" not in ways.told(leg)[-1].data
    assert [one["programme"] for one in ways.seen(filed["id"])["legs"]] == ["dibao", "house"]
    (task,) = told_of(ways, filed["id"])
    assert (task["detail"]["reason"], task["detail"]["beside"]) == ("excluded", "dibao")


def test_what_the_open_leg_of_another_request_excludes_is_refused_too(ways: BothWays) -> None:
    person = a_person()
    other = ways.file("dibao", person=person)
    request, leg = ways.waits_for_successor(
        "house", to="civil-affairs", programme="tekun", person=person, consents=OF_BOTH
    )
    assert ways.referral(leg).status is Status.RETURN_PROPOSED
    (task,) = told_of(ways, request)
    assert task["detail"]["number"] == other["number"]


def test_of_what_another_desk_holds_the_streets_learn_and_the_successor_is_made(ways: BothWays) -> None:
    person = a_person()
    neighbour = a_principal("hut", unit=OTHER_UNIT)
    submit_request(ways.intake, neighbour, a_command("dibao", person=person))
    request, leg = ways.waits_for_successor(
        "house", to="civil-affairs", programme="tekun", person=person, consents=OF_BOTH
    )
    assert ways.referral(leg).status is Status.RETURNED
    assert told_of(ways, request) == []
    (task,) = list_tasks(ways.intake, SPECIALIST, ListTasks(kinds=["exclusion"]))
    assert task["request"] == request


@pytest.mark.parametrize(
    ("beside", "wanted", "error"), [("pension", "pension", InvalidFiling), ("tekun", "dibao", Excluded)]
)
def test_a_successor_made_by_hand_is_held_against_the_same(
    ways: BothWays, beside: str, wanted: str, error: type[Exception]
) -> None:
    agency = {"pension": "social-security", "dibao": "civil-affairs"}[wanted]
    filed = ways.file("house", beside)
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "propose-transfer", {"reason": "needs-other-help", "to_agency": agency})
    with pytest.raises(error):
        ways.add(
            filed["id"],
            {"programme": wanted, "replaces": leg},
            consents=(consent_for(wanted, agency=agency),),
        )
    assert ways.referral(leg).status is Status.TRANSFER_PROPOSED
    assert len(ways.seen(filed["id"])["legs"]) == 2


def test_a_successor_that_doubles_what_another_request_of_the_desk_has_open_is_its_task(
    ways: BothWays,
) -> None:
    person = a_person()
    other = ways.file("house", person=person)
    filed = handed_over(ways, person, consents=OF_BOTH)
    successor = ways.seen(filed["id"])["legs"][1]
    (task,) = list_tasks(ways.intake, HUT, ListTasks(kinds=["duplicate"]))
    assert (task["request"], task["leg"]) == (filed["id"], successor["id"])
    assert (task["detail"]["programmes"], task["detail"]["other"]["request"]) == (["house"], other["id"])
    assert list_tasks(ways.intake, SPECIALIST, ListTasks(kinds=["duplicate"])) == []


def test_what_another_desk_has_open_is_the_specialists_to_compare_with_a_successor(ways: BothWays) -> None:
    person = a_person()
    submit_request(ways.intake, a_principal("hut", unit=OTHER_UNIT), a_command("house", person=person))
    filed = handed_over(ways, person, consents=OF_BOTH)
    assert list_tasks(ways.intake, HUT, ListTasks(kinds=["duplicate"])) == []
    (task,) = list_tasks(ways.intake, SPECIALIST, ListTasks(kinds=["duplicate"]))
    assert (task["request"], task["detail"]["programmes"]) == (filed["id"], ["house"])


def test_who_makes_a_successor_by_hand_is_warned_of_what_it_doubles(ways: BothWays) -> None:
    person = a_person()
    other = ways.file("house", person=person)
    filed = handed_over(ways, person)
    wanted = {"programme": "house", "replaces": filed["legs"][0]["id"]}
    added = ways.add(filed["id"], wanted, consents=(consent_for("house", agency="housing"),))
    (warning,) = added["warnings"]
    assert (warning["code"], warning["number"]) == ("duplicate", other["number"])


def handed_over(ways: BothWays, person: dict[str, Any], **filing: Any) -> dict[str, Any]:
    """File a request whose agency hands its one leg over to housing."""
    filed = ways.file("dibao", person=person, **filing)
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "propose-transfer", TO_HOUSING)
    return filed


def told_of(ways: BothWays, request: str) -> list[dict[str, Any]]:
    """Give the desk's tasks about successors that were not made."""
    return list_tasks(ways.intake, HUT, ListTasks(kinds=["successor-refused"], request=request))
