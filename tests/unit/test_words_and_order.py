"""Words for people in both languages, and causes told before what follows from them."""

from __future__ import annotations

from shared.ordering import causes_first
from shared.text import Text, listed

AGENCY = Text("民政局", "Civil Affairs")


def test_a_text_within_a_text_is_told_in_the_same_language() -> None:
    told = Text("{who}：{count} 件", "{who}: {count}").format(who=AGENCY, count=3)
    assert told == Text("民政局：3 件", "Civil Affairs: 3")


def test_each_language_lists_things_its_own_way() -> None:
    assert listed([AGENCY, Text("医保局", "Medical Insurance")]) == Text(
        "民政局、医保局", "Civil Affairs, Medical Insurance"
    )
    assert listed([]) == Text("", "")


def test_a_cause_that_comes_later_is_told_just_before_what_follows_from_it() -> None:
    causes = {"b": ["d"], "d": ["c"]}
    assert causes_first("abcd", lambda name: causes.get(name, ())) == ["a", "c", "d", "b"]


def test_things_that_follow_from_each_other_are_all_told_once() -> None:
    assert causes_first("ab", lambda name: {"a": "b", "b": "a"}[name]) == ["b", "a"]
