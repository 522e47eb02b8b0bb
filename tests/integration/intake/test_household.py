"""Households: requests of one desk, linked with their relations and taken apart again."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.errors import InvalidFiling, NotThere
from services.intake.domain.household import Member
from services.intake.use_cases.context import Context
from services.intake.use_cases.household import LinkHousehold, link_household, read_household
from services.intake.use_cases.move_request import MoveRequest, move_request
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import StaleRequest
from shared import ids
from shared.identity import Forbidden
from tests.builders import OTHER_UNIT, a_command, a_person, a_principal

HUT, OTHER = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)


def a_request(context: Context, principal: Any = HUT, name: str = "李明华") -> str:
    filed = submit_request(context, principal, a_command("dibao", person=a_person(name=name)))
    return str(filed["id"])


def link(context: Context, head: str, **members: str) -> dict[str, Any]:
    """Link by relation: ``child=…``."""
    wanted = tuple(Member(request, relation) for relation, request in members.items())
    return link_household(context, HUT, LinkHousehold(request=head, members=wanted))


def test_requests_of_one_desk_are_linked_as_a_household(context: Context) -> None:
    head, child = a_request(context), a_request(context, name="李小雨")
    linked = link(context, head, child=child)
    assert [(one["request"], one["relation"], one["name"]) for one in linked["members"]] == [
        (head, "self", "李**"),
        (child, "child", "李**"),
    ]
    assert read_household(context, HUT, child)["household"] == linked["household"]
    assert linked["version"] == 2


def test_linking_anew_replaces_the_members(context: Context) -> None:
    head, child, spouse = (a_request(context) for _ in range(3))
    first = link(context, head, child=child)
    second = link(context, head, spouse=spouse)
    assert second["household"] == first["household"]
    assert [one["request"] for one in second["members"]] == [head, spouse]
    assert read_household(context, HUT, child) == {"household": None, "version": 1, "members": []}


def test_no_members_take_it_apart(context: Context) -> None:
    head, child = a_request(context), a_request(context)
    link(context, head, child=child)
    assert link(context, head)["members"] == []
    assert read_household(context, HUT, head)["household"] is None


def test_a_request_of_another_desk_is_not_linked_and_not_told_of(context: Context) -> None:
    head, foreign = a_request(context), a_request(context, OTHER)
    words = []
    for other in (foreign, ids.new()):
        with pytest.raises(InvalidFiling) as told:
            link(context, head, child=other)
        words.append([(fault.field, str(fault.message)) for fault in told.value.faults])
    assert words[0] == words[1]
    assert words[0][0][0] == "members.0.request"
    assert told.value.rule == "no-such-request-here"


def test_nobody_belongs_to_two_households(context: Context) -> None:
    first, second, child = (a_request(context) for _ in range(3))
    link(context, first, child=child)
    with pytest.raises(InvalidFiling) as told:
        link(context, second, child=child)
    assert told.value.rule == "other-household"


def test_who_belongs_to_a_household_does_not_take_it_apart_by_linking_some_of_it(context: Context) -> None:
    head, child, spouse = (a_request(context) for _ in range(3))
    first = link(context, head, child=child, spouse=spouse)
    for members in ({"parent": child}, {}):
        with pytest.raises(InvalidFiling) as told:
            link(context, spouse, **members)
        (fault,) = told.value.faults
        assert (fault.field, fault.rule) == ("members", "household-left-out")
        # Which one heads it and has to be named, or asked.
        assert read_household(context, HUT, head)["members"][0]["number"] in fault.message.en
    assert read_household(context, HUT, child)["members"] == first["members"]


def test_who_belongs_to_a_household_heads_it_once_all_of_it_are_named(context: Context) -> None:
    head, child = a_request(context), a_request(context)
    first = link(context, head, child=child)
    second = link(context, child, parent=head)
    assert second["household"] == first["household"]
    assert [(one["request"], one["relation"]) for one in second["members"]] == [
        (child, "self"),
        (head, "parent"),
    ]


def test_the_request_itself_is_not_its_own_member(context: Context) -> None:
    head = a_request(context)
    with pytest.raises(InvalidFiling):
        link(context, head, child=head)


def test_an_old_version_is_told(context: Context) -> None:
    head = a_request(context)
    with pytest.raises(StaleRequest):
        link_household(context, HUT, LinkHousehold(request=head, members=(), version=9))


def test_a_household_is_its_desks(context: Context) -> None:
    head = a_request(context)
    with pytest.raises(NotThere):
        link_household(context, OTHER, LinkHousehold(request=head, members=()))
    with pytest.raises(NotThere):
        read_household(context, OTHER, head)
    with pytest.raises(Forbidden):
        read_household(context, a_principal("desk", agency="civil-affairs"), head)
    assert read_household(context, a_principal("specialist"), head)["members"] == []


def test_a_member_moved_to_another_desk_is_seen_by_that_desk_alone(context: Context) -> None:
    head, child = a_request(context), a_request(context)
    link(context, head, child=child)
    move_request(
        context,
        a_principal("specialist"),
        MoveRequest(request=child, unit=OTHER_UNIT, reason="residence-changed"),
    )
    assert [one["request"] for one in read_household(context, HUT, head)["members"]] == [head]
    assert [one["request"] for one in read_household(context, OTHER, child)["members"]] == [child]


def test_what_helps_a_whole_household_is_filed_twice_when_two_of_it_ask(context: Context) -> None:
    one, two = a_person(), a_person()
    first, second = (
        submit_request(context, HUT, a_command(programme, person=person))
        for programme, person in (("dibao", one), ("pension", two))
    )
    members = (Member(second["id"], "spouse"),)
    link_household(context, HUT, LinkHousehold(request=first["id"], members=members))
    (warning,) = submit_request(context, HUT, a_command("dibao", person=two))["warnings"]
    assert (warning["code"], warning["number"]) == ("duplicate", first["number"])
    # What each has for themselves is no matter of the household.
    assert submit_request(context, HUT, a_command("pension", person=one))["warnings"] == []
