"""Papers as an agency sees them: from the newest packet alone, for a reason, each time audited, never frozen ones."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from typing import Any

import flask
import pytest
from joserfc import jwe
from joserfc.jwk import OKPKey

from services.intake.domain.breaches import Breach
from services.intake.use_cases.draft_papers import add_draft_paper
from services.intake.use_cases.drafts import ChangeDraft, create_draft, submit_draft
from services.intake.use_cases.papers import AddPaper, add_paper, remove_paper
from services.intake.use_cases.read_papers import read_papers
from services.intake.use_cases.withdraw_consent import WithdrawConsent, withdraw_consent
from services.referrals.persistence import referrals
from shared.blobs import unlock
from shared.directory import District
from shared.directory.content import district_from, version_of
from shared.identity.compact import decode
from tests.builders import a_consent, a_filing, a_principal, an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays, consent_for
from tests.integration.referrals.desk import Caller, leg_of
from tests.papers import a_pdf, a_picture

REASON = "to check the application"
KINDS = ["identity", "contact", "household", "income"]
PLENTY = [*KINDS, "employment", "health"]
AGENCY = "medical-insurance"


@pytest.fixture
def app(ways: BothWays) -> flask.Flask:
    """The web application of referrals."""
    return ways.app()


@pytest.fixture
def desk(ways: BothWays, app: flask.Flask) -> Caller:
    """An officer of civil affairs."""
    return ways.caller(app, "desk", agency="civil-affairs")


@pytest.fixture
def coordinator(ways: BothWays, app: flask.Flask) -> Caller:
    """The coordinator."""
    return ways.caller(app, "coordinator")


def with_own_key() -> tuple[OKPKey, District]:
    """Give a private key, and the demo district with one agency that keeps it itself."""
    key = OKPKey.generate_key("X25519", parameters={"kid": "yb-2026-1"}, private=True)
    content = dict(the_district().content)
    own = {"keys": "own", "system": True, "public_jwk": key.as_dict(private=False)}
    content["agencies"] = [
        {**agency, **own} if agency["id"] == AGENCY else agency for agency in content["agencies"]
    ]
    return key, district_from(content, version=version_of(content), service=None)


def file(ways: BothWays, *programmes: str, kinds: list[str] = KINDS) -> dict[str, Any]:
    agencies: dict[str, list[str]] = {}
    for name in programmes:
        agencies.setdefault(ways.installation.district.programmes[name].agency, []).append(name)
    given = [a_consent(agency, tuple(its), data_kinds=kinds) for agency, its in agencies.items()]
    return ways.file(*programmes, consents=given)


def hand_in(ways: BothWays, request: str, kind: str, content: bytes) -> str:
    """Hand in a paper at the desk and carry what follows; gives its id there."""
    command = AddPaper(request=request, kind=kind, content=content)
    added = add_paper(ways.installation.intake(), a_principal(), command)
    ways.carry()
    return str(added["paper"]["id"])


def listed(desk: Caller, leg: str) -> list[dict[str, Any]]:
    answer = desk.get(f"/referrals/{leg}/papers", reason=REASON)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_a_paper_handed_in_later_is_in_the_newest_packet(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    assert listed(desk, leg) == []
    hand_in(ways, made["id"], "id-card", a_pdf())
    (paper,) = listed(desk, leg)
    assert (paper["n"], paper["kind"], paper["type"]) == (1, "id-card", "application/pdf")
    assert paper["size"] == len(a_pdf())
    assert paper["name"]["en"] == "ID card or other valid document"
    assert "content_key" not in str(paper)
    rev = desk.post(f"/referrals/{leg}/packet/open", {"reason": REASON}).json["rev"]
    assert rev == 2


def test_a_paper_of_the_draft_is_in_the_first_packet(ways: BothWays, desk: Caller) -> None:
    intake, hut = ways.installation.intake(), a_principal()
    draft = create_draft(intake, hut, a_filing("dibao"))["id"]
    add_draft_paper(intake, hut, AddPaper(request=draft, kind="id-card", content=a_pdf()))
    made = submit_draft(intake, hut, ChangeDraft(draft=draft))
    ways.carry()
    opened = desk.post(f"/referrals/{leg_of(made)}/packet/open", {"reason": REASON}).json
    assert opened["rev"] == 1
    (paper,) = opened["body"]["papers"]
    assert set(paper) == {"id", "kind", "sha256", "content_key", "type", "size"}


@pytest.mark.parametrize("by", ["n", "id"])
def test_it_is_fetched_by_its_place_or_its_id(ways: BothWays, desk: Caller, by: str) -> None:
    made = file(ways, "dibao")
    hand_in(ways, made["id"], "household-book", a_pdf())
    content = a_picture("JPEG")
    hand_in(ways, made["id"], "id-card", content)
    paper = next(one for one in listed(desk, leg_of(made)) if one["kind"] == "id-card")
    answer = desk.get(f"/referrals/{leg_of(made)}/papers/{paper[by]}", reason=REASON)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", content)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="paper-{paper["n"]}.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


def test_each_look_is_audited_with_its_reason_before_anything_is_shown(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    hand_in(ways, made["id"], "id-card", a_pdf())
    desk.get(f"/referrals/{leg}/papers/1", reason=REASON)
    (line,) = ways.audited("paper.opened")
    assert (line.object_id, line.reason, line.actor) == (leg, REASON, desk.principal.staff)
    assert [line.object_id for line in ways.audited("packet.opened")] == [leg]


def test_without_a_reason_nothing_is_shown(ways: BothWays, desk: Caller) -> None:
    leg = leg_of(file(ways, "dibao"))
    for path in (f"/referrals/{leg}/papers", f"/referrals/{leg}/papers/1"):
        answer = desk.get(path)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "reason")
    assert ways.audited("packet.opened") == []


def test_nobody_else_learns_that_there_are_any(ways: BothWays, app: flask.Flask, coordinator: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    hand_in(ways, made["id"], "id-card", a_pdf())
    stranger = ways.caller(app, "desk", agency="employment")
    for path in (f"/referrals/{leg}/papers", f"/referrals/{leg}/papers/1"):
        assert stranger.get(path, reason=REASON).status_code == 404
        assert coordinator.get(path, reason=REASON).status_code == 403
        assert ways.caller(app, "hut").get(path, reason=REASON).status_code in {403, 404}


def test_what_the_consent_does_not_cover_is_not_in_it(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao", kinds=["identity", "household"])
    hand_in(ways, made["id"], "id-card", a_pdf())
    hand_in(ways, made["id"], "income-statement", a_pdf(2))
    assert [paper["kind"] for paper in listed(desk, leg_of(made))] == ["id-card"]


def test_a_paper_taken_away_can_no_longer_be_fetched(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    paper = hand_in(ways, made["id"], "id-card", a_pdf())
    hand_in(ways, made["id"], "household-book", a_pdf(2))
    place = next(one["n"] for one in listed(desk, leg) if one["kind"] == "id-card")
    remove_paper(ways.installation.intake(), a_principal(), made["id"], paper)
    # Already now its content is gone, though the packet still names it.
    early = desk.get(f"/referrals/{leg}/papers/{place}", reason=REASON)
    assert (early.status_code, early.json["type"]) == (409, "urn:aid:problem:paper-lost")
    ways.carry()
    assert [one["kind"] for one in listed(desk, leg)] == ["household-book"]
    assert desk.get(f"/referrals/{leg}/papers/2", reason=REASON).json["type"].endswith("no-such-paper")


def test_once_the_consent_is_withdrawn_nothing_more_is_handed_out(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    hand_in(ways, made["id"], "id-card", a_pdf())
    ways.at_desk(leg, "accept")
    (consent,) = ways.seen(made["id"])["consents"]
    withdraw_consent(ways.intake, HUT, WithdrawConsent(request=made["id"], consent=consent["id"]))
    ways.carry()
    answer = desk.get(f"/referrals/{leg}/papers/1", reason=REASON)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:aid:problem:packet-frozen")
    # What is handed in from now on goes nowhere.
    hand_in(ways, made["id"], "household-book", a_pdf(2))
    assert ways.asked(made["id"])[-1].type == "referral.freeze-requested.v1"


def test_papers_that_were_asked_for_go_together_and_time_goes_on(ways: BothWays, desk: Caller) -> None:
    made = file(ways, "dibao")
    leg = leg_of(made)
    ways.at_desk(leg, "acknowledge")
    wanted = {"papers": ["income-statement", "household-book"], "note": "请补充家庭情况材料"}
    ways.at_desk(leg, "request-documents", wanted)
    listing = read_papers(ways.intake, HUT, made["id"])["legs"][0]
    assert {row["kind"] for row in listing["papers"] if row["asked"]} == set(wanted["papers"])
    hand_in(ways, made["id"], "income-statement", a_pdf())
    assert ways.referral(leg).status == "awaiting-documents"
    assert listed(desk, leg) == []
    with pytest.raises(Breach) as refused:
        ways.ask(made["id"], leg, "supply")
    assert refused.value.id == "papers-missing"
    hand_in(ways, made["id"], "household-book", a_pdf(2))
    ways.ask(made["id"], leg, "supply")
    assert ways.referral(leg).status == "received"
    assert {one["kind"] for one in listed(desk, leg)} == set(wanted["papers"])
    assert ways.all_letters() == []


def test_a_successor_brings_along_what_was_handed_in_for_the_leg_before_it(ways: BothWays) -> None:
    made = file(ways, "dibao", kinds=PLENTY)
    leg = leg_of(made)
    only = AddPaper(request=made["id"], kind="id-card", content=a_pdf(), leg=leg)
    add_paper(ways.intake, HUT, only)
    ways.carry()
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    fields = {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "confirm-return", fields, role="coordinator")
    given = consent_for("unemp-reg", data_kinds=PLENTY)
    added = ways.add(made["id"], {"programme": "unemp-reg", "replaces": leg}, consents=(given,))
    successor = added["legs"][0]["id"]
    assert [paper["kind"] for paper in ways.opened(successor)["papers"]] == ["id-card"]
    hand_in(ways, made["id"], "id-card", a_pdf(2))
    assert len(ways.opened(successor)["papers"]) == 2


def test_the_health_desk_sees_its_papers_and_nobody_else_reads_what_they_are(
    ways: BothWays, app: flask.Flask
) -> None:
    made = file(ways, "smi", kinds=PLENTY)
    leg = leg_of(made, "health")
    hand_in(ways, made["id"], "diagnosis", a_pdf())
    health = ways.caller(app, "desk", agency="health")
    assert [paper["kind"] for paper in listed(health, leg)] == ["diagnosis"]
    told = [event for event in ways.asked(made["id"]) if "reseal" in event.type]
    assert told
    assert not any("diagnosis" in str(event.data) for event in told)
    assert not any("diagnosis" in str(event.data) for event in ways.told(leg))


def test_an_agency_with_a_key_of_its_own_gets_the_ciphertext_and_opens_it_itself(
    sqlite_database: MakeDatabase,
) -> None:
    private, district = with_own_key()
    ways = BothWays(an_installation(sqlite_database, district=district))
    made = file(ways, "med-enrol", kinds=PLENTY)
    leg = leg_of(made, AGENCY)
    hand_in(ways, made["id"], "id-card", a_pdf())
    with ways.parts.database.read() as connection:
        sealed = referrals.packet_of(connection, leg)
    assert sealed is not None
    opened = jwe.decrypt_compact(sealed.packet, private, algorithms=["ECDH-ES", "A256GCM"])
    assert opened.plaintext is not None
    body = json.loads(urlsafe_b64decode(opened.plaintext.split(b".")[1] + b"=="))["body"]
    (paper,) = body["papers"]
    desk = ways.caller(ways.app(), "desk", agency=AGENCY)
    answer = desk.get(f"/referrals/{leg}/papers/{paper['id']}", reason=REASON)
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    assert unlock(paper["id"], answer.data, decode(paper["content_key"].encode())) == a_pdf()
    assert hashlib.sha256(a_pdf()).hexdigest() == paper["sha256"]
    unknown = desk.get(f"/referrals/{leg}/papers/019aae10-4c00-7b3e-9d51-2f6c8a7e4b01", reason=REASON)
    assert (unknown.status_code, unknown.json["type"]) == (404, "urn:aid:problem:no-such-paper")
