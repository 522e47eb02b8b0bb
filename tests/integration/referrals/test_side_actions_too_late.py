"""A side action that the status does not allow: what is answered, and that nothing changes by it."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.referrals.domain.side_actions import SIDE_ACTIONS
from tests.builders import a_checking_district, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of

AGENCY = {"agency": "civil-affairs"}
COLLEAGUE = "leader-civil-affairs"
BODIES: dict[str, dict[str, Any]] = {
    "assign": {"assignee": COLLEAGUE},
    "reassign": {"assignee": COLLEAGUE},
    "delegate": {"assignee": COLLEAGUE, "until": "2026-12-31"},
    "supervise": {"level": "blue"},
    "explain-delay": {"reason": "staff-short"},
    "note": {"text": "已电话联系"},
    "message": {"text": "请补充联系电话"},
    "appointment": {"on": "2026-12-01", "at": "09:30"},
    "acknowledge-withdrawal": {"ground": "statutory-duty"},
    "decline": {"reason": "not-needed"},
}
BY_DESK = ("claim", "reassign", "delegate", "explain-delay", "appointment", "decline")
OF_THOSE_IN_HAND = (*BY_DESK, "assign", "approve", "urge", "supervise")
LET_GO = (*OF_THOSE_IN_HAND, "note", "message")
ENDS: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "closed": (["reopen"], OF_THOSE_IN_HAND),
    "returned": ([], LET_GO),
    "cancelled": ([], (*LET_GO, "acknowledge-withdrawal")),
}
"""Of each way in which a referral ends: what may still be done by table, and the side actions that may not."""


@pytest.fixture
def database(sqlite_database: MakeDatabase) -> MakeDatabase:
    """What is refused here is refused before any row is written, on whichever database."""
    return sqlite_database


def ended(road: Road, status: str) -> str:
    """Bring a referral to its end by the steps that lead there."""
    answer = road.file("dibao")
    leg = leg_of(answer)
    if status == "cancelled":
        road.withdraw(answer["id"])
    elif status == "closed":
        road.act(leg, "accept", 1)
        road.act(leg, "close", 2, {"outcome": "withdrawn"})
    else:
        road.act(leg, "propose-return", 1, {"reason": "duplicate", "note": "已在办"})
        settled = {"next": "none", "reason": "duplicate"}
        road.act(leg, "confirm-return", 2, settled, role="coordinator", agency=None)
    return leg


def refused(road: Road, app: flask.Flask, leg: str, action: str) -> Any:
    """Take a side action as somebody who may, and show that nothing came of it; gives the answer."""
    row = SIDE_ACTIONS[action]
    role = next(role for role in ("desk", "leader", "coordinator") if role in row.roles)
    caller = road.caller(app, role, **({} if role == "coordinator" else AGENCY))
    before, told = caller.get(f"/referrals/{leg}").json, len(road.told(leg))
    answer = caller.post(f"/referrals/{leg}/{action}", BODIES.get(action), version=before["version"])
    assert caller.get(f"/referrals/{leg}").json == before
    assert action not in before["side_actions"]
    assert len(road.told(leg)) == told
    return answer


@pytest.mark.parametrize("status", sorted(ENDS))
def test_what_no_longer_can_be_done_about_an_ended_one_answers_409_and_changes_nothing(
    road: Road, app: flask.Flask, status: str
) -> None:
    leg = ended(road, status)
    possible, actions = ENDS[status]
    for action in actions:
        answer = refused(road, app, leg, action)
        said = (answer.status_code, answer.json.get("action"), answer.json.get("current_status"))
        assert said == (409, action, status), answer.text
        # Where nothing waits for a leader, it is told what that very person could do.
        mine = [] if action in {"approve", "decline"} else possible
        assert answer.json["possible"] == mine, answer.text
        assert answer.json["messages"]["zh"]
        assert answer.json["messages"]["en"]


@pytest.mark.parametrize("action", ["urge", "supervise"])
def test_an_agency_is_not_urged_about_what_the_street_still_checks(
    database: MakeDatabase, action: str
) -> None:
    road = Road(an_installation(database, district=a_checking_district()))
    leg = leg_of(road.file("dibao"))
    answer = refused(road, road.app(), leg, action)
    assert (answer.status_code, answer.json["current_status"], answer.json["possible"]) == (
        409,
        "planned",
        [],
    )
    assert "the street checks it first" in answer.json["messages"]["en"]


def test_a_refused_side_action_is_audited(road: Road, app: flask.Flask) -> None:
    leg = ended(road, "closed")
    refused(road, app, leg, "urge")
    (line,) = road.audited("referral.action-refused")
    assert (line.object_id, dict(line.detail)) == (leg, {"action": "urge", "status": "closed"})
