"""The catalogue of both packs against its sources: what rests on what, what is only remembered, what goes by hand."""

from __future__ import annotations

import pytest

from shared.directory import CLINICAL_OUTWARD, District, StreetDesk, load_pack
from shared.directory.content import district_from

PACKS = ("530103", "141002")
FROM_MEMORY = {
    # nothing of these was read in a text
    "disab": "all",
    "train": "all",
    "startup": "all",
    "pension": "all",
    # read, but for the time they take
    "pub-job": "decide",
    "unemp-ins": "decide",
    "med-aid": "decide",
    "mmt": "decide",
    "smi": "decide",
    "fee-rel": "decide",
    "edu": "decide",
    "house": "decide",
    "temp-urgent": "aid_first",
}
DAYS = {
    "dibao": 30, "dibao-single": 30, "rigid": 30, "tekun": 30, "child-fact": 30,
    "disab": 15, "unemp-reg": 5, "hard-emp": 20, "pub-job": 15, "train": 15, "unemp-ins": 10,
    "pension": 5, "startup": 20, "med-aid": 20, "mmt": 5, "psy": 5, "fee-rel": 10,
    "smi": 10, "hiv": 1, "legal": 7, "edu": 20, "house": 60,
}  # fmt: skip
"""Time to decide where both districts keep the default; flex-ins, temp-spend and med-enrol differ by place."""
REQUIRES = {
    "hard-emp": ("unemp-reg",),
    "pub-job": ("hard-emp",),
    "flex-ins": ("hard-emp",),
    "unemp-ins": ("unemp-reg",),
}


@pytest.fixture(params=PACKS)
def district(request: pytest.FixtureRequest) -> District:
    return load_pack(request.param)


def test_every_programme_says_on_what_clause_and_conditions_it_rests(district: District) -> None:
    for programme in district.programmes.values():
        assert programme.basis, programme.id
        assert programme.eligibility, programme.id
        assert programme.outcomes, programme.id
        assert programme.papers or programme.id == "hiv", programme.id
        assert all(basis.law.valid_from for basis in programme.basis), programme.id


@pytest.mark.parametrize(("programme", "part"), sorted(FROM_MEMORY.items()))
def test_what_is_only_remembered_says_so(district: District, programme: str, part: str) -> None:
    assert district.programmes[programme].verified[part] == "unverified"


def test_times_to_decide_are_those_of_the_sources(district: District) -> None:
    found = {name: district.leg_rules(name)["clocks"]["decide"]["total"] for name in DAYS}
    assert found == DAYS
    assert district.leg_rules("legal")["clocks"]["decide"]["unit"] == "calendar_day"
    assert district.leg_rules("legal")["step_limits"] == {
        "lawyer-assigned": {"unit": "calendar_day", "total": 3}
    }


def test_aid_comes_first_and_its_papers_within_ten_working_days(district: District) -> None:
    assert district.leg_rules("temp-urgent")["aid_first"] == {
        "pay_within": {"unit": "hour", "total": 24},
        "papers_after": {"unit": "working_day", "total": 10},
    }
    assert [name for name in district.programmes if district.leg_rules(name)["aid_first"]] == ["temp-urgent"]


def test_what_is_needed_first_and_what_excludes_what_is_as_agreed(district: District) -> None:
    programmes = district.programmes
    assert {item.id: item.requires for item in programmes.values() if item.requires} == REQUIRES
    excludes = {item.id: item.excludes for item in programmes.values() if item.excludes}
    assert excludes == {"dibao": ("tekun",), "tekun": ("dibao",)}
    assert programmes["tekun"].alternatives == ("child-fact",)
    assert {item.id for item in programmes.values() if item.eased_by} == {"med-aid", "pension", "legal"}


def test_whatever_is_needed_first_can_be_known_to_be_held(district: District) -> None:
    for name in {name for names in REQUIRES.values() for name in names} | {"dibao", "tekun"}:
        assert district.programmes[name].held_when is not None, name


def test_papers_about_a_parent_and_of_a_case_never_pass_through_here(district: District) -> None:
    by_hand = {paper.id for item in district.programmes.values() for paper in item.papers if paper.by_hand}
    assert by_hand == {"child-legal-papers", "case-papers"}


def test_no_programme_that_tells_less_is_ranked_behind_one_that_is_publicised(district: District) -> None:
    for category in district.categories:
        its = sorted(
            (item for item in district.programmes.values() if item.category == category),
            key=lambda item: item.rank,
        )
        assert its, category
        publicised = [item.publicity is not None for item in its if item.id != "tekun"]
        assert publicised == sorted(publicised), category


def test_places_are_counted_by_the_outcomes_that_take_one_and_never_of_a_clinical_programme(
    district: District,
) -> None:
    takes = {name: district.leg_rules(name)["takes_place"] for name in district.programmes}
    assert {name: outcomes for name, outcomes in takes.items() if outcomes} == {
        "pub-job": ["approved"],
        "train": ["service-delivered"],
        "house": ["approved"],
    }


def test_a_street_has_its_own_counter_where_the_agency_has_one_there(district: District) -> None:
    civil = district.agencies["civil-affairs"]
    (desk,) = civil.desks
    assert isinstance(desk, StreetDesk)
    assert civil.desk_for(desk.street) == desk
    assert civil.desk_for(None) is None
    assert district.agencies["housing"].desk_for(desk.street) is None


def test_questions_tell_nothing_of_treatment_and_stay_with_the_desk(district: District) -> None:
    clinical = {name for item in district.programmes.values() if item.clinical for name in item.fields}
    open_ = {name for item in district.programmes.values() if not item.clinical for name in item.fields}
    assert not set(district.screening) & (clinical - open_)
    outside = district.for_service("referrals")
    assert outside.screening == ()
    assert all(item.held_when is None for item in outside.programmes.values())
    assert outside.programmes["pub-job"].capacity == district.programmes["pub-job"].capacity
    assert outside.programmes[CLINICAL_OUTWARD].capacity is None


def test_a_version_stored_before_these_keys_existed_is_still_read(district: District) -> None:
    later = {"category", "rank", "held_when", "eased_by", "alternatives", "capacity", "aid_first"}
    content = {
        name: value for name, value in district.content.items() if name not in {"categories", "screening"}
    }
    content["programmes"] = [
        {name: value for name, value in item.items() if name not in later} for item in content["programmes"]
    ]
    content["agencies"] = [
        {name: value for name, value in item.items() if name != "desks"} for item in content["agencies"]
    ]
    old = district_from(content, version="0" * 16, service="intake")
    assert old.leg_rules("pub-job")["takes_place"] == []
    assert (old.screening, old.programmes["dibao"].rank) == ((), 0)
