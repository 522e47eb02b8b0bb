"""An officer takes a referral from its arrival to its outcome, by the API."""

from __future__ import annotations

import threading
from typing import Any

import flask
import pytest

from services.referrals.domain.by_command import BY_COMMAND
from services.referrals.domain.errors import ReferralError, Stale
from services.referrals.domain.status import Status
from services.referrals.use_cases.read import read_referral
from tests.builders import MONDAY, OTHER_UNIT, a_principal
from tests.integration.referrals.desk import Caller, Road, leg_of

APPROVED = {"outcome": "approved", "amount": 650.5, "period": "monthly", "note": "核查属实，自下月发放。"}


@pytest.fixture
def leg(road: Road) -> str:
    """A minimum living allowance, just issued to civil affairs."""
    return str(road.file("dibao", "pub-job")["legs"][0]["id"])


def test_a_referral_goes_from_issued_to_closed_and_each_step_is_told(
    road: Road, desk: Caller, leg: str
) -> None:
    path = f"/referrals/{leg}"
    received = desk.post(f"{path}/acknowledge", version=1)
    assert (received.status_code, received.json["status"], received.headers["ETag"]) == (
        200,
        "received",
        '"2"',
    )
    assert desk.post(f"{path}/accept", version=2).json["status"] == "accepted"
    started = desk.post(f"{path}/start", {"step": "home-visit"}, version=3).json
    assert (started["status"], started["step"], started["version"]) == ("in-progress", "home-visit", 4)
    closed = desk.post(f"{path}/close", APPROVED, version=4).json
    assert (closed["status"], closed["light"], closed["outcome"]) == ("closed", "blue", "approved")
    assert closed["outcome_fields"] == {"amount": 650.5, "period": "monthly"}
    assert (closed["actions"], closed["due_on"]) == ([], None)
    assert [event.type.split(".")[1] for event in road.told(leg)] == [
        "issued",
        "acknowledged",
        "accepted",
        "step-recorded",
        "closed",
    ]
    assert [event.sequence for event in road.told(leg)] == [1, 2, 3, 4, 5]
    history = desk.get(f"{path}/history").json["items"]
    assert [line["action"] for line in history] == ["issue", "acknowledge", "accept", "start", "close"]
    assert history[1]["actor"] == "desk-civil-affairs"
    assert [line.action for line in road.audited("referral.closed")] == ["referral.closed"]


def test_what_is_written_in_words_goes_sealed_to_the_help_desk_and_is_kept_nowhere_here(
    road: Road, desk: Caller, leg: str
) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    desk.post(f"/referrals/{leg}/close", APPROVED, version=2)
    told = road.told(leg)[-1]
    assert told.data["outcome"] == "approved"
    opened = road.installation.keyring("intake").open(
        str(told.data["answer"]), "intake", "answer", leg, sender="civil-affairs"
    )
    assert opened.body == {
        "action": "close",
        "fields": {"outcome": "approved", "amount": 650.5, "period": "monthly"},
        "note": APPROVED["note"],
    }
    with road.parts.database.read() as connection:
        for table in ("referrals", "history", "audit_log"):
            kept = str(connection.exec_driver_sql(f"select * from {table}").all())  # noqa: S608 - three fixed names
            assert "核查属实" not in kept


def test_an_outcome_without_words_has_no_sealed_answer(road: Road, desk: Caller, leg: str) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    desk.post(f"/referrals/{leg}/close", {"outcome": "withdrawn"}, version=2)
    assert "answer" not in road.told(leg)[-1].data


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["outcome"]),
        ({"outcome": "approved"}, ["amount", "period"]),
        ({"outcome": "won"}, ["outcome"]),
        ({"outcome": "approved", "amount": -1, "period": "once"}, ["amount"]),
        ({"outcome": "approved", "amount": 1.005, "period": "once"}, ["amount"]),
        ({"outcome": "withdrawn", "amount": 3}, ["amount"]),
        ({"outcome": "enrolled"}, ["outcome"]),
        ({"outcome": "terminated"}, ["reason"]),
        ({"outcome": "withdrawn", "colour": "red"}, ["colour"]),
    ],
)
def test_a_wrong_closing_names_every_field_in_both_languages(
    desk: Caller, leg: str, body: dict[str, Any], fields: list[str]
) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    answer = desk.post(f"/referrals/{leg}/close", body, version=2)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == fields
    assert all(error["messages"]["zh"] and error["messages"]["en"] for error in answer.json["errors"])
    assert desk.get(f"/referrals/{leg}").json["version"] == 2


