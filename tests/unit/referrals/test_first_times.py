"""Somebody is one person however many referrals they have, and nobody once all of these are taken back."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.figures import GRANTED, NOTHING, Count, Figure
from services.referrals.domain.first_times import Standing, Whom, first_times

WHOM = Whom("r-1", "dibao", GRANTED)


def at(unit: str, month: str = "2026-11") -> Figure:
    return Figure("civil-affairs", "dibao", "530103004", unit, month, GRANTED)


def test_the_second_referral_of_one_request_is_the_same_person() -> None:
    counted, standing = first_times({}, [(WHOM, at("a"), 1), (WHOM, at("a", "2026-12"), 1)])
    assert counted == {at("a"): Count(0, people=1)}
    assert standing == {WHOM: Standing(2, at("a"))}


def test_what_is_taken_back_leaves_the_person_while_another_counts() -> None:
    known = {WHOM: Standing(2, at("a"))}
    assert first_times(known, [(WHOM, at("a"), -1)])[0] == {}
    assert first_times(known, [(WHOM, at("a"), -1), (WHOM, at("a"), -1)])[0] == {at("a"): Count(0, people=-1)}


def test_a_person_is_taken_back_where_they_were_counted() -> None:
    counted, _ = first_times({WHOM: Standing(1, at("a"))}, [(WHOM, at("b", "2027-01"), -1)])
    assert counted == {at("a"): Count(0, people=-1)}


def test_who_moves_is_counted_at_the_new_place() -> None:
    counted, standing = first_times({WHOM: Standing(1, at("a"))}, [(WHOM, at("a"), -1), (WHOM, at("b"), 1)])
    assert counted == {at("a"): Count(0, people=-1), at("b"): Count(0, people=1)}
    assert standing == {WHOM: Standing(1, at("b"))}


def test_what_is_taken_back_before_it_was_counted_is_nobody() -> None:
    counted, standing = first_times({}, [(WHOM, at("a"), -1)])
    assert counted == {}
    assert first_times(standing, [(WHOM, at("a"), 1)]) == ({}, {WHOM: Standing(0, at("a"))})


changes = st.lists(
    st.tuples(
        st.builds(Whom, st.sampled_from(["r-1", "r-2", "r-3"]), st.just("dibao"), st.just(GRANTED)),
        st.builds(at, st.sampled_from(["a", "b"]), st.sampled_from(["2026-10", "2026-11"])),
        st.sampled_from([1, 1, 1, -1]),
    ),
    max_size=20,
)


@given(changes, st.integers(0, 20))
def test_people_are_those_who_have_a_referral_left_however_the_changes_are_divided(
    told: list[tuple[Whom, Figure, int]], cut: int
) -> None:
    early, standing = first_times({}, told[:cut])
    late, rest = first_times(standing, told[cut:])
    left: Counter[Whom] = Counter()
    for whom, _, number in told:
        left[whom] += number
    total = sum([*early.values(), *late.values()], NOTHING)
    assert total.people == sum(number > 0 for number in left.values())
    assert {whom: now.number for whom, now in {**standing, **rest}.items()} == dict(left)


turns = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([None, "p-1", "p-2", "p-3"]),
        st.builds(at, st.sampled_from(["a", "b"]), st.sampled_from(["2026-10", "2026-11"])),
    ),
    max_size=20,
)
"""A referral (by its place) counts from now on: for whom, and where; for None it counts no longer."""


@given(turns, st.integers(0, 40))
def test_people_are_those_of_a_recount_whoever_a_referral_turns_out_to_be_about(
    told: list[tuple[int, str | None, Figure]], cut: int
) -> None:
    now: dict[int, tuple[Whom, Figure]] = {}
    changes: list[tuple[Whom, Figure, int]] = []
    for place, person, figure in told:
        if place in now:
            changes.append((*now.pop(place), -1))
        if person is not None:
            now[place] = (WHOM._replace(person=person), figure)
            changes.append((*now[place], 1))
    early, standing = first_times({}, changes[:cut])
    late, rest = first_times(standing, changes[cut:])
    total: Counter[Figure] = Counter()
    for counted in (early, late):
        total.update({figure: count.people for figure, count in counted.items()})
    assert total.total() == len({whom for whom, _ in now.values()})
    assert all(people >= 0 for people in total.values())
    assert {whom for whom, one in {**standing, **rest}.items() if one.number} == {
        whom for whom, _ in now.values()
    }
