"""Which counter of its agency a leg goes to, who answers for it, and what is told of somebody registered elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.domain.filing import Person
from services.intake.domain.request import LEG_ENDED
from services.intake.use_cases.routing import (
    answerable_for,
    answerable_for_all,
    desk_street,
    hand_over_note,
)
from shared.directory import District
from tests.builders import HUT_UNIT, STREET, a_district_with_counter, the_district

ELSEWHERE = "530103001001"
"""A community of another street."""


def somebody(residence: str = HUT_UNIT, registered: str | None = None) -> Person:
    """Give a person who lives and is registered somewhere."""
    return Person(name="李秀英", residence=residence, household_registration=registered)


@pytest.fixture
def district() -> District:
    """A district whose civil affairs has somebody at its counter in one street."""
    return a_district_with_counter()


@pytest.mark.parametrize(
    ("programme", "residence", "registered", "street"),
    [
        # By household registration, where that is known; else where they live.
        ("dibao", ELSEWHERE, HUT_UNIT, STREET),
        ("dibao", ELSEWHERE, STREET, STREET),
        ("dibao", ELSEWHERE, f"{STREET}999", STREET),
        ("dibao", HUT_UNIT, ELSEWHERE, None),
        ("dibao", HUT_UNIT, "530103", STREET),
        ("dibao", HUT_UNIT, None, STREET),
        ("dibao", HUT_UNIT, "110101", STREET),
        # By residence, wherever registered.
        ("temp-urgent", HUT_UNIT, ELSEWHERE, STREET),
        ("temp-urgent", ELSEWHERE, HUT_UNIT, None),
        # An agency without counters, and one whose counter nobody staffs.
        ("pension", HUT_UNIT, HUT_UNIT, None),
        ("pub-job", HUT_UNIT, HUT_UNIT, None),
    ],
)
def test_a_leg_goes_to_the_counter_of_its_street(
    district: District, programme: str, residence: str, registered: str | None, street: str | None
) -> None:
    person = somebody(residence, registered)
    assert desk_street(district, district.programmes[programme], person) == street


def test_a_counter_that_nobody_staffs_takes_nothing() -> None:
    district = the_district()
    assert district.agencies["civil-affairs"].desk_for(STREET) is not None
    assert desk_street(district, district.programmes["dibao"], somebody()) is None


@pytest.mark.parametrize(
    ("programme", "registered", "told"),
    [
        ("dibao", "110101", True),
        ("dibao", "530102003004", True),
        ("dibao", HUT_UNIT, False),
        ("dibao", None, False),
        ("temp-urgent", "110101", False),
        ("no-longer-there", "110101", False),
    ],
)
def test_who_is_registered_elsewhere_gets_a_note_where_it_matters(
    programme: str, registered: str | None, *, told: bool
) -> None:
    note = hand_over_note(the_district(), programme, registered, ["identity", "household"])
    assert (note is not None) == told
    if note is not None:
        assert note["code"] == "registered-elsewhere"
        assert (registered or "")[:6] in note["messages"]["zh"]
        assert (registered or "")[:6] in note["messages"]["en"]


@pytest.mark.parametrize(
    ("statuses", "holder"),
    [
        (["planned"], "intake-desk"),
        (["received", "issued"], "intake-desk"),
        (["received", "return-proposed"], "agency"),
        (["received", "closed"], "agency"),
        (["closed", "cancelled"], "intake-desk"),
        ([], "intake-desk"),
    ],
)
def test_whoever_files_answers_until_every_agency_has_acknowledged(statuses: list[str], holder: str) -> None:
    assert answerable_for_all(statuses) == holder
    assert {answerable_for(status) for status in LEG_ENDED} == {None}


def test_a_district_as_it_ships_has_no_counter_in_use() -> None:
    district = the_district()
    for programme in district.programmes.values():
        other = replace(somebody(), household_registration=STREET)
        assert desk_street(district, programme, other) is None
