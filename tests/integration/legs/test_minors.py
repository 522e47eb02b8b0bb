"""What is asked for somebody under 18 is never put on public notice, and nothing outside tells why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.filing import Beneficiary
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest, correct_request
from services.referrals.domain.errors import BadFields
from tests.builders import a_consent, a_person, an_installation, id_number
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays

CHILD = date(2017, 5, 4)
BY_GUARDIAN = {"given_by": "guardian", "guardian": {"name": "李建国", "relation": "parent"}}


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """On one database: what is decided here no database decides."""
    return BothWays(an_installation(sqlite_database))


def a_child() -> dict[str, Any]:
    return a_person(birth_date=CHILD.isoformat(), id_number=id_number(CHILD, 7))


def consents(*programmes: str) -> list[dict[str, Any]]:
    return [a_consent("civil-affairs", programmes, **BY_GUARDIAN)]


def put_right(ways: BothWays, request: str, **given: Any) -> dict[str, Any]:
    ways.later(minutes=1)
    answer = correct_request(ways.intake, HUT, CorrectRequest(request=request, **given))
    ways.carry()
    return answer


def steps(ways: BothWays, leg: str) -> list[str]:
    return list(ways.referral(leg).rules["steps"])


def test_a_childs_leg_goes_out_without_the_public_notice(ways: BothWays) -> None:
    leg = ways.file("tekun", person=a_child(), consents=consents("tekun"))["legs"][0]["id"]
    assert steps(ways, leg) == ["street-review", "capacity-check", "district-decision"]
    assert ways.referral(leg).rules["publicity"] is None
    ways.at_desk(leg, "accept")
    with pytest.raises(BadFields) as refused:
        ways.at_desk(leg, "start", {"step": "publicity"})
    assert "not put on public notice" in refused.value.faults[0].message.en


def test_a_grown_ups_leg_keeps_it(ways: BothWays) -> None:
    leg = ways.file("tekun")["legs"][0]["id"]
    assert "publicity" in steps(ways, leg)
    assert ways.referral(leg).rules["publicity"]["total"] == 7


def test_it_is_the_age_of_the_one_whom_the_leg_is_for_that_counts(ways: BothWays) -> None:
    filed = ways.file("pension")
    child = {"relation": "child", "name": "李小雨", "birth_date": CHILD}
    added = ways.add(
        filed["id"],
        {"programme": "dibao", "beneficiary": child},
        consents=(a_consent("civil-affairs", ("dibao",)),),
    )
    assert "publicity" not in steps(ways, added["legs"][0]["id"])


def test_a_birth_date_put_right_takes_the_notice_out_though_the_agency_reads_none(ways: BothWays) -> None:
    consent = a_consent("employment", ("hard-emp",), data_kinds=["identity"])
    person = a_person(id_number=None, birth_date="1987-05-04")
    filed = ways.file("hard-emp", person=person, consents=[consent])
    leg = filed["legs"][0]["id"]
    answer = put_right(ways, filed["id"], person={"birth_date": date(2009, 5, 4)})
    assert [one["resealed"] for one in answer["legs"]] == [True]
    assert "publicity" not in steps(ways, leg)
    command = [event for event in ways.asked(filed["id"]) if event.type.startswith("referral.reseal")][-1]
    assert command.data["unpublished"] is True
    assert "2009" not in str([value for name, value in command.data.items() if name != "packet"])


def test_a_beneficiary_put_right_takes_it_out_of_that_leg_alone(ways: BothWays) -> None:
    filed = ways.file("tekun", "hard-emp")
    tekun, other = (leg["id"] for leg in filed["legs"])
    child = Beneficiary(relation="child", name="李小雨", birth_date=CHILD)
    put_right(ways, filed["id"], legs=(CorrectedLeg(tekun, {"beneficiary": child}),))
    assert "publicity" not in steps(ways, tekun)
    assert "publicity" in steps(ways, other)


def test_a_birth_date_put_right_asks_for_the_guardians_consent_until_it_is_there(ways: BothWays) -> None:
    person = a_person(id_number=None, birth_date="1987-05-04")
    filed = ways.file("dibao", person=person, consents=[a_consent("civil-affairs", ("dibao",))])
    put_right(ways, filed["id"], person={"birth_date": CHILD})
    assert ways.tasks(filed["id"]) == ["consent-needed"]
    with pytest.raises(InvalidFiling) as refused:
        ways.add(filed["id"], consents=(a_consent("civil-affairs", ("dibao",)),))
    assert [fault.field for fault in refused.value.faults] == ["consents.0.given_by"]
    ways.add(filed["id"], consents=(*consents("dibao"),))
    assert ways.tasks(filed["id"]) == []
