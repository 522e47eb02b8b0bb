"""The catalogue tells whoever files all that a filing needs, and desks of agencies nothing."""

from __future__ import annotations

import pytest

from services.intake.schemas.programmes import Catalogue
from services.intake.use_cases.context import Context
from tests.builders import Installation, a_principal, an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.intake.paper_desk import caller

PATH = "/intake/api/v1/programmes"


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """An installation on SQLite: no database decides what a pack says."""
    return an_installation(sqlite_database)


def test_every_programme_is_told_with_its_rules(context: Context) -> None:
    told = caller(context)("GET", PATH).get_json()
    district = the_district()
    assert [one["id"] for one in told["items"]] == list(district.programmes)
    dibao = next(one for one in told["items"] if one["id"] == "dibao")
    assert (dibao["agency"], dibao["disclosure"], dibao["excludes"]) == ("civil-affairs", "none", ["tekun"])
    assert dibao["clocks"]["decide"] == {
        "unit": "working_day",
        "total": 30,
        "extended_total": 45,
        "starts_on": "issued",
    }
    assert {"id": "refused", "asks": ["reason"]} in dibao["outcomes"]
    assert [step["id"] for step in dibao["steps"]][2] == "publicity"
    assert set(dibao["fields"]) <= {field["id"] for field in told["fields"]}
    assert {one["agency"] for one in told["items"]} <= {agency["id"] for agency in told["agencies"]}
    assert Catalogue().dump(told).keys() == told.keys()


def test_it_is_sent_again_only_when_the_pack_has_changed(context: Context) -> None:
    call = caller(context)
    first = call("GET", PATH)
    assert first.headers["ETag"] == f'"{the_district().version}"'
    again = call("GET", PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(("role", "status"), [("specialist", 200), ("desk", 403), ("coordinator", 403)])
def test_it_is_for_whoever_files_or_checks(context: Context, role: str, status: int) -> None:
    agency = "health" if role == "desk" else None
    assert caller(context)("GET", PATH, a_principal(role, agency=agency)).status_code == status
