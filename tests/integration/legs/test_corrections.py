"""Data put right after they were sent: each agency is sent what it may read of it, and told which fields changed."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest, correct_request
from services.intake.use_cases.read_requests import ListRequests, list_requests
from services.intake.use_cases.withdraw_request import StaleRequest
from services.referrals.domain.status import Status
from tests.builders import a_consent, id_number
from tests.integration.legs.both_ways import HUT, BothWays


def put_right(ways: BothWays, request: str, **given: Any) -> dict[str, Any]:
    ways.later(minutes=1)
    answer = correct_request(ways.intake, HUT, CorrectRequest(request=request, **given))
    ways.carry()
    return answer


def test_a_corrected_name_reaches_every_agency(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    answer = put_right(ways, filed["id"], person={"name": "李明华"})
    assert answer["changed"] == ["name"]
    for leg in (one["id"] for one in filed["legs"]):
        packet = ways.opened(leg)
        assert (packet["rev"], packet["person"]["name"], packet["changed"]) == (2, "李明华", ["name"])
        assert ways.told(leg)[-2].type == "referral.resealed.v1"
        assert ways.told(leg)[-2].data["changed"] == ["name"]
    (listed,) = list_requests(ways.intake, HUT, ListRequests(search="李明华"))
    assert listed["id"] == filed["id"]


def test_an_agency_is_sent_nothing_it_may_not_read(ways: BothWays) -> None:
    consents = [
        a_consent("civil-affairs", ("dibao",), data_kinds=["identity", "income"]),
        a_consent("social-security", ("pension",), data_kinds=["identity"]),
    ]
    filed = ways.file("dibao", "pension", consents=consents, answers={"income_per_head": 420})
    answer = put_right(ways, filed["id"], answers={"income_per_head": 380}, person={"phone": "13900001111"})
    assert [leg["resealed"] for leg in answer["legs"]] == [True, False]
    dibao, pension = (one["id"] for one in filed["legs"])
    assert ways.told(dibao)[-2].data["changed"] == ["income_per_head"]
    assert ways.opened(dibao)["answers"] == {"income_per_head": 380}
    assert ways.opened(pension)["rev"] == 1


def test_outside_its_packet_a_clinical_leg_does_not_tell_which_answer_changed(ways: BothWays) -> None:
    district = ways.intake.directory.current()
    name = district.programmes["psy"].fields[0]
    kinds = ["identity", district.fields[name].kind]
    consents = [a_consent("health", ("psy",), data_kinds=sorted(set(kinds)))]
    filed = ways.file("psy", consents=consents)
    leg = filed["legs"][0]["id"]
    value: Any = {"boolean": True, "number": 1}.get(district.fields[name].type, "是")
    if district.fields[name].options:
        value = next(iter(district.fields[name].options))
        value = [value] if district.fields[name].type == "options" else value
    put_right(ways, filed["id"], answers={name: value})
    assert ways.told(leg)[-2].data["changed"] == ["answers"]
    assert ways.opened(leg)["changed"] == [name]


def test_a_leg_that_has_ended_is_not_sealed_again(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    ways.withdraw(filed["id"], filed["legs"][0]["id"])
    answer = put_right(ways, filed["id"], person={"name": "李明华"})
    assert [leg["resealed"] for leg in answer["legs"]] == [False, True]
    assert ways.referral(filed["legs"][0]["id"]).status is Status.CANCELLED


def test_what_is_wrong_is_put_right_also_where_its_agency_has_closed_the_leg(ways: BothWays) -> None:
    made = ways.file("dibao")
    request, leg = made["id"], made["legs"][0]["id"]
    for action, fields in (
        *(("acknowledge", {}), ("accept", {})),
        ("close", {"outcome": "approved", "amount": 650, "period": "monthly"}),
    ):
        ways.at_desk(leg, action, fields)
    assert ways.seen(request)["status"] == "ended"
    answer = put_right(ways, request, person={"name": "李明华"})
    assert [one["resealed"] for one in answer["legs"]] == [True]
    assert (ways.opened(leg)["person"]["name"], ways.referral(leg).status) == ("李明华", Status.CLOSED)
    assert (ways.seen(request)["status"], ways.all_letters()) == ("ended", [])


def test_a_note_and_a_beneficiary_are_put_right_for_their_leg_alone(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    dibao, pension = (one["id"] for one in filed["legs"])
    given = CorrectedLeg(dibao, {"note": "门牌号有变"})
    put_right(ways, filed["id"], legs=(given,))
    assert ways.opened(dibao)["note"] == "门牌号有变"
    assert ways.opened(pension)["rev"] == 1
    assert ways.leg(filed["id"], dibao)["note"] == "门牌号有变"


def test_a_value_can_be_taken_away(ways: BothWays) -> None:
    filed = ways.file("dibao", answers={"household_size": 3})
    put_right(ways, filed["id"], answers={"household_size": None}, person={"phone": None})
    read = ways.seen(filed["id"])
    assert read["answers"] == {}
    assert "phone" not in read["person"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"person": {"id_number": "990000198503120010"}}, "person.id_number"),
        ({"person": {"residence": "110101001001"}}, "person.residence"),
        ({"answers": {"no_such_field": 1}}, "answers.no_such_field"),
        ({"answers": {"household_size": "三"}}, "answers.household_size"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_sent(
    ways: BothWays, given: dict[str, Any], field: str
) -> None:
    filed = ways.file("dibao")
    with pytest.raises(InvalidFiling) as refused:
        put_right(ways, filed["id"], **given)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert len(ways.asked(filed["id"])) == 1


def test_a_note_that_would_tell_what_somebody_is_in_is_refused(ways: BothWays) -> None:
    filed = ways.file("dibao")
    given = CorrectedLeg(filed["legs"][0]["id"], {"note": "正在社区戒毒"})
    with pytest.raises(InvalidFiling) as refused:
        put_right(ways, filed["id"], legs=(given,))
    assert [fault.field for fault in refused.value.faults] == ["legs.0.note"]


def test_what_is_there_already_is_no_correction(ways: BothWays) -> None:
    filed = ways.file("dibao", answers={"household_size": 3})
    with pytest.raises(Breach) as refused:
        put_right(ways, filed["id"], answers={"household_size": 3})
    assert refused.value.id == "nothing-changed"


def test_a_correction_is_decided_on_the_version_that_was_seen(ways: BothWays) -> None:
    filed = ways.file("dibao")
    with pytest.raises(StaleRequest):
        put_right(ways, filed["id"], person={"name": "李明华"}, version=1)


def test_a_corrected_number_finds_the_person_under_it(ways: BothWays) -> None:
    filed = ways.file("dibao")
    number = id_number(sequence=77)
    put_right(ways, filed["id"], person={"id_number": number, "birth_date": None})
    (listed,) = list_requests(ways.intake, HUT, ListRequests(search=number))
    assert listed["id"] == filed["id"]
