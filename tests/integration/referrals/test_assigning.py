"""Within an agency: who has a referral in hand, who stands in, and who may change that."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import flask
import pytest

from services.referrals.domain.errors import ReferralError, Stale, TooLate
from services.referrals.use_cases.act import Action, take_action
from shared.directory import District
from shared.directory.content import district_from, version_of
from shared.identity import Post, Principal
from tests.builders import an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road

AGENCY = "civil-affairs"
OFFICER, LEADER, COLLEAGUE = "desk-civil-affairs", "leader-civil-affairs", "second-officer"
FRIDAY = "2026-11-27"


def with_colleague() -> District:
    """Give the district with one more officer at civil affairs."""
    content = the_district().content
    officer = next(member for member in content["staff"] if member["id"] == OFFICER)
    colleague = {**officer, "id": COLLEAGUE, "name": "石可为"}
    staff = [*content["staff"], colleague]
    grown = {**content, "staff": staff}
    return district_from(grown, version=version_of(grown), service=None)


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation whose civil affairs has two officers."""
    return Road(an_installation(database, district=with_colleague()))


@pytest.fixture
def leg(road: Road) -> str:
    """A referral just issued to civil affairs."""
    return str(road.file("dibao")["legs"][0]["id"])


@pytest.fixture
def leader(road: Road, app: flask.Flask) -> Caller:
    """The leader of civil affairs."""
    return road.caller(app, "leader", agency=AGENCY)


@pytest.fixture
def colleague(road: Road, app: flask.Flask) -> Caller:
    """Another officer of civil affairs."""
    return signed_in(road, app, COLLEAGUE, Post("desk", agency=AGENCY))


def signed_in(road: Road, app: flask.Flask, staff: str, *posts: Post) -> Caller:
    """Sign somebody in by name."""
    principal = Principal(staff=staff, session=f"session-of-{staff}", posts=posts)
    token = road.installation.keyring("intake").tokens.sign(principal, road.installation.clock.now())
    return Caller(app.test_client(), principal, token)


def at(road: Road, day: str) -> None:
    """Put the clock to a morning."""
    road.installation.clock.move_to(datetime.fromisoformat(f"{day}T02:00:00").replace(tzinfo=UTC))


