"""Filing from a file on both databases: who may, row by row, and never twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.submit.rows import file_rows
from deploy.submit.staff import NoSuchStaff, principal, who_files, who_files_first
from services.intake.use_cases.staff import disable_staff
from shared.directory import Post, StaffMember
from tests.builders import OTHER_UNIT, Installation, a_filing, an_installation, the_district
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
    rows = [a_filing("dibao"), a_filing("pension", surplus=1), a_filing("pension")]
    first = list(file_rows(context, who, rows, "a.json"))
    assert [bool(filed.faults) for filed in first] == [False, True, False]
    again = list(file_rows(context, who, rows, "a.json"))
    assert [filed.before for filed in again] == [True, False, True]
    assert [filed.number for filed in again] == [filed.number for filed in first]
    elsewhere = list(file_rows(context, who, rows, "b.json"))
    assert [filed.before for filed in elsewhere] == [False, False, False]


def test_faults_name_row_and_field(installation: Installation) -> None:
    context = installation.intake()
    wrong = a_filing("dibao", urgency="very")
    wrong["legs"].append({"programme": "dibao", "surplus": 1})
    (filed,) = file_rows(context, principal(context.database, "hut"), [wrong], "a.json")
    assert filed.row == 1
    assert {fault.field for fault in filed.faults} == {"urgency", "legs.1.surplus"}


def test_a_row_that_is_too_large_is_named_and_not_filed(installation: Installation) -> None:
    context = installation.intake()
    (filed,) = file_rows(
        context,
        principal(context.database, "hut"),
        [a_filing("dibao", answers={"x": "字" * 400_000})],
        "a.json",
    )
    assert [fault.field for fault in filed.faults] == ["row"]
