"""The scan by which the help desk takes an answer down: its agency opens it, and it serves one decision alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import flask
import pytest
from joserfc import jwe

from services.intake.domain.breaches import Breach
from services.intake.use_cases.papers import AddPaper, add_paper
from services.referrals.use_cases.slips import add_slip
from shared import ids
from shared.blobs import unlock
from shared.events import Event
from shared.identity.compact import decode
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import COORDINATOR, HUT, BothWays, outcomes
from tests.integration.legs.test_papers import AGENCY, with_own_key
from tests.integration.referrals.desk import Caller, delivery, leg_of
from tests.papers import a_pdf

REASON = "书面答复核对"


@pytest.fixture
def app(ways: BothWays) -> flask.Flask:
    """The web application of referrals."""
    return ways.app()


@pytest.fixture
def desk(ways: BothWays, app: flask.Flask) -> Caller:
    """An officer of civil affairs."""
    return ways.caller(app, "desk", agency="civil-affairs")


def scan(ways: BothWays, request: str, content: bytes, leg: str | None = None) -> str:
    """Hand in a slip at the help desk; gives its id."""
    added = add_paper(ways.intake, HUT, AddPaper(request=request, kind="slip", content=content, leg=leg))
    ways.carry()
    return str(added["paper"]["id"])


def record(ways: BothWays, filed: tuple[str, str], action: str, slip: str, **fields: Any) -> None:
    ways.ask(*filed, "record", {"action": action, "fields": fields, "slip": slip})


def test_the_agency_opens_the_scan_of_what_the_help_desk_took_down_in_its_name(
    ways: BothWays, filed: tuple[str, str], app: flask.Flask, desk: Caller
) -> None:
    content, path = a_pdf(2), f"/referrals/{filed[1]}/slips"
    slip = scan(ways, filed[0], content)
    record(ways, filed, "accept", slip)
    (listed,) = desk.get(path).json["items"]
    assert (listed["id"], listed["added_by"]) == (slip, "intake-desk")
    opened = desk.get(f"{path}/{slip}", reason=REASON)
    assert (opened.status_code, opened.mimetype, opened.data) == (200, "application/pdf", content)
    assert [line.reason for line in ways.audited("slip.opened")] == [REASON]
    coordinator = ways.caller(app, "coordinator")
    assert coordinator.get(path).json["items"] == []
    assert coordinator.get(f"{path}/{slip}", reason=REASON).status_code == 404


def test_its_page_leads_to_the_scan(
    ways: BothWays, filed: tuple[str, str], app: flask.Flask, desk: Caller
) -> None:
    slip = scan(ways, filed[0], a_pdf())
    record(ways, filed, "accept", slip)
    client = app.test_client()
    client.set_cookie("sid", desk.token)
    shown = client.get(f"/referrals/{filed[1]}", headers={"Accept": "text/html"}).text
    assert f"/referrals/api/v1/referrals/{filed[1]}/slips/{slip}" in shown


def test_an_agency_that_holds_its_own_key_is_told_where_the_scan_lies_and_opens_it_itself(
    sqlite_database: MakeDatabase,
) -> None:
    private, district = with_own_key()
    ways = BothWays(an_installation(sqlite_database, district=district))
    made = ways.file("med-enrol")
    leg = leg_of(made, AGENCY)
    slip = scan(ways, made["id"], a_pdf())
    record(ways, (made["id"], leg), "accept", slip)
    (told,) = (event for event in ways.told(leg) if event.type == "referral.recorded-on-behalf.v1")
    opened = jwe.decrypt_compact(str(told.data["scan"]), private, algorithms=["ECDH-ES", "A256GCM"])
    assert opened.plaintext is not None
    body = json.loads(decode(opened.plaintext.split(b".")[1]))["body"]
    desk = ways.caller(ways.app(), "desk", agency=AGENCY)
    locked = desk.get(f"/referrals/{leg}/papers/{body['id']}", reason=REASON)
    assert unlock(body["id"], locked.data, decode(body["content_key"].encode())) == a_pdf()
    here = desk.get(f"/referrals/{leg}/slips/{slip}", reason=REASON)
    assert (here.status_code, here.json["type"]) == (409, "urn:aid:problem:key-elsewhere")


def test_a_scan_serves_one_decision_of_one_leg(ways: BothWays) -> None:
    made = ways.file("dibao", "unemp-reg")
    leg, other = (made_leg["id"] for made_leg in made["legs"])
    slip = scan(ways, made["id"], a_pdf())
    record(ways, (made["id"], leg), "accept", slip)
    for which, action in ((leg, "start"), (other, "accept")):
        with pytest.raises(Breach) as refused:
            record(ways, (made["id"], which), action, slip)
        assert refused.value.id == "slip-spent"


def test_what_was_refused_has_used_no_scan_up(ways: BothWays, filed: tuple[str, str]) -> None:
    slip = scan(ways, filed[0], a_pdf())
    record(ways, filed, "start", slip)
    record(ways, filed, "accept", slip)
    assert outcomes(ways, filed[0]) == [("record", "not-possible-now"), ("record", None)]


def test_referrals_refuses_a_scan_that_has_served_whoever_sends_it(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    slip = scan(ways, filed[0], a_pdf())
    record(ways, filed, "accept", slip)
    (asked,) = (event for event in ways.asked(filed[0]) if event.type == "referral.record-requested.v1")
    again: Event = replace(
        asked, id=ids.new(), sequence=asked.sequence + 1, data={**asked.data, "action": "start"}
    )
    ways.receiver([delivery(again.internal())])
    last = ways.told(filed[1])[-1]
    assert (last.type, last.data["reason"]) == ("referral.record-refused.v1", "slip-spent")


def test_the_coordinators_scan_serves_one_decision_too(
    ways: BothWays, filed: tuple[str, str], app: flask.Flask
) -> None:
    slip = add_slip(ways.parts, COORDINATOR, filed[1], a_pdf()).id
    coordinator = ways.caller(app, "coordinator")
    told = [
        coordinator.post(f"/referrals/{filed[1]}/record-on-behalf", {"action": action, "slip": slip})
        for action in ("accept", "start")
    ]
    assert [answer.status_code for answer in told] == [200, 409]
    assert told[1].json["type"] == "urn:aid:problem:slip-spent"
