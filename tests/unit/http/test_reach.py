"""How far somebody may see rows: as far as they may read, and do what they are about to."""

from __future__ import annotations

import pytest

from shared.http.reach import by_grant
from shared.identity import Post, Principal, allow

told = by_grant("referrals.read")


def said(action: str, *posts: Post, scope: str | None = None) -> str:
    principal = Principal(staff="somebody", session="of-a-test", posts=posts, scope=scope)
    return told(principal, allow(principal, action)).decode()


@pytest.mark.parametrize(
    ("posts", "wanted"),
    [
        ([Post("desk", agency="health")], "aid.everything='off';SET LOCAL aid.agencies='health'"),
        ([Post("hut", unit="530103004007")], "aid.everything='off';SET LOCAL aid.units='530103004007'"),
        ([Post("specialist", unit="530103004")], "aid.everything='off';SET LOCAL aid.streets='530103004'"),
        (
            [Post("desk", agency="health", unit="530103004")],
            "aid.everything='off';SET LOCAL aid.counters='health/530103004'",
        ),
        ([Post("coordinator")], "aid.everything='on'"),
    ],
)
def test_a_reach_is_that_of_ones_posts(posts: list[Post], wanted: str) -> None:
    assert said("referrals.read", *posts) == f"SET LOCAL {wanted}"


def test_of_several_posts_it_is_all_of_them() -> None:
    reach = said("referrals.read", Post("desk", agency="health"), Post("hut", unit="530103004007"))
    assert "aid.agencies='health'" in reach
    assert "aid.units='530103004007'" in reach


def test_a_system_that_may_only_act_reaches_what_it_acts_on() -> None:
    reach = said("referrals.accept", Post("client", agency="health"), scope="referrals.accept")
    assert reach == "SET LOCAL aid.everything='off';SET LOCAL aid.agencies='health'"


def test_whoever_may_read_all_of_something_else_reaches_nothing() -> None:
    assert said("audit.read", Post("auditor")) == "SET LOCAL aid.everything='off'"