def test_a_category_is_chosen_from_what_the_pack_offers(road: Road, app: flask.Flask) -> None:
    leg = leg_of(road.file("hard-emp"), "employment")
    desk = road.caller(app, "desk", agency="employment")
    assert desk.post(f"/referrals/{leg}/accept", version=1).status_code == 200
    headers = {"Authorization": f"Bearer {desk.token}", "Accept": "text/html"}
    assert '<option value="长期失业"' in desk.client.get(f"/referrals/{leg}", headers=headers).text
    wrong = desk.post(f"/referrals/{leg}/close", {"outcome": "approved", "category": "戒毒人员"}, version=2)
    assert (wrong.status_code, [error["field"] for error in wrong.json["errors"]]) == (422, ["category"])
    chosen = {"outcome": "approved", "category": "long-term"}
    assert desk.post(f"/referrals/{leg}/close", chosen, version=2).status_code == 200


def test_nobody_lets_a_referral_lapse_by_hand(desk: Caller, leg: str) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    answer = desk.post(f"/referrals/{leg}/close", {"outcome": "lapsed"}, version=2)
    assert (answer.status_code, answer.json["current_status"]) == (409, "accepted")
    assert desk.get(f"/referrals/{leg}").json["version"] == 2


def test_an_action_the_status_does_not_allow_names_the_status_and_what_is_possible(
    road: Road, desk: Caller, leg: str
) -> None:
    answer = desk.post(f"/referrals/{leg}/close", {"outcome": "withdrawn"}, version=1)
    assert answer.status_code == 409
    assert (answer.json["current_status"], answer.json["possible"]) == (
        "issued",
        ["acknowledge", "accept", "propose-return"],
    )
    assert "待签收" in answer.json["messages"]["zh"]
    assert len(road.told(leg)) == 1
    assert [line.detail["action"] for line in road.audited("referral.action-refused")] == ["close"]


@pytest.mark.parametrize("action", sorted(BY_COMMAND))
def test_what_comes_as_a_command_is_not_taken_here(desk: Caller, leg: str, action: str) -> None:
    assert desk.post(f"/referrals/{leg}/{action}", version=1).status_code == 403


def test_an_unknown_action_is_not_found(desk: Caller, leg: str) -> None:
    assert desk.post(f"/referrals/{leg}/fly", version=1).status_code == 404


def test_without_a_version_nothing_is_done(desk: Caller, leg: str) -> None:
    assert desk.post(f"/referrals/{leg}/acknowledge").status_code == 428


def test_a_stale_version_is_told_the_newer_one_before_anything_else(desk: Caller, leg: str) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    answer = desk.post(f"/referrals/{leg}/acknowledge", version=1)
    assert answer.status_code == 412
    assert (answer.json["current_version"], answer.json["current_status"]) == (2, "accepted")


def test_where_nothing_waits_for_the_leader_it_is_told_what_they_could_do(
    road: Road, app: flask.Flask, desk: Caller, leg: str
) -> None:
    desk.post(f"/referrals/{leg}/accept", version=1)
    leader = road.caller(app, "leader", agency="civil-affairs")
    approved = leader.post(f"/referrals/{leg}/approve", version=2)
    assert (approved.status_code, approved.json["type"]) == (409, "urn:aid:problem:nothing-pending")
    assert (approved.json["current_status"], approved.json["possible"]) == ("accepted", ["extend"])
    declined = desk.post(f"/referrals/{leg}/decline", {"reason": "other"}, version=2)
    assert {"start", "close"} <= set(declined.json["possible"])


