"""How many steps a treatment has tells which it is: its agency reads them, and nobody else outside the help desk."""

from __future__ import annotations

import re
from typing import Any

import flask
import pytest
import sqlalchemy as sa

from shared.outbox.tables import outbox
from tests.builders import HUT_UNIT, STREET, a_consent
from tests.integration.legs.both_ways import BothWays

CODE = re.compile(r"(?:step|paper)-\d|(?:Step|Paper) \d|第 \d 步|材料 \d")
OTHERS: dict[str, dict[str, Any]] = {
    "coordinator": {},
    "specialist": {"unit": STREET},
    "hut": {"unit": HUT_UNIT},
}


@pytest.fixture
def treated(ways: BothWays) -> tuple[str, str]:
    """Give a request and its leg: a paper was asked for, and the last of three steps reached."""
    kinds = ["identity", "contact", "health"]
    filed = ways.file("psy", consents=[a_consent("health", ("psy",), data_kinds=kinds)])
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "start", {"step": "step-1"})
    ways.at_desk(leg, "step", {"step": "step-3"})
    ways.at_desk(leg, "request-documents", {"papers": ["paper-1"], "note": "请补交"})
    return filed["id"], leg


@pytest.fixture
def app(ways: BothWays) -> flask.Flask:
    """The web application of referrals."""
    return ways.app()


@pytest.mark.parametrize("role", OTHERS)
def test_no_answer_page_or_figure_tells_others_a_step(
    ways: BothWays, app: flask.Flask, treated: tuple[str, str], role: str
) -> None:
    request, leg = treated
    who = ways.caller(app, role, **OTHERS[role])
    answers = [
        who.get(path)
        for path in (
            *(f"/referrals/{leg}{more}" for more in ("", "/history", "/clock")),
            *("/referrals", "/cases", f"/cases/{request}", "/statistics"),
        )
    ]
    pages = (f"/referrals/{leg}", f"/referrals/cases/{request}", "/referrals/board")
    headers = {"Authorization": f"Bearer {who.token}"}
    answers += [
        who.client.get(page, headers={**headers, "Accept-Language": language})
        for page in pages
        for language in ("zh", "en")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert [CODE.search(answer.text) for answer in answers] == [None] * len(answers)
    assert [line["action"] for line in who.get(f"/referrals/{leg}/history").json["items"]][-3:] == [
        "start",
        "step",
        "request-documents",
    ]


def test_its_own_agency_reads_all_of_them(ways: BothWays, app: flask.Flask, treated: tuple[str, str]) -> None:
    _, leg = treated
    desk = ways.caller(app, "desk", agency="health")
    shown = desk.get(f"/referrals/{leg}").json
    assert (shown["step"], shown["papers"]) == ("step-3", ["paper-1"])
    steps = [line["fields"].get("step") for line in desk.get(f"/referrals/{leg}/history").json["items"]]
    assert [step for step in steps if step] == ["step-1", "step-3"]
    leader = ways.caller(app, "leader", agency="health")
    assert "step-3" in leader.get("/statistics").text


def test_no_audit_entry_names_a_step(ways: BothWays, treated: tuple[str, str]) -> None:
    assert [entry.detail.get("step") for entry in ways.audited("referral.started")] == [None, None]


def test_no_event_that_leaves_the_services_names_a_step(ways: BothWays, treated: tuple[str, str]) -> None:
    with ways.parts.database.read() as connection:
        outside = connection.execute(sa.select(outbox.c.agencies_body)).scalars().all()
    assert [body for body in outside if body and CODE.search(body.decode())] == []


def test_the_help_desk_reads_the_step_by_its_name(ways: BothWays, treated: tuple[str, str]) -> None:
    request, _ = treated
    assert "step-3" in str(ways.seen(request)["history"])
