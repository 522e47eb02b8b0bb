"""An agency whose own system holds the key: its packet travels with the event; nobody opens or signs for it here."""

from __future__ import annotations

import flask
import pytest
from joserfc.jwk import OKPKey

from shared.directory import District
from shared.directory.content import district_from, version_of
from tests.builders import an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road, leg_of

AGENCY = "medical-insurance"


def with_own_key() -> District:
    """Give the demo district with one agency that keeps its own key."""
    public = OKPKey.generate_key("X25519", parameters={"kid": "yb-2026-1"}, private=True).as_dict(
        private=False
    )
    content = dict(the_district().content)
    content["agencies"] = [
        {**agency, "keys": "own", "system": True, "public_jwk": public} if agency["id"] == AGENCY else agency
        for agency in content["agencies"]
    ]
    return district_from(content, version=version_of(content), service=None)


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """The demo district's road, with one agency that keeps its own key."""
    return Road(an_installation(sqlite_database, district=with_own_key()))


@pytest.fixture
def desk(road: Road, app: flask.Flask) -> Caller:
    """An officer of that agency, at our pages."""
    return road.caller(app, "desk", agency=AGENCY)


def test_packet_and_badge_travel_with_the_event_and_with_no_other_agencys(road: Road) -> None:
    answer = road.file("med-enrol", "dibao")
    (mine,), (other,) = road.told(leg_of(answer, AGENCY)), road.told(leg_of(answer))
    assert {"packet", "badge"} <= set(mine.data)
    assert not {"packet", "badge"} & set(other.data)


def test_its_packet_cannot_be_opened_here_and_the_refusal_is_audited(road: Road, desk: Caller) -> None:
    leg = leg_of(road.file("med-enrol"), AGENCY)
    answer = desk.post(f"/referrals/{leg}/packet/open", {"reason": "to see"})
    assert (answer.status_code, answer.json["type"]) == (409, "urn:aid:problem:key-elsewhere")
    assert [line.object_id for line in road.audited("access.refused")] == [leg]
    assert road.audited("packet.opened") == []


def test_its_page_says_where_the_key_is(road: Road, app: flask.Flask, desk: Caller) -> None:
    leg = leg_of(road.file("med-enrol"), AGENCY)
    client = app.test_client()
    client.set_cookie("sid", desk.token)
    shown = client.get(f"/referrals/{leg}", headers={"Accept": "text/html"}).text
    assert "密钥由本单位自有系统保管" in shown
    assert f"/referrals/{leg}/packet" not in shown


def test_its_rows_have_no_name_and_only_a_number_finds_them(road: Road, desk: Caller) -> None:
    road.file("med-enrol")
    (row,) = desk.get("/referrals").json["items"]
    assert row["badge"] is None
    assert len(desk.get("/referrals", q=row["number"]).json["items"]) == 1
    assert desk.get("/referrals", q="lxy").json["items"] == []


def test_it_may_act_here_but_words_only_its_own_system_can_seal(road: Road, desk: Caller) -> None:
    leg = leg_of(road.file("med-enrol"), AGENCY)
    assert desk.post(f"/referrals/{leg}/accept", version=1).status_code == 200
    wordy = desk.post(f"/referrals/{leg}/close", {"outcome": "enrolled", "note": "done"}, version=2)
    assert (wordy.status_code, wordy.json["type"]) == (409, "urn:aid:problem:key-elsewhere")
    assert desk.post(f"/referrals/{leg}/close", {"outcome": "enrolled"}, version=2).status_code == 200
    assert "answer" not in road.told(leg)[-1].data
