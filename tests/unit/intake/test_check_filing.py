"""What is filed is held against the pack; every fault is named by its field, in both languages, with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.intake.domain.errors import InvalidFiling
from services.intake.schemas.http import to_submit
from services.intake.use_cases.check_filing import check
from tests.builders import a_consent, a_filing, a_person, id_number, submit_body, the_district

TODAY = date(2026, 11, 23)


def faults_of(filing: dict[str, Any]) -> dict[str, tuple[str, str]]:
    with pytest.raises(InvalidFiling) as refused:
        check(to_submit(submit_body.load(filing)), the_district(), TODAY)
    return {fault.field: (fault.message.zh, fault.message.en) for fault in refused.value.faults}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    filing = a_filing()
    change(filing)
    return filing


WRONG = {
    "person.residence": lambda filing: filing["person"].update(residence="110101001001"),
    "person.id_number": lambda filing: filing["person"].update(id_number="990000198503120010"),
    "person.birth_date": lambda filing: filing["person"].update(birth_date="2026-11-24"),
    "legs.1.programme": lambda filing: filing["legs"][1].update(programme="lottery"),
    "legs.4.programme": lambda filing: filing["legs"].append({"programme": "dibao"}),
    "legs.0.beneficiary.id_number": lambda filing: filing["legs"][0].update(
        beneficiary={"relation": "child", "name": "李小雨", "id_number": "1"}
    ),
    "legs.0.note": lambda filing: filing["legs"][0].update(note="在社区康复中，请照顾"),
    "consents.0.agency": lambda filing: filing["consents"][0].update(agency="ministry-of-magic"),
    "consents.0.programmes.0": lambda filing: filing["consents"][0].update(programmes=["psy"]),
    "consents.0.expires_on": lambda filing: filing["consents"][0].update(expires_on="2026-11-22"),
    "answers.shoe_size": lambda filing: filing.update(answers={"shoe_size": 42}),
    "answers.household_size": lambda filing: filing.update(answers={"household_size": "three"}),
    "answers.jobless_since": lambda filing: filing.update(answers={"jobless_since": "last year"}),
    "answers.children_under_18": lambda filing: filing.update(answers={"children_under_18": -3}),
    "answers.income_per_head": lambda filing: filing.update(answers={"income_per_head": 1e308}),
    "answers.insured_months": lambda filing: filing.update(answers={"insured_months": 2.5}),
    "answers.medical_costs_year": lambda filing: filing.update(answers={"medical_costs_year": -1}),
    "answers.aid_status": lambda filing: filing.update(answers={"aid_status": "lots"}),
    "answers.wants_work": lambda filing: filing.update(answers={"wants_work": "yes"}),
    "answers.hardship_note": lambda filing: filing.update(answers={"hardship_note": "刚出戒毒所"}),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_fault_is_named_by_its_field_in_both_languages(field: str) -> None:
    faults = faults_of(changed(WRONG[field]))
    assert field in faults
    zh, en = faults[field]
    assert zh != en
    assert zh
    assert en


def test_all_faults_are_named_at_once() -> None:
    filing = a_filing(answers={"shoe_size": 42})
    filing["person"]["residence"] = "1"
    filing["person"]["id_number"] = id_number(date(2030, 1, 1))
    assert {"answers.shoe_size", "person.residence", "person.id_number"} <= set(faults_of(filing))


def test_a_street_is_no_residence() -> None:
    filing = a_filing()
    filing["person"]["residence"] = "530103004"
    assert "person.residence" in faults_of(filing)


def test_a_leg_that_no_consent_covers_is_named() -> None:
    filing = a_filing("dibao", "pension", consents=[a_consent("civil-affairs", ("dibao",))])
    assert set(faults_of(filing)) == {"legs.1.programme"}


def test_a_consent_without_identity_covers_nothing() -> None:
    filing = a_filing("dibao", consents=[a_consent("civil-affairs", ("dibao",), data_kinds=["contact"])])
    assert set(faults_of(filing)) == {"legs.0.programme"}


def test_a_programme_that_is_not_offered_names_what_to_do_instead() -> None:
    filing = a_filing("psy", legs=[{"programme": "hiv"}], consents=[a_consent("health", ("hiv",))])
    zh, en = faults_of(filing)["legs.0.programme"]
    instead = the_district().programmes["hiv"].instead
    assert instead is not None
    assert (zh, en) == (instead.zh, instead.en)


def test_one_programme_may_be_asked_for_two_children() -> None:
    legs = [
        {"programme": "child-fact", "beneficiary": {"relation": "child", "name": name}}
        for name in ("李小雨", "李小雪")
    ]
    filing = a_filing("child-fact", legs=legs)
    kinds = check(to_submit(submit_body.load(filing)), the_district(), TODAY)
    assert kinds == {"child-fact": {"identity", "contact", "household"}}


def test_two_consents_for_one_programme_are_to_be_joined() -> None:
    consent = a_consent("civil-affairs", ("dibao",))
    assert set(faults_of(a_filing("dibao", consents=[consent, consent]))) == {"consents.1.programmes.0"}


def test_a_note_to_the_health_agency_may_use_its_words() -> None:
    filing = a_filing("psy", legs=[{"programme": "psy", "note": "康复期，睡眠不好"}])
    assert check(to_submit(submit_body.load(filing)), the_district(), TODAY)


def minor(born: date, **consent: Any) -> dict[str, Any]:
    filing = a_filing("dibao")
    filing["person"] = a_person(birth_date=born.isoformat(), id_number=id_number(born))
    filing["consents"] = [a_consent("civil-affairs", ("dibao",), **consent)]
    return filing


ELEVEN, SIXTEEN = date(2015, 3, 4), date(2010, 3, 4)
GUARDIAN = {"name": "李建国", "relation": "parent"}


@pytest.mark.parametrize(
    ("born", "consent", "field"),
    [
        (ELEVEN, {}, "given_by"),
        (ELEVEN, {"cosigned_by": "李建国"}, "given_by"),
        (ELEVEN, {"given_by": "guardian"}, "guardian"),
        (SIXTEEN, {}, "cosigned_by"),
        (SIXTEEN, {"given_by": "guardian"}, "guardian"),
    ],
)
def test_for_a_minor_a_guardian_gives_or_signs_the_consent(
    born: date, consent: dict[str, Any], field: str
) -> None:
    assert list(faults_of(minor(born, **consent))) == [f"consents.0.{field}"]


@pytest.mark.parametrize(
    ("born", "consent"),
    [
        (ELEVEN, {"given_by": "guardian", "guardian": GUARDIAN}),
        (ELEVEN, {"basis": "emergency", "reason": "流落街头"}),
        (SIXTEEN, {"cosigned_by": "李建国"}),
        (SIXTEEN, {"given_by": "guardian", "guardian": GUARDIAN}),
        (date(2008, 11, 23), {}),
    ],
)
def test_a_guardians_consent_is_good_and_of_age_nobody_needs_one(born: date, consent: dict[str, Any]) -> None:
    assert check(to_submit(submit_body.load(minor(born, **consent))), the_district(), TODAY)


@pytest.mark.parametrize("given_by", ["guardian", "representative"])
def test_who_consents_in_anothers_place_is_named_whatever_the_age(given_by: str) -> None:
    grown = date(1990, 3, 4)
    assert list(faults_of(minor(grown, given_by=given_by))) == ["consents.0.guardian"]
    named = minor(grown, given_by=given_by, guardian=GUARDIAN)
    named["contact_consent"] = {"channels": ["sms"], "expires_on": "2027-05-01", "given_by": given_by}
    assert check(to_submit(submit_body.load(named)), the_district(), TODAY)


def test_who_acts_in_an_emergency_without_asking_says_why() -> None:
    filing = a_filing("dibao", consents=[a_consent("civil-affairs", ("dibao",), basis="emergency")])
    assert list(faults_of(filing)) == ["consents.0.reason"]


@pytest.mark.parametrize(("until", "good"), [("2027-11-23", True), ("2027-11-24", False)])
def test_a_consent_lasts_no_longer_than_the_pack_says(until: str, good: bool) -> None:
    filing = minor(date(1990, 1, 1), expires_on=until)
    if good:
        assert check(to_submit(submit_body.load(filing)), the_district(), TODAY)
    else:
        assert "2027-11-23" in faults_of(filing)["consents.0.expires_on"][1]


def test_somebody_a_leg_is_for_is_related_by_a_known_code() -> None:
    filing = a_filing("dibao")
    filing["legs"][0]["beneficiary"] = {"relation": "zzz", "name": "李小雨"}
    assert "relation" in str(submit_body.validate(filing)["legs"])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"how": "spoken", "witnessed_by": None}, "witnessed_by"),
        ({"how": "paper"}, "form"),
        ({"form": {"number": "同意-1", "date": "2026-11-24"}}, "form.date"),
    ],
)
def test_what_proves_a_consent_goes_by_how_it_was_given(told: dict[str, Any], field: str) -> None:
    filing = a_filing("dibao")
    consent = {**filing["consents"][0], **told}
    filing["consents"] = [{name: value for name, value in consent.items() if value is not None}]
    assert list(faults_of(filing)) == [f"consents.0.{field}"]