def test_the_same_key_takes_effect_once_and_gets_the_first_answer_again(
    road: Road, desk: Caller, leg: str
) -> None:
    first = desk.post(f"/referrals/{leg}/acknowledge", version=1, key="once")
    again = desk.post(f"/referrals/{leg}/acknowledge", version=1, key="once")
    assert (again.status_code, again.json) == (200, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(road.told(leg)) == 2
    assert desk.post(f"/referrals/{leg}/acknowledge", {"x": 1}, version=1, key="once").status_code == 422


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("desk", {"agency": "employment"}, 404),
        ("leader", {"agency": "civil-affairs"}, 403),
        ("hut", {}, 403),
        ("specialist", {}, 403),
        ("coordinator", {}, 403),
        ("auditor", {}, 404),
        ("operator", {}, 404),
    ],
)
def test_only_the_agencys_own_desk_acts(
    road: Road, app: flask.Flask, leg: str, role: str, place: dict[str, Any], status: int
) -> None:
    caller = road.caller(app, role, **place)
    assert caller.post(f"/referrals/{leg}/acknowledge", version=1).status_code == status
    assert len(road.told(leg)) == 1


def test_of_two_officers_at_once_one_wins_and_the_other_is_told_the_newer_state(road: Road, leg: str) -> None:
    barrier = threading.Barrier(2)
    outcomes: list[object] = []

    def officer(action: str) -> None:
        barrier.wait()
        try:
            outcomes.append(road.act(leg, action, 1).referral.status)
        except ReferralError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=officer, args=(action,)) for action in ("acknowledge", "accept")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Stale)]
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, Status)]
    assert (lost.current, lost.status) == (2, won)
    assert [event.sequence for event in road.told(leg)] == [1, 2]


def test_a_withdrawal_cancels_what_nobody_has_accepted_and_is_refused_for_the_rest(road: Road) -> None:
    answer = road.file("dibao", "pension", "pub-job")
    taken, seen, new = (leg["id"] for leg in answer["legs"])
    road.act(taken, "accept", 1, agency="civil-affairs")
    road.act(seen, "acknowledge", 1, agency="social-security")
    road.withdraw(answer["id"])
    told = {
        leg: [event.type.removeprefix("referral.") for event in road.told(leg)] for leg in (taken, seen, new)
    }
    assert told == {
        taken: ["issued.v1", "accepted.v1", "withdrawal-asked.v1", "cancel-refused.v1"],
        seen: ["issued.v1", "acknowledged.v1", "cancelled.v1", "cancel-done.v1"],
        new: ["issued.v1", "cancelled.v1", "cancel-done.v1"],
    }
    assert road.told(taken)[-1].data["reason"] == "already-accepted"
    assert road.told(taken)[-1].data["version"] == 3
    assert [event.sequence for event in road.told(seen)] == [1, 2, 3, 4]
    desk = a_principal("desk", agency="employment")
    view = read_referral(road.parts, desk, new)
    assert (view.referral.status, view.referral.ended_at, view.actions) == (Status.CANCELLED, MONDAY, ())
    assert road.act(taken, "start", 3, agency="civil-affairs").referral.status is Status.IN_PROGRESS
    assert road.letters() == []


def test_another_unit_sees_nothing_of_it(road: Road, app: flask.Flask, leg: str) -> None:
    assert road.caller(app, "hut", unit=OTHER_UNIT).get(f"/referrals/{leg}").status_code == 404
    assert road.caller(app, "hut").get(f"/referrals/{leg}").status_code == 200


def test_papers_are_not_asked_for_without_saying_what_is_wrong(road: Road, desk: Caller) -> None:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "acknowledge", 1)
    refused = desk.post(f"/referrals/{leg}/request-documents", {"papers": ["id-card"]}, version=2)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, ["note"])


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("propose-return", {"reason": "not-our-duty"}),
        ("close", {"outcome": "refused", "reason": "criteria-not-met"}),
    ],
)
def test_a_note_that_says_nothing_is_refused(
    road: Road, desk: Caller, action: str, fields: dict[str, str]
) -> None:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    for note in ("   ", "\u200b"):
        refused = desk.post(f"/referrals/{leg}/{action}", fields | {"note": note}, version=2)
        assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (422, ["note"])
