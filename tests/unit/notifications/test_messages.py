"""Who is told of which fact of a leg, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.domain.inboxes import of_post, of_posts
from services.notifications.domain.messages import TOLD, Fact, message_for, sentence_of, wording
from shared.events import CATALOGUE
from shared.identity import Post
from shared.text import Text
from tests.builders import MONDAY, the_district

NUMBER = "MZ-2026-7K3F9QXD"


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
    }
    return Fact(**{**known, **changes})


def test_the_agencys_desk_is_told_that_a_referral_was_issued() -> None:
    message = message_for(a_fact())
    assert message is not None
    assert message.inbox == "desk:civil-affairs"


@pytest.mark.parametrize("type_", sorted(set(TOLD) - {"referral.issued.v1"}))
def test_the_desk_that_filed_is_told_of_every_later_fact(type_: str) -> None:
    message = message_for(a_fact(type_))
    assert message is not None
    assert message.inbox == "hut:530103004007"


def test_every_fact_of_a_leg_is_told_but_the_answer_to_a_command() -> None:
    facts = {row.type for row in CATALOGUE.values() if row.aggregate == "referral"}
    assert facts - set(TOLD) == {"referral.cancel-done.v1"}
    assert message_for(a_fact("referral.cancel-done.v1")) is None


def test_an_agency_never_learns_which_request_a_leg_belongs_to() -> None:
    to_the_desk, to_the_hut = message_for(a_fact()), message_for(a_fact("referral.accepted.v1"))
    assert to_the_desk is not None
    assert to_the_hut is not None
    assert to_the_desk.request is None
    assert to_the_hut.request == a_fact().request


@pytest.mark.parametrize(
    ("post", "inbox"),
    [
        (Post("desk", agency="health"), "desk:health"),
        (Post("hut", unit="530103004007"), "hut:530103004007"),
        (Post("coordinator"), "coordinator"),
    ],
)
def test_an_inbox_belongs_to_a_post(post: Post, inbox: str) -> None:
    assert of_post(post) == inbox


def test_who_holds_two_posts_reads_both_inboxes_once() -> None:
    desk = Post("desk", agency="health")
    assert of_posts([desk, Post("coordinator"), desk]) == ["coordinator", "desk:health"]


@pytest.mark.parametrize("code", ["530103", "141002"])
@pytest.mark.parametrize("type_", sorted(TOLD))
def test_every_district_has_a_sentence_in_both_languages_for_everything_told(type_: str, code: str) -> None:
    sentence = the_district(code).texts[sentence_of(type_)]
    values = {name: Text(f"{name}甲", f"{name}A") for name in ("number", "programme", "agency", "outcome")}
    said = wording(sentence, values)
    assert "number甲" in said.zh
    assert "numberA" in said.en
    assert "{" not in said.zh + said.en


def test_a_fact_without_a_sentence_is_still_told() -> None:
    said = wording(None, {"number": Text(NUMBER, NUMBER), "programme": Text("低保", "allowance")})
    assert said.zh == f"{NUMBER}（低保）有新消息。"
    assert said.en == f"There is news of {NUMBER} (allowance)."
