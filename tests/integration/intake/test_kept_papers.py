"""Papers that were handed in: taken over, taken away, filed with their draft, swept, lost and healed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.persistence.tables import blobs, papers
from services.intake.use_cases.context import Context
from services.intake.use_cases.sweep_papers import PaperSweep
from shared.blobs import lock
from shared.blobs.store import SHARDS
from tests.builders import OTHER_UNIT, Installation, a_consent, a_filing, a_person, a_principal
from tests.integration.intake.paper_desk import (
    DRAFTS,
    PLENTY,
    URL,
    Call,
    asked,
    caller,
    count,
    file,
    hand_in,
    line,
    listed,
    problem,
    stored,
)
from tests.papers import a_form, a_pdf


@pytest.fixture
def call(context: Context) -> Call:
    """Call the web of intake."""
    return caller(context)


def test_a_paper_of_an_earlier_request_is_offered_and_taken_over(call: Call, context: Context) -> None:
    person = a_person()
    first = file(call, "dibao", person=person)
    hand_in(call, first["id"], "id-card", a_pdf())
    second = file(call, "pub-job", person=person)
    found = listed(call, second["id"])
    (earlier,) = found["earlier"]
    assert earlier["number"] == first["number"]
    row = line(found["legs"][0], "id-card")
    assert (row["state"], row["earlier"]) == ("earlier", [earlier["id"]])
    assert "id-card" not in found["legs"][0]["missing"]
    taken = call("POST", f"{URL}/{second['id']}/papers/reuse", json={"papers": [earlier["id"]]})
    assert taken.status_code == 201, taken.text
    after = listed(call, second["id"])
    assert after["earlier"] == []
    assert after["items"][0]["taken_from"] == first["id"]
    assert line(after["legs"][0], "id-card")["state"] == "here"
    assert len(stored(context)) == 1


def test_papers_of_another_person_or_another_unit_are_never_offered(call: Call) -> None:
    person = a_person()
    first = file(call, "dibao", person=person)
    paper = hand_in(call, first["id"], "id-card", a_pdf()).get_json()["paper"]["id"]
    stranger = file(call, "dibao")
    assert listed(call, stranger["id"])["earlier"] == []
    refused = call("POST", f"{URL}/{stranger['id']}/papers/reuse", json={"papers": [paper]})
    assert problem(refused) == (422, "paper-not-on-file", "papers")
    neighbour = a_principal("hut", unit=OTHER_UNIT)
    filed = call("POST", URL, neighbour, json=a_filing("pub-job", person=person)).get_json()
    assert call("GET", f"{URL}/{filed['id']}/papers", neighbour).get_json()["earlier"] == []


def test_a_removed_paper_is_gone_and_its_content_with_the_last_that_had_it(
    call: Call, context: Context
) -> None:
    first, second = file(call, "dibao"), file(call, "pub-job")
    ids = [
        hand_in(call, made["id"], "id-card", a_pdf()).get_json()["paper"]["id"] for made in (first, second)
    ]
    assert call("DELETE", f"{URL}/{first['id']}/papers/{ids[0]}").status_code == 204
    assert call("GET", f"{URL}/{first['id']}/papers/{ids[0]}").status_code == 404
    assert len(stored(context)) == 1
    assert call("GET", f"{URL}/{second['id']}/papers/{ids[1]}").data == a_pdf()
    assert call("DELETE", f"{URL}/{second['id']}/papers/{ids[1]}").status_code == 204
    assert (stored(context), count(context, blobs), count(context, papers)) == ([], 0, 0)
    assert asked(context) == ["reseal"] * 4


def test_others_neither_see_nor_touch_it(call: Call) -> None:
    made = file(call, "dibao")
    paper = hand_in(call, made["id"], "id-card", a_pdf()).get_json()["paper"]["id"]
    place = f"{URL}/{made['id']}/papers"
    neighbour, street = a_principal("hut", unit=OTHER_UNIT), a_principal("specialist")
    for method, path in (("GET", place), ("GET", f"{place}/{paper}"), ("DELETE", f"{place}/{paper}")):
        assert call(method, path, neighbour).status_code == 404
    assert call("POST", place, neighbour, **a_form(a_pdf(), kind="id-card")).status_code == 404
    assert call("GET", f"{place}/{paper}", street).data == a_pdf()
    assert call("DELETE", f"{place}/{paper}", street).status_code == 403
    assert call("GET", place, a_principal("coordinator")).status_code == 404


def test_a_paper_of_a_draft_goes_into_the_first_packet(call: Call, context: Context) -> None:
    filing = a_filing("dibao", consents=[a_consent("civil-affairs", ("dibao",), data_kinds=PLENTY)])
    draft = call("POST", DRAFTS, json=filing).get_json()["id"]
    paper = hand_in(call, draft, "id-card", a_pdf(), where=DRAFTS).get_json()["paper"]["id"]
    assert line(listed(call, draft, DRAFTS)["legs"][0], "id-card")["state"] == "here"
    filed = call("POST", f"{DRAFTS}/{draft}/submit", json={})
    assert filed.status_code == 201, filed.text
    assert filed.get_json()["id"] == draft
    assert [item["id"] for item in listed(call, draft)["items"]] == [paper]
    assert asked(context) == []
    assert call("GET", f"{URL}/{draft}/papers/{paper}").data == a_pdf()


def test_papers_of_a_deleted_draft_go_with_time(
    call: Call, context: Context, installation: Installation
) -> None:
    draft = call("POST", DRAFTS, json=a_filing("dibao")).get_json()["id"]
    assert hand_in(call, draft, "id-card", a_pdf(), where=DRAFTS).status_code == 201
    kept = file(call, "dibao")
    hand_in(call, kept["id"], "id-card", a_pdf(2))
    assert call("DELETE", f"{DRAFTS}/{draft}").status_code == 204
    installation.clock.move_to(context.clock.now() + timedelta(minutes=6))
    PaperSweep(context).tick()
    assert (len(stored(context)), count(context, blobs), count(context, papers)) == (1, 1, 1)


def test_a_blob_without_a_row_goes_after_an_hour_and_one_with_a_row_stays(
    call: Call, context: Context, installation: Installation
) -> None:
    made = file(call, "dibao")
    paper = hand_in(call, made["id"], "id-card", a_pdf()).get_json()["paper"]["id"]
    orphan = "0199ffff-0000-7000-8000-00000000abcd"
    context.blobs.put(orphan, lock(orphan, b"of a request that was killed", bytes(32)))
    installation.clock.move_to(context.clock.now() + timedelta(days=400))
    sweep = PaperSweep(context)
    for _ in range(SHARDS // 8):
        sweep.tick()
    assert not context.blobs.has(orphan)
    assert call("GET", f"{URL}/{made['id']}/papers/{paper}").data == a_pdf()


def test_a_content_that_the_store_has_lost_is_told_and_healed_by_handing_it_in_again(
    call: Call, context: Context
) -> None:
    made = file(call, "dibao")
    paper = hand_in(call, made["id"], "id-card", a_pdf()).get_json()["paper"]["id"]
    (blob,) = stored(context)
    context.blobs.delete(blob)
    lost = call("GET", f"{URL}/{made['id']}/papers/{paper}")
    assert (lost.status_code, lost.get_json()["type"]) == (409, "urn:aid:problem:paper-lost")
    hand_in(call, made["id"], "id-card", a_pdf())
    assert call("GET", f"{URL}/{made['id']}/papers/{paper}").data == a_pdf()


def test_a_slip_goes_into_no_packet(call: Call, context: Context) -> None:
    made = file(call, "dibao")
    added = hand_in(call, made["id"], "slip", a_pdf(), leg=made["legs"][0]["id"])
    assert added.status_code == 201
    assert asked(context) == []
    assert line(listed(call, made["id"])["legs"][0], "id-card")["state"] == "missing"
    assert listed(call, made["id"])["items"][0]["kind"] == "slip"
