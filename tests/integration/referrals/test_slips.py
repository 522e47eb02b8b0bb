"""The scan of an agency's answer on paper: taken in by the coordinator, open to the agency, and needed to record it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import flask
import pytest

from services.referrals.bootstrap import web
from services.referrals.domain.slips import MOST_SLIPS
from services.referrals.use_cases.slips import list_slips, sweeper
from services.referrals.use_cases.tick import tick
from shared.blobs.sweep import GRACE
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road, leg_of
from tests.papers import a_pdf, a_picture

REFUSAL = {"action": "close", "fields": {"outcome": "refused", "reason": "other"}}
NOBODYS = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """An installation on SQLite: what a database decides here is tried with papers on both."""
    return Road(an_installation(sqlite_database))


@pytest.fixture
def app(road: Road) -> flask.Flask:
    """The web application of referrals."""
    return web(road.parts, public_url="http://127.0.0.1")


@pytest.fixture
def leg(road: Road) -> str:
    """A referral that civil affairs has accepted."""
    found = leg_of(road.file("dibao"))
    road.act(found, "acknowledge", 1)
    road.act(found, "accept", 2)
    return found


def upload(who: Caller, leg: str, content: bytes, **headers: str) -> Any:
    return who.client.post(
        f"/referrals/api/v1/referrals/{leg}/slips",
        data={"file": (io.BytesIO(content), "answer.pdf")},
        headers={"Authorization": f"Bearer {who.token}", **headers},
    )


def problem(answer: Any) -> tuple[int, str]:
    told = answer.json
    assert told["messages"]["zh"] != told["messages"]["en"]
    return answer.status_code, told["type"].removeprefix("urn:aid:problem:")


def record(who: Caller, leg: str, slip: str, body: dict[str, Any] = REFUSAL) -> Any:
    return who.post(f"/referrals/{leg}/record-on-behalf", {**body, "slip": slip})


@pytest.mark.parametrize("slip", [NOBODYS, "01934f5e-0000-7000-8000-000000000001"])
def test_without_a_scan_no_decision_is_taken_down_for_an_agency(
    road: Road, coordinator: Caller, leg: str, slip: str
) -> None:
    assert problem(record(coordinator, leg, slip)) == (409, "slip-missing")
    assert road.told(leg)[-1].type == "referral.accepted.v1"


def test_a_scan_of_another_referral_is_none(road: Road, coordinator: Caller, leg: str) -> None:
    other = leg_of(road.file("dibao", person={"name": "王芳", "residence": "530103004007"}))
    slip = upload(coordinator, other, a_pdf()).json["id"]
    assert problem(record(coordinator, leg, slip)) == (409, "slip-missing")


def test_a_refusal_on_paper_is_taken_down_by_its_scan_which_the_agency_can_open(
    road: Road, app: flask.Flask, coordinator: Caller, leg: str
) -> None:
    scan = a_pdf(2)
    made = upload(coordinator, leg, scan)
    assert (made.status_code, made.json["type"], made.json["size"]) == (201, "application/pdf", len(scan))
    done = record(coordinator, leg, made.json["id"])
    assert (done.status_code, done.json["status"], done.json["outcome"]) == (200, "closed", "refused")
    assert road.audited("referral.record-on-behalf")[0].detail["slip"] == made.json["id"]

    leader = road.caller(app, "leader", agency="civil-affairs")
    listed = leader.get(f"/referrals/{leg}/slips").json["items"]
    assert [item["id"] for item in listed] == [made.json["id"]]
    opened = leader.get(f"/referrals/{leg}/slips/{made.json['id']}", reason="书面答复核对")
    assert (opened.status_code, opened.data) == (200, scan)
    assert [line.object_id for line in road.audited("slip.opened")] == [leg]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (
            {"fields": {"outcome": "approved", "amount": -5, "period": "monthly"}},
            "fields.amount",
            "100 million",
        ),
        (
            {"fields": {"outcome": "approved", "amount": 5, "period": "王芳"}},
            "fields.period",
            "words of time",
        ),
        (
            {"action": "request-documents", "fields": {"papers": [["id-card"]], "note": "请补交"}},
            "fields.papers.0",
            "a text",
        ),
    ],
)
def test_a_wrong_field_of_a_decision_is_named_in_the_words_of_its_own_form(
    coordinator: Caller, leg: str, body: dict[str, Any], field: str, words: str
) -> None:
    slip = upload(coordinator, leg, a_pdf()).json["id"]
    refused = record(coordinator, leg, slip, {"action": "close", **body})
    (error,) = refused.json["errors"]
    assert (refused.status_code, error["field"]) == (422, field)
    assert words in error["messages"]["en"]


def test_nobody_else_opens_a_scan(road: Road, app: flask.Flask, coordinator: Caller, leg: str) -> None:
    slip = upload(coordinator, leg, a_pdf()).json["id"]
    path = f"/referrals/{leg}/slips/{slip}"
    assert coordinator.get(path, reason="书面答复核对").status_code == 200
    colleague = road.caller(app, "coordinator", agency="second")
    assert problem(colleague.get(path, reason="书面答复核对")) == (404, "no-such-slip")
    stranger = road.caller(app, "desk", agency="employment")
    assert stranger.get(path, reason="书面答复核对").status_code == 404
    assert upload(stranger, leg, a_pdf()).status_code == 403


def test_a_scan_lies_in_the_store_as_ciphertext_apart_from_papers(
    road: Road, coordinator: Caller, leg: str
) -> None:
    scan = a_picture("PNG")
    slip = upload(coordinator, leg, scan).json["id"]
    assert road.parts.slips.has(slip)
    assert not road.parts.blobs.has(slip)
    assert scan[:64] not in road.parts.slips.get(slip)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", (422, "paper-empty")),
        (b"MZ" + b"\0" * 100, (422, "paper-wrong-type")),
        (a_pdf()[:300], (422, "paper-damaged")),
    ],
)
def test_a_scan_is_judged_by_its_content(
    coordinator: Caller, leg: str, content: bytes, refusal: tuple[int, str]
) -> None:
    assert problem(upload(coordinator, leg, content)) == refusal


def test_a_referral_has_only_so_many_scans_and_one_sent_twice_counts_once(
    coordinator: Caller, leg: str
) -> None:
    first, again = (upload(coordinator, leg, a_pdf(), **{"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json == again.json
    for _ in range(MOST_SLIPS - 1):
        assert upload(coordinator, leg, a_pdf()).status_code == 201
    assert problem(upload(coordinator, leg, a_pdf())) == (409, "too-many-slips")


def test_a_scan_is_forgotten_with_its_referral(road: Road, coordinator: Caller, leg: str) -> None:
    slip = upload(coordinator, leg, a_pdf()).json["id"]
    record(coordinator, leg, slip)
    clock = road.installation.clock
    years = road.installation.district.options["retention"]["closed_case_years"]
    clock.move_to(clock.now() + timedelta(days=366 * years + 1))
    tick(road.parts)
    assert list_slips(road.parts, coordinator.principal, leg) == []
    clock.move_to(clock.now() + GRACE * 2)
    sweep = sweeper(road.parts)
    for _ in range(32):
        sweep.tick()
    assert not road.parts.slips.has(slip)
