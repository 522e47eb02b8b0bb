"""Who is told of which fact of a leg, and as what."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.domain.inboxes import of_person, of_post, of_posts
from services.notifications.domain.messages import (
    TOLD,
    Fact,
    messages_for,
)
from shared.events import CATALOGUE
from shared.identity import Post
from tests.builders import MONDAY

NUMBER = "MZ-2026-7K3F9QXD"
HANDS = {"assignee": "chen", "holder": "zhao"}


def a_fact(type_: str = "referral.issued.v1", **changes: Any) -> Fact:
    known = {
        "event_id": "019aae11-0006-7f10-8b2c-0a1b2c3d4e06",
        "type": type_,
        "subject": "019aae10-4c01-7c42-8a10-6d5b3e9f7c02",
        "agency": "civil-affairs",
        "at": MONDAY,
        "number": NUMBER,
        "unit": "530103004007",
        "request": "019aae10-4c00-7b3e-9d51-2f6c8a7e4b01",
        "marks": HANDS,
    }
    return Fact(**{**known, **changes})


def inboxes_of(type_: str, **changes: Any) -> set[str]:
    messages = messages_for(a_fact(type_, **changes))
    assert len({message.inbox for message in messages}) == len(messages)
    return {message.inbox for message in messages}


def test_the_agencys_desk_is_told_that_a_referral_was_issued() -> None:
    assert inboxes_of("referral.issued.v1") == {"desk:civil-affairs"}


def test_the_counter_of_a_street_is_told_of_its_own() -> None:
    assert inboxes_of("referral.issued.v1", desk_street="530103004") == {"desk:civil-affairs@530103004"}


WITHIN_THE_AGENCY = {
    f"referral.{fact}.v1"
    for fact in (
        "approval-requested",
        "approval-settled",
        "claimed",
        "assigned",
        "reassigned",
        "delegated",
        "noted",
    )
}


@pytest.mark.parametrize("type_", sorted(set(TOLD) - WITHIN_THE_AGENCY - {"referral.issued.v1"}))
def test_the_desk_that_filed_is_told_of_every_later_fact(type_: str) -> None:
    assert "hut:530103004007" in inboxes_of(type_, params={"to": "intake-desk"})


@pytest.mark.parametrize("type_", sorted(WITHIN_THE_AGENCY))
def test_what_happens_within_an_agency_stays_there(type_: str) -> None:
    in_person = {f"officer:civil-affairs/{staff}" for staff in HANDS.values()}
    assert inboxes_of(type_) <= {"desk:civil-affairs", "leader:civil-affairs", *in_person}


@pytest.mark.parametrize(
    "fact",
    [
        "return-proposed",
        "returned",
        "return-refused",
        "transfer-proposed",
        "transferred",
        "transfer-refused",
        "suspended",
        "urged",
        "supervised",
    ],
)
def test_what_the_coordinator_watches_comes_to_them_as_well(fact: str) -> None:
    assert "coordinator" in inboxes_of(f"referral.{fact}.v1")


@pytest.mark.parametrize("fact", ["urged", "supervised"])
def test_who_is_chased_learns_of_it_and_their_leader_only_by_a_copy(fact: str) -> None:
    told = inboxes_of(f"referral.{fact}.v1")
    assert told == {"desk:civil-affairs", "hut:530103004007", "coordinator"}


def ways_of(type_: str, **changes: Any) -> dict[str, str | None]:
    return {message.inbox: message.params.get("as") for message in messages_for(a_fact(type_, **changes))}


@pytest.mark.parametrize(
    ("copy_to", "circular", "copies"),
    [
        ((), False, {}),
        (("leader",), False, {"leader:civil-affairs": "copy"}),
        (("leader",), True, {"leader:civil-affairs": "circular"}),
        (
            ("leader", "coordinator"),
            True,
            {"leader:civil-affairs": "circular", "coordinator": "circular"},
        ),
        (("coordinator",), False, {"coordinator": "copy"}),
    ],
)
def test_a_notice_is_copied_to_those_whom_the_table_names_and_nobody_gets_it_twice(
    copy_to: tuple[str, ...], circular: bool, copies: dict[str, str]
) -> None:
    plain = dict.fromkeys(("desk:civil-affairs", "hut:530103004007", "coordinator"))
    assert ways_of("referral.supervised.v1", copy_to=copy_to, circular=circular) == {**plain, **copies}


def test_a_reminder_is_copied_where_the_table_says_and_is_no_circular() -> None:
    ways = ways_of("referral.reminded.v1", copy_to=("leader",), circular=True)
    assert ways == {"desk:civil-affairs": None, "hut:530103004007": None, "leader:civil-affairs": "copy"}


@pytest.mark.parametrize("fact", ["assigned", "reassigned", "delegated"])
def test_who_is_given_work_is_told_that_it_is_theirs_and_who_had_it_that_it_went(fact: str) -> None:
    type_ = f"referral.{fact}.v1"
    assert ways_of(type_) == {"officer:civil-affairs/chen": "yours", "officer:civil-affairs/zhao": None}
    assert inboxes_of(type_, marks={"assignee": "chen"}) == {"officer:civil-affairs/chen"}


def test_who_stood_in_is_told_that_it_was_taken_back() -> None:
    told = inboxes_of("referral.claimed.v1", marks={"assignee": "chen", "holder": "zhao"})
    assert told == {"leader:civil-affairs", "officer:civil-affairs/zhao"}


def test_what_is_told_in_person_is_read_at_the_agency_alone() -> None:
    posts = [Post("leader", agency="health"), Post("hut", unit="530103004007")]
    assert of_person(posts, "chen") == ["hut:530103004007", "leader:health", "officer:health/chen"]


CHASED = {"desk:civil-affairs", "hut:530103004007", "coordinator"}


def test_a_third_return_is_told_as_one_and_copies_stay_copies() -> None:
    ways = ways_of("referral.supervised.v1", marks={"cause": "third-return"}, copy_to=("leader",))
    assert ways == {**dict.fromkeys(CHASED, "third-return"), "leader:civil-affairs": "copy"}


def test_who_has_to_decide_again_is_told_that_no_successor_was_made() -> None:
    type_, params = "referral.reminded.v1", {"about": "reissue-refused"}
    assert ways_of(type_, params=params) == dict.fromkeys(CHASED)
    assert "coordinator" not in ways_of(type_, params={"about": "review"})


def test_that_a_place_is_free_is_told_to_whoever_opens_the_leg_again_and_whoever_gives_the_place() -> None:
    ways = ways_of("referral.reminded.v1", params={"about": "place-free"})
    assert ways == dict.fromkeys({"desk:civil-affairs", "coordinator"})


def test_why_an_agency_is_late_is_told_to_whoever_chases_it_and_is_no_note() -> None:
    assert ways_of("referral.noted.v1", marks={"reason": "staff-short"}) == dict.fromkeys(CHASED, "delay")
    assert ways_of("referral.noted.v1") == {"desk:civil-affairs": None}


@pytest.mark.parametrize(("by_post", "hears"), [("intake-desk", True), ("coordinator", False)])
def test_the_coordinator_is_told_of_what_the_help_desk_takes_down(by_post: str, *, hears: bool) -> None:
    told = inboxes_of("referral.recorded-on-behalf.v1", marks={"by_post": by_post})
    assert ("coordinator" in told) == hears
    assert told - {"coordinator"} == {"desk:civil-affairs", "hut:530103004007", "leader:civil-affairs"}


def test_only_the_agency_is_asked_to_object_to_what_was_taken_down_in_its_name() -> None:
    ways = ways_of("referral.recorded-on-behalf.v1", marks={"by_post": "intake-desk"})
    its_own = {"desk:civil-affairs": "agency", "leader:civil-affairs": "agency"}
    assert ways == {"hut:530103004007": None, "coordinator": None, **its_own}


@pytest.mark.parametrize(
    ("whose", "issued", "told"),
    [
        ("specialist", False, {"specialist:530103004", "hut:530103004007", "coordinator"}),
        ("coordinator", True, {"coordinator"}),
    ],
)
def test_who_is_late_hears_of_it_and_not_the_agency(whose: str, issued: bool, told: set[str]) -> None:
    fact = {"whose": whose, "issued": issued, "params": {"street": "530103004"}}
    assert set(ways_of("referral.reminded.v1", **fact)) == told


def test_no_other_fact_is_copied_to_anybody() -> None:
    for type_ in set(TOLD) - {"referral.supervised.v1", "referral.reminded.v1"}:
        assert ways_of(type_, copy_to=("leader", "coordinator")) == ways_of(type_)


TOLD_TO_LEADERS = {"approval-requested", "claimed", "rated", "recorded-on-behalf"}


def test_a_leader_is_told_what_waits_for_them_who_has_what_in_hand_and_what_others_say_or_take_down() -> None:
    told = {type_ for type_ in TOLD if "leader:civil-affairs" in inboxes_of(type_)}
    assert told == {f"referral.{fact}.v1" for fact in TOLD_TO_LEADERS}


@pytest.mark.parametrize(
    ("to", "inbox"), [("intake-desk", "hut:530103004007"), ("desk", "desk:civil-affairs")]
)
def test_a_message_is_told_to_the_side_it_was_sent_to(to: str, inbox: str) -> None:
    assert inboxes_of("referral.messaged.v1", params={"to": to}) == {inbox}


def test_of_a_leg_that_waits_for_the_check_its_agency_hears_nothing() -> None:
    for type_ in TOLD:
        told = inboxes_of(type_, issued=False, copy_to=("leader", "coordinator"))
        assert not [inbox for inbox in told if "civil-affairs" in inbox]


def test_every_fact_of_a_leg_is_told_but_the_done_of_a_command_and_what_is_nobodys_business() -> None:
    facts = {row.type for row in CATALOGUE.values() if row.aggregate == "referral"}
    untold = facts - set(TOLD)
    kept = {f"referral.{fact}.v1" for fact in ("planned", "opened", "erased")}
    assert untold == {type_ for type_ in facts if type_.endswith("-done.v1")} | kept
    assert set(TOLD) <= facts
    assert messages_for(a_fact("referral.cancel-done.v1")) == []


@pytest.mark.parametrize("type_", sorted(TOLD))
def test_an_agency_never_learns_which_request_a_leg_belongs_to(type_: str) -> None:
    for message in messages_for(a_fact(type_)):
        assert (message.request is not None) == message.inbox.startswith("hut:")


@pytest.mark.parametrize(
    ("post", "inbox"),
    [
        (Post("desk", agency="health"), "desk:health"),
        (Post("hut", unit="530103004007"), "hut:530103004007"),
        (Post("coordinator"), "coordinator"),
        (Post("leader", agency="health"), "leader:health"),
        (Post("desk", agency="health", unit="530103004"), "desk:health@530103004"),
    ],
)
def test_an_inbox_belongs_to_a_post(post: Post, inbox: str) -> None:
    assert of_post(post) == inbox


def test_who_holds_two_posts_reads_both_inboxes_once() -> None:
    desk = Post("desk", agency="health")
    assert of_posts([desk, Post("coordinator"), desk]) == ["coordinator", "desk:health"]
