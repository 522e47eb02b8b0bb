"""Somebody registered elsewhere: the agency is shown it where its programme goes by that and the consent covers it."""

from __future__ import annotations

import pytest

from services.intake.use_cases.read_requests import read_request
from tests.builders import a_consent, a_person, a_principal
from tests.integration.referrals.desk import Caller, Road


@pytest.mark.parametrize(
    ("programme", "kinds", "registered", "told"),
    [
        ("dibao", ["identity", "household"], "110101", True),
        ("dibao", ["identity", "household"], "530103", False),
        ("dibao", ["identity", "contact"], "110101", False),
        ("temp-urgent", ["identity", "household"], "110101", False),
    ],
)
def test_an_agency_is_shown_it_where_it_matters_and_may_be_known(
    road: Road, desk: Caller, programme: str, kinds: list[str], registered: str, *, told: bool
) -> None:
    consent = a_consent("civil-affairs", (programme,), data_kinds=kinds)
    person = a_person(household_registration=registered)
    filed = road.file(programme, person=person, consents=[consent])
    seen = [
        desk.get(f"/referrals/{filed['legs'][0]['id']}").json,
        *desk.get("/referrals").json["items"],
    ]
    assert len(seen) == 2
    for referral in seen:
        assert ["registered-elsewhere"] * told == [each["code"] for each in referral["warnings"]]
        assert registered not in str(referral["warnings"])
    (leg,) = read_request(road.installation.intake(), a_principal(), filed["id"])["legs"]
    said = " ".join(note["messages"]["en"] for note in leg["notes"])
    assert ("is shown that" in said) == told
    assert ("is not shown this" in said) == (leg["notes"] != [] and not told)
