"""The two packs that come with the product: complete, true to the catalogue, and neutral outside the hut."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from shared.clock import Calendar
from shared.directory import (
    CLINICAL_OUTWARD,
    District,
    UnknownProgramme,
    check_pack,
    find_pack,
    forbidden_word,
    load_pack,
)
from shared.directory.neutral import strings_in
from shared.directory.schemas import OUTCOMES

PACKS = ("530103", "141002")
HUTS = {"530103": "530103004007", "141002": "141002201200"}
AGENCIES = {
    "civil-affairs": "dibao dibao-single rigid tekun temp-spend temp-urgent child-fact disab",
    "employment": "unemp-reg hard-emp pub-job train startup",
    "social-security": "flex-ins unemp-ins pension",
    "medical-insurance": "med-enrol med-aid",
    "justice": "legal",
    "education": "edu",
    "housing": "house",
    "health": "mmt psy fee-rel smi hiv",
}
LATIN_LEAKS = re.compile(r"mmt|psy|fee-rel|smi\b|clinic|methadone|treatment", re.IGNORECASE)


@pytest.fixture(params=PACKS)
def district(request: pytest.FixtureRequest) -> District:
    return load_pack(request.param)


@pytest.mark.parametrize("code", PACKS)
def test_a_shipped_pack_has_no_errors(code: str) -> None:
    assert check_pack(code) == []


def test_every_programme_of_the_catalogue_is_there_at_its_agency(district: District) -> None:
    found: dict[str, set[str]] = {}
    for programme in district.programmes.values():
        found.setdefault(programme.agency, set()).add(programme.id)
    assert found == {agency: set(programmes.split()) for agency, programmes in AGENCIES.items()}
    assert {agency.letters for agency in district.agencies.values()} == {
        *("MZ", "JY", "SB", "YB", "WJ"),
        *("SF", "JT", "ZJ"),
    }
    assert len(district.programmes) == 26


def test_every_fact_says_how_well_it_was_checked(district: District) -> None:
    assert all("all" in programme.verified for programme in district.programmes.values())
    assert district.programmes["disab"].verified == {"all": "unverified"}
    assert district.programmes["pub-job"].verified["decide"] == "unverified"


def test_voluntary_testing_is_not_offered_and_names_the_voucher(district: District) -> None:
    hiv = district.programmes["hiv"]
    assert not hiv.offered
    assert hiv.instead is not None
    assert "匿名" in hiv.instead.zh
    assert "voucher" in hiv.instead.en


def test_all_staff_posts_of_the_demo_are_held(district: District) -> None:
    held = {member.id: member.posts[0] for member in district.staff}
    roles = ("hut", "grid", "specialist", "coordinator", "operator", "auditor")
    desks = [f"{role}-{agency}" for role in ("desk", "leader") for agency in AGENCIES]
    assert set(held) == {*roles, *desks}
    assert held["hut"].unit == HUTS[district.code]
    assert held["specialist"].unit == district.street_of(HUTS[district.code])
    assert held["leader-health"].agency == "health"
    passwords = {member.demo_password for member in district.staff}
    assert len(passwords) == 1
    assert len(passwords.pop() or "") >= 14


def test_the_whole_grid_is_there(district: District) -> None:
    counted = [unit.level for unit in district.units.values()]
    expected = {"530103": (12, 105), "141002": (25, 340)}[district.code]
    assert (counted.count("street"), counted.count("community")) == expected
    assert district.street_of("530103") is None
    assert district.street_of("nowhere") is None
    assert district.street_of(HUTS[district.code][:9]) == HUTS[district.code][:9]


def test_the_packs_notice_agrees_with_the_package_on_every_day_of_its_year(district: District) -> None:
    package = Calendar()
    assert district.calendar.marks
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(number)
        assert district.calendar.is_working_day(day) == package.is_working_day(day), day


def test_leg_rules_have_the_agreed_shape(district: District) -> None:
    rules = district.leg_rules("dibao")
    assert rules["clocks"]["acknowledge"] == {
        "unit": "working_day",
        "total": 2,
        "extended_total": None,
        "starts_on": "issued",
    }
    assert rules["clocks"]["decide"]["total"] == 30
    assert rules["clocks"]["decide"]["extended_total"] == 45
    assert rules["steps"] == ["home-visit", "data-check", "publicity", "district-decision"]
    assert rules["publicity"]["counts"] is True
    for programme in district.programmes:
        every = district.leg_rules(programme)
        assert set(every) == {
            *("clocks", "steps", "step_limits", "papers", "outcomes", "asks"),
            *("publicity", "aid_first", "takes_place"),
        }
        assert set(every["clocks"]) == {"acknowledge", "accept", "decide"}
        assert set(every["outcomes"]) <= set(OUTCOMES)
        assert {"withdrawn", "unreachable", "lapsed"} <= set(every["outcomes"])
        json.dumps(every)


def test_a_childs_allowance_is_never_publicised(district: District) -> None:
    assert district.leg_rules("child-fact")["publicity"] is None


def test_clinical_legs_look_alike_but_for_their_clocks(district: District) -> None:
    clinical = [programme.id for programme in district.programmes.values() if programme.clinical]
    assert {district.outward_programme(programme) for programme in clinical} == {CLINICAL_OUTWARD}
    shapes = {
        json.dumps({**district.leg_rules(programme), "clocks": None}, sort_keys=True)
        for programme in clinical
    }
    assert len(shapes) == 1
    assert not LATIN_LEAKS.search(shapes.pop())


@pytest.mark.parametrize("service", ["referrals", "notifications"])
def test_outside_intake_no_trace_of_clinical_programmes_is_left(district: District, service: str) -> None:
    outside = district.for_service(service)
    assert outside.version == district.version
    assert CLINICAL_OUTWARD in outside.programmes
    assert not set(AGENCIES["health"].split()) & set(outside.programmes)
    streets = {unit.name for unit in outside.units.values()}
    for path, text in strings_in(outside.content):
        assert forbidden_word(text) is None, path
        if text not in streets:
            assert not LATIN_LEAKS.search(text), path
    kept = set(outside.fields)
    assert not kept & set(district.programmes["mmt"].fields)
    assert all(member.demo_password is None for member in outside.staff)
    assert outside.hut_title == outside.product_name


def test_outside_intake_a_clinical_leg_still_has_a_name_steps_and_rules(district: District) -> None:
    outside = district.for_service("referrals")
    assert outside.programme_name(CLINICAL_OUTWARD) == district.programme_name(CLINICAL_OUTWARD)
    assert outside.outward_programme(CLINICAL_OUTWARD) == CLINICAL_OUTWARD
    assert [step.id for step in outside.programmes[CLINICAL_OUTWARD].steps] == district.leg_rules("mmt")[
        "steps"
    ]
    with pytest.raises(UnknownProgramme):
        outside.leg_rules("mmt")


def test_intake_keeps_everything(district: District) -> None:
    intake = district.for_service("intake")
    assert intake.programmes == district.programmes
    assert intake.version == district.version
    with pytest.raises(ValueError, match="lost"):
        district.for_service("referrals").for_service("intake")


def test_the_two_districts_are_configured_apart() -> None:
    panlong, yaodu = (load_pack(code) for code in PACKS)
    assert (panlong.letters, yaodu.letters) == ("PL", "YD")
    assert panlong.version != yaodu.version
    assert panlong.leg_rules("flex-ins") != yaodu.leg_rules("flex-ins")


def test_an_unknown_pack_is_refused_with_the_codes_there_are() -> None:
    with pytest.raises(FileNotFoundError, match="141002, 530103"):
        find_pack("000000")