def listed(caller: Caller, **query: Any) -> list[str]:
    """Give the ids of a list."""
    answer = caller.get("/referrals", **query)
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_of_two_officers_who_claim_at_once_one_wins_and_the_other_is_told_the_newer_state(
    road: Road, leg: str
) -> None:
    barrier = threading.Barrier(2)
    outcomes: dict[str, object] = {}

    def claim(staff: str) -> None:
        principal = Principal(staff=staff, session="s", posts=(Post("desk", agency=AGENCY),))
        barrier.wait()
        try:
            shown = take_action(road.parts, principal, Action(referral_id=leg, action="claim", version=1))
            outcomes[staff] = shown.referral.assignee
        except ReferralError as error:
            outcomes[staff] = error

    threads = [threading.Thread(target=claim, args=(staff,)) for staff in (OFFICER, COLLEAGUE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [staff for staff, outcome in outcomes.items() if outcome == staff]
    (lost,) = [outcome for outcome in outcomes.values() if isinstance(outcome, Stale)]
    assert (lost.expected, lost.current) == (1, 2)
    (told,) = [event for event in road.told(leg) if event.type == "referral.claimed.v1"]
    assert told.data["assignee"] == winner


def test_who_has_seen_that_it_is_claimed_cannot_claim_it_either(
    desk: Caller, colleague: Caller, leg: str
) -> None:
    assert desk.post(f"/referrals/{leg}/claim", version=1).json["assignee"] == OFFICER
    refused = colleague.post(f"/referrals/{leg}/claim", version=2)
    assert (refused.status_code, refused.json["type"]) == (409, "urn:aid:problem:already-claimed")


def test_what_is_somebodys_already_is_not_given_to_them_again_and_leaves_no_trace(
    road: Road, desk: Caller, leader: Caller, leg: str
) -> None:
    path = f"/referrals/{leg}"
    desk.post(f"{path}/claim", version=1)
    again = desk.post(f"{path}/claim", version=2)
    assert (again.status_code, again.json["type"]) == (409, "urn:aid:problem:claimed-by-you")
    for action in ("assign", "reassign"):
        refused = leader.post(f"{path}/{action}", {"assignee": OFFICER}, version=2)
        assert (refused.status_code, refused.json["type"]) == (422, "urn:aid:problem:same-officer")
    assert desk.get(path).json["version"] == 2
    assert [line["action"] for line in desk.get(f"{path}/history").json["items"]] == ["issue", "claim"]
    assert [event.type.split(".")[1] for event in road.told(leg)] == ["issued", "claimed"]


@pytest.mark.parametrize("staff", ["desk-employment", "coordinator", "hut", "nobody-at-all"])
@pytest.mark.parametrize("action", ["assign", "reassign", "delegate"])
def test_only_an_officer_of_the_agency_is_given_a_referral(
    road: Road, leader: Caller, leg: str, action: str, staff: str
) -> None:
    road.act(leg, "claim", 1)
    body = {"assignee": staff} | ({"until": FRIDAY} if action == "delegate" else {})
    refused = leader.post(f"/referrals/{leg}/{action}", body, version=2)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == ["assignee"]
    assert len(road.told(leg)) == 2


def test_a_leader_assigns_and_reassigns_and_both_are_on_the_record(
    road: Road, leader: Caller, leg: str
) -> None:
    assigned = leader.post(f"/referrals/{leg}/assign", {"assignee": OFFICER}, version=1)
    assert (assigned.status_code, assigned.json["assignee"]) == (200, OFFICER)
    moved = leader.post(f"/referrals/{leg}/reassign", {"assignee": COLLEAGUE})
    assert (moved.status_code, moved.json["assignee"]) == (200, COLLEAGUE)
    facts = [(event.type.split(".")[1], event.data.get("holder")) for event in road.told(leg)]
    assert facts == [("issued", None), ("assigned", None), ("reassigned", OFFICER)]
    lines = leader.get(f"/referrals/{leg}/history").json["items"]
    assert [(line["action"], line["fields"].get("assignee")) for line in lines[1:]] == [
        ("assign", OFFICER),
        ("reassign", COLLEAGUE),
    ]
    (audited,) = road.audited("referral.reassign")
    assert (audited.actor, audited.detail["assignee"]) == (LEADER, COLLEAGUE)


@pytest.mark.parametrize("action", ["reassign", "delegate"])
def test_a_colleague_takes_nothing_out_of_anothers_hands(
    road: Road, colleague: Caller, leg: str, action: str
) -> None:
    road.act(leg, "claim", 1)
    body = {"assignee": COLLEAGUE, "until": FRIDAY} if action == "delegate" else {"assignee": COLLEAGUE}
    refused = colleague.post(f"/referrals/{leg}/{action}", body)
    assert refused.status_code == 403
    shown = colleague.get(f"/referrals/{leg}").json
    assert (shown["assignee"], {"reassign", "delegate"} & set(shown["side_actions"])) == (OFFICER, set())


def test_during_a_leave_a_colleague_stands_in_and_it_lapses_by_itself(
    road: Road, desk: Caller, colleague: Caller, leg: str
) -> None:
    road.act(leg, "claim", 1)
    lent = desk.post(f"/referrals/{leg}/delegate", {"assignee": COLLEAGUE, "until": FRIDAY})
    assert (lent.json["delegated_to"], lent.json["delegated_until"]) == (COLLEAGUE, FRIDAY)
    again = desk.post(f"/referrals/{leg}/delegate", {"assignee": COLLEAGUE, "until": FRIDAY})
    assert (again.status_code, again.json["type"]) == (409, "urn:aid:problem:lent-already")
    for day, mine in (("2026-11-24", [leg]), (FRIDAY, [leg]), ("2026-11-28", [])):
        at(road, day)
        assert listed(colleague_on(road, colleague), assignee="me") == mine
        assert listed(colleague_on(road, desk), assignee="me") == [leg]
    at(road, FRIDAY)
    acting = colleague_on(road, colleague)
    assert acting.post(f"/referrals/{leg}/acknowledge", version=3).json["status"] == "received"
    at(road, "2026-11-28")
    after = colleague_on(road, desk).get(f"/referrals/{leg}").json
    assert (after["assignee"], after["delegated_to"], after["delegated_until"]) == (OFFICER, None, None)


def colleague_on(road: Road, caller: Caller) -> Caller:
    """Sign somebody in again: the token of Monday has run out."""
    now = road.installation.clock.now()
    token = road.installation.keyring("intake").tokens.sign(caller.principal, now)
    return Caller(caller.client, caller.principal, token)


def test_a_list_is_of_what_somebody_has_in_hand_or_of_what_nobody_has(
    road: Road, desk: Caller, leader: Caller
) -> None:
    mine, free, gone = (road.file("dibao")["legs"][0]["id"] for _ in range(3))
    road.act(mine, "claim", 1)
    road.act(gone, "accept", 1)
    road.act(gone, "close", 2, {"outcome": "withdrawn"})
    assert listed(desk, assignee="me") == [mine]
    assert listed(leader, assignee=OFFICER) == [mine]
    assert listed(leader, assignee="me") == []
    assert listed(leader, assignee="none") == [free]


def test_whose_a_referral_is_nobody_outside_its_agency_learns(
    road: Road, app: flask.Flask, coordinator: Caller, leg: str
) -> None:
    road.act(leg, "claim", 1)
    refused = coordinator.get("/referrals", assignee=OFFICER)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "assignee")
    assert coordinator.get(f"/referrals/{leg}").json["assignee"] is None
    other = road.caller(app, "desk", agency="employment")
    assert listed(other, assignee=OFFICER) == []


def test_many_are_assigned_at_once_and_each_is_answered_for_itself(
    road: Road, leader: Caller, leg: str
) -> None:
    other = road.file("dibao")["legs"][0]["id"]
    items = [{"id": leg, "version": 1}, {"id": other, "version": 7}]
    answer = leader.post("/referrals/batch", {"action": "assign", "assignee": OFFICER, "items": items})
    assert [item["status"] for item in answer.json["items"]] == [200, 412]
    wrong = leader.post("/referrals/batch", {"action": "assign", "assignee": "hut", "items": items[1:]})
    assert wrong.json["items"][0]["status"] in {412, 422}


def test_nobody_passes_on_what_nobody_has(road: Road, leg: str) -> None:
    with pytest.raises(TooLate):
        road.act(leg, "reassign", 0, {"assignee": COLLEAGUE}, role="leader")
