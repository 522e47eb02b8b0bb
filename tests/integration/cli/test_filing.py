"""Filing from a file on both databases: who may, row by row, and never twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.submit.rows import file_rows
from deploy.submit.staff import NoSuchStaff, principal, who_files, who_files_first
from services.intake.use_cases.drafts import list_drafts, read_draft
from services.intake.use_cases.staff import disable_staff
from shared.directory import Post, StaffMember
from tests.builders import (
    OTHER_UNIT,
    Installation,
    a_filing,
    a_filing_on_paper,
    a_person,
    an_installation,
    the_district,
)
from tests.conftest import MakeDatabase

SECOND = StaffMember("hut-two", "第二登记岗", (Post("hut", unit=OTHER_UNIT),))


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """An installation with two filing desks; nobody has a password."""
    staff = (*(replace(member, demo_password=None) for member in the_district().staff), SECOND)
    return an_installation(database, district=replace(the_district(), staff=staff), staff=True)


def test_with_two_who_file_one_has_to_be_named(installation: Installation) -> None:
    intake, district = installation.databases["intake"], installation.district
    with pytest.raises(NoSuchStaff, match="hut, hut-two"):
        who_files(intake, district)
    disable_staff(installation.intake(), "hut-two")
    assert who_files(intake, district) == "hut"
    with pytest.raises(NoSuchStaff, match="disabled"):
        principal(intake, "hut-two")


def test_where_it_does_not_matter_who_files_it_is_the_first_of_the_pack(installation: Installation) -> None:
    intake, district = installation.databases["intake"], installation.district
    assert who_files_first(intake, district) == "hut"
    for staff in ("hut", "hut-two"):
        disable_staff(installation.intake(), staff)
    with pytest.raises(NoSuchStaff, match="Nobody can file"):
        who_files_first(intake, district)


def test_rows_are_filed_once_under_one_files_name(installation: Installation) -> None:
    context = installation.intake()
    who = principal(context.database, "hut")
    rows = [a_filing_on_paper("dibao"), a_filing_on_paper("pension", surplus=1), a_filing_on_paper("pension")]
    first = list(file_rows(context, who, rows, "a.json"))
    assert [bool(filed.faults) for filed in first] == [False, True, False]
    again = list(file_rows(context, who, rows, "a.json"))
    assert [filed.before for filed in again] == [True, False, True]
    assert [filed.number for filed in again] == [filed.number for filed in first]
    elsewhere = list(file_rows(context, who, rows, "b.json"))
    assert [filed.before for filed in elsewhere] == [False, False, False]


def test_faults_name_row_and_field(installation: Installation) -> None:
    context = installation.intake()
    wrong = a_filing_on_paper("dibao", urgency="very")
    wrong["legs"].append({"programme": "dibao", "surplus": 1})
    (filed,) = file_rows(context, principal(context.database, "hut"), [wrong], "a.json")
    assert filed.row == 1
    assert {fault.field for fault in filed.faults} == {"urgency", "legs.1.surplus"}


def test_a_row_that_is_too_large_is_named_and_not_filed(installation: Installation) -> None:
    context = installation.intake()
    (filed,) = file_rows(
        context,
        principal(context.database, "hut"),
        [a_filing_on_paper("dibao", answers={"x": "字" * 400_000})],
        "a.json",
    )
    assert [fault.field for fault in filed.faults] == ["row"]


FORMLESS = ["consents.0.form"]


def test_without_the_signed_form_of_every_agency_a_row_stays_a_draft(installation: Installation) -> None:
    context = installation.intake()
    who = principal(context.database, "hut")
    row = a_filing_on_paper("dibao", "pension")
    del row["consents"][0]["form"]
    (kept,) = file_rows(context, who, [row], "a.json")
    assert (kept.number, [fault.field for fault in kept.lacks], kept.faults) == (None, FORMLESS, ())
    draft = read_draft(context, who, str(kept.draft))
    # What nobody can prove is not in it, so that it cannot be submitted without being asked for.
    assert [consent["agency"] for consent in draft["body"]["consents"]] == [row["consents"][1]["agency"]]
    assert [fault["field"] for fault in draft["missing"]] == ["legs.0.programme"]
    (again,) = file_rows(context, who, [row], "a.json")
    assert (again.draft, again.before) == (kept.draft, True)
    assert len(list_drafts(context, who, limit=5, after=None)) == 1


def test_without_any_consent_a_row_stays_a_draft_and_with_a_fault_it_is_nothing(
    installation: Installation,
) -> None:
    context = installation.intake()
    who = principal(context.database, "hut")
    bare = a_filing_on_paper("dibao", consents=[])
    wrong = a_filing("pension", person=a_person(residence="110101001001"))
    kept, failed = file_rows(context, who, [bare, wrong], "a.json")
    assert [fault.field for fault in kept.lacks] == ["legs.0.programme"]
    assert (failed.draft, [fault.field for fault in failed.faults]) == (None, ["person.residence"])
    assert len(list_drafts(context, who, limit=5, after=None)) == 1


def test_who_acts_in_an_emergency_has_no_form(installation: Installation) -> None:
    context = installation.intake()
    row = a_filing("dibao")
    row["consents"][0] |= {"basis": "emergency", "reason": "昏迷送医"}
    (filed,) = file_rows(context, principal(context.database, "hut"), [row], "a.json")
    assert filed.number is not None
