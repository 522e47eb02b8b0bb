"""A case goes to another unit with all its legs, and two cases of one person become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import IllegalStep, InvalidFiling, NotThere
from services.intake.use_cases.left_behind import LeftBehind
from services.intake.use_cases.merge_requests import MergeRequests, merge_requests
from services.intake.use_cases.move_request import MoveRequest, move_request
from services.intake.use_cases.staff import disable_staff, sync_staff
from services.intake.use_cases.tasks import ListTasks, finish_task, list_tasks
from services.referrals.domain.status import Status
from shared.directory import Post, StaffMember
from shared.identity import Forbidden
from tests.builders import HUT_UNIT, OTHER_UNIT, STREET, a_person, a_principal
from tests.integration.legs.both_ways import HUT, SPECIALIST, BothWays

THERE = a_principal("hut", unit=OTHER_UNIT)
FAR = "530103001"


def move(ways: BothWays, request: str, unit: str = OTHER_UNIT, **changes: Any) -> dict[str, Any]:
    ways.later(minutes=1)
    command = MoveRequest(request=request, unit=unit, reason="residence-changed", **changes)
    answer = move_request(ways.intake, SPECIALIST, command)
    ways.carry()
    return answer


def merge(ways: BothWays, request: str, into: str) -> dict[str, Any]:
    ways.later(minutes=1)
    answer = merge_requests(ways.intake, SPECIALIST, MergeRequests(request=request, into=into))
    ways.carry()
    return answer


def test_a_case_goes_with_its_legs_and_its_history(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    request = filed["id"]
    ways.withdraw(request, filed["legs"][1]["id"])
    move(ways, request)
    for leg in filed["legs"]:
        assert ways.referral(leg["id"]).unit == OTHER_UNIT
        assert ways.facts(leg["id"])[-1] == "moved"
        assert ways.told(leg["id"])[-1].data["unit"] == OTHER_UNIT
    with pytest.raises(NotThere):
        ways.seen(request)
    read = ways.seen(request, by=THERE)
    assert (read["unit"], len(read["history"]) > 3) == (OTHER_UNIT, True)
    assert ways.tasks(request) == ["hand-over"]
    assert ways.all_letters() == []


def test_the_tasks_of_a_case_go_with_it(ways: BothWays) -> None:
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交"})
    move(ways, filed["id"])
    assert ways.tasks(filed["id"]) == ["papers-wanted", "hand-over"]


def test_what_follows_is_the_new_units_business(ways: BothWays) -> None:
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    move(ways, filed["id"])
    ways.at_desk(leg, "accept")
    assert ways.told(leg)[-1].data["unit"] == OTHER_UNIT
    with pytest.raises(NotThere):
        ways.ask(filed["id"], leg, "message", {"text": "你好"})
    ways.ask(filed["id"], leg, "message", {"text": "你好"}, by=THERE)


def test_a_case_moved_to_another_street_is_out_of_the_old_specialists_reach(ways: BothWays) -> None:
    filed = ways.file("dibao")
    answer = move(ways, filed["id"], FAR)
    assert (answer["unit"], answer["street"]) == (FAR, FAR)
    with pytest.raises(NotThere):
        ways.seen(filed["id"], by=SPECIALIST)


@pytest.mark.parametrize(
    ("unit", "rule"), [("110101", "no-such-unit"), ("530103", "no-such-unit"), (HUT_UNIT, "same-unit")]
)
def test_a_case_goes_to_another_unit_of_the_district(ways: BothWays, unit: str, rule: str) -> None:
    filed = ways.file("dibao")
    with pytest.raises(InvalidFiling) as refused:
        move(ways, filed["id"], unit)
    assert [(fault.field, fault.rule) for fault in refused.value.faults] == [("unit", rule)]


def staff(ways: BothWays, **posts: Post) -> None:
    """Give each of these people one post and an account, and nobody else."""
    people = tuple(StaffMember(name, name, (post,)) for name, post in posts.items())
    with ways.intake.database.unit_of_work() as uow:
        sync_staff(uow, replace(ways.installation.district, staff=people), ways.installation.clock.now(), {})


def test_a_case_goes_only_where_somebody_can_work_on_it(ways: BothWays) -> None:
    # A specialist sees a case, but neither adds papers to it nor withdraws it.
    far = Post("specialist", unit=FAR)
    staff(ways, hut=Post("hut", unit=HUT_UNIT), near=Post("hut", unit="530103001001"), far=far)
    filed = ways.file("dibao")
    with pytest.raises(InvalidFiling) as refused:
        move(ways, filed["id"], FAR)
    (fault,) = refused.value.faults
    assert (fault.field, fault.rule) == ("unit", "nobody-at-unit")
    assert "530103001001" in fault.message.en
    assert HUT_UNIT not in fault.message.en
    assert ways.seen(filed["id"])["unit"] == HUT_UNIT
    assert move(ways, filed["id"], "530103001001")["street"] == FAR


def test_what_a_desk_without_anybody_has_to_do_comes_to_its_streets_specialist(ways: BothWays) -> None:
    staff(ways, hut=Post("hut", unit=HUT_UNIT), specialist=Post("specialist", unit=STREET))
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交"})
    assert not list_tasks(ways.intake, SPECIALIST, ListTasks())
    ways.later(minutes=1)
    assert disable_staff(ways.intake, "hut") == LeftBehind(to_the_street=(HUT_UNIT,))
    asked, empty = list_tasks(ways.intake, SPECIALIST, ListTasks())
    assert (asked["kind"], asked["request"]) == ("papers-wanted", filed["id"])
    assert (empty["kind"], empty["unit"]) == ("desk-empty", HUT_UNIT)
    assert finish_task(ways.intake, SPECIALIST, asked["id"])["done_at"]
    assert disable_staff(ways.intake, "specialist") == LeftBehind(unseen=(HUT_UNIT,))


def test_the_street_moves_and_merges_and_nobody_else(ways: BothWays) -> None:
    filed = ways.file("dibao")
    command = MoveRequest(request=filed["id"], unit=OTHER_UNIT, reason="residence-changed")
    with pytest.raises(Forbidden):
        move_request(ways.intake, HUT, command)
    with pytest.raises(Forbidden):
        merge_requests(ways.intake, HUT, MergeRequests(request=filed["id"], into=filed["id"]))
    with pytest.raises(NotThere):
        move_request(ways.intake, a_principal("specialist", unit=FAR), command)


def test_of_two_requests_of_one_person_what_was_filed_twice_is_withdrawn(ways: BothWays) -> None:
    person = a_person()
    stays = ways.file("dibao", person=person)
    twice = ways.file("dibao", "pension", person=person)
    answer = merge(ways, twice["id"], stays["id"])
    assert [leg["programme"] for leg in answer["legs"]] == ["dibao"]
    assert answer["merged_into"] == {"id": stays["id"], "number": stays["number"]}
    first, second = (leg["id"] for leg in twice["legs"])
    assert ways.referral(first).status is Status.CANCELLED
    assert ways.referral(first).reason == "duplicate"
    assert ways.referral(second).status is Status.ISSUED
    assert ways.referral(stays["legs"][0]["id"]).status is Status.ISSUED
    with pytest.raises(Breach) as refused:
        ways.add(twice["id"], {"programme": "pension"})
    assert refused.value.id == "merged"
    assert stays["number"] in refused.value.explanation.en


def test_two_people_are_not_merged(ways: BothWays) -> None:
    one, other = ways.file("dibao"), ways.file("dibao")
    for request, into, rule in (
        (one["id"], other["id"], "different-person"),
        (one["id"], one["id"], "same-request"),
    ):
        with pytest.raises(Breach) as refused:
            merge(ways, request, into)
        assert refused.value.id == rule


def test_a_request_is_merged_once(ways: BothWays) -> None:
    person = a_person()
    first, second, third = (ways.file(name, person=person) for name in ("dibao", "pension", "unemp-reg"))
    merge(ways, second["id"], first["id"])
    for request, into in ((second["id"], third["id"]), (third["id"], second["id"])):
        with pytest.raises(Breach) as refused:
            merge(ways, request, into)
        assert refused.value.id == "merged"


def test_what_has_ended_is_not_merged(ways: BothWays) -> None:
    person = a_person()
    stays, ended = ways.file("dibao", person=person), ways.file("pension", person=person)
    ways.withdraw(ended["id"])
    with pytest.raises(IllegalStep):
        merge(ways, ended["id"], stays["id"])
