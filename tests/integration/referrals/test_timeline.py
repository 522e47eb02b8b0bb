"""A person's whole case as one timeline: across its legs, in codes, and in the order in which the hut tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask

from services.intake.entrypoints.consumer import subscriptions
from services.intake.use_cases.read_requests import read_history
from services.referrals.domain.transitions import TRANSITIONS
from shared.events import Event, timestamp
from shared.inbox import Receiver
from shared.messaging import Delivery
from tests.builders import HUT_UNIT, MONDAY, STREET, a_principal
from tests.integration.referrals.desk import Road, leg_of

DAY = timedelta(days=1)


def later(road: Road, days: int) -> None:
    road.installation.clock.move_to(MONDAY + days * DAY)


def a_case(road: Road) -> dict[str, Any]:
    """File for two agencies; one decides, the other is withdrawn."""
    filed = road.file("dibao", "pension")
    dibao = leg_of(filed)
    later(road, 1)
    road.act(dibao, "acknowledge", 1)
    later(road, 2)
    road.act(dibao, "accept", 2)
    later(road, 3)
    road.act(leg_of(filed, "social-security"), "acknowledge", 1, agency="social-security")
    later(road, 4)
    road.withdraw(filed["id"], leg_of(filed, "social-security"))
    later(road, 9)
    road.act(dibao, "close", 3, {"outcome": "approved", "amount": 560, "period": "monthly", "note": "机密"})
    return filed


def timeline(road: Road, app: flask.Flask, case: str, role: str = "coordinator", **place: Any) -> Any:
    return road.caller(app, role, **place).get(f"/cases/{case}")


def test_all_legs_are_told_as_one_oldest_first(road: Road, app: flask.Flask) -> None:
    filed = a_case(road)
    entries = timeline(road, app, filed["id"]).json["timeline"]
    assert [(entry["agency"], entry["action"], entry["to_status"]) for entry in entries] == [
        (None, "file", None),
        ("civil-affairs", "issue", "issued"),
        ("social-security", "issue", "issued"),
        ("civil-affairs", "acknowledge", "received"),
        ("civil-affairs", "accept", "accepted"),
        ("social-security", "acknowledge", "received"),
        ("social-security", "cancel", "cancelled"),
        ("civil-affairs", "close", "closed"),
    ]
    assert {entry["leg"] for entry in entries[1:]} == {leg["id"] for leg in filed["legs"]}
    assert [entry["action_name"]["zh"] for entry in entries][3:5] == ["签收", "受理"]


def test_each_line_tells_who_by_role_and_place_and_how_many_days_were_used(
    road: Road, app: flask.Flask
) -> None:
    filed = a_case(road)
    first, *entries = timeline(road, app, filed["id"]).json["timeline"]
    assert first["by"] == {"role": "intake-desk", "agency": None, "unit": HUT_UNIT, "staff": None}
    assert first["days_used"] is None
    nobody = {"role": "system", "agency": None, "unit": None, "staff": None}
    assert [entry["by"] for entry in entries[:2]] == [nobody, nobody]
    assert entries[2]["by"] == {"role": "desk", "agency": "civil-affairs", "unit": None, "staff": None}
    assert entries[5]["by"] == {"role": "intake-desk", "agency": None, "unit": HUT_UNIT, "staff": None}
    assert [entry["days_used"] for entry in entries] == [0, 0, 1, 2, 3, 4, 7]


def test_reasons_and_outcomes_are_codes_and_no_word_or_amount_is_told(road: Road, app: flask.Flask) -> None:
    answer = timeline(road, app, a_case(road)["id"])
    cancelled, closed = answer.json["timeline"][-2:]
    assert cancelled["codes"] == {"reason": "withdrawn-by-person"}
    assert closed["codes"] == {"outcome": "approved"}
    for word in ("机密", "560", "monthly", "desk-civil-affairs"):
        assert word not in answer.text


def test_a_health_leg_goes_by_its_outward_name(road: Road, app: flask.Flask) -> None:
    filed = road.file("psy")
    answer = timeline(road, app, filed["id"])
    assert {entry["programme"] for entry in answer.json["timeline"][1:]} == {"health-service"}
    assert "psy" not in answer.text


def test_the_filing_desk_and_its_street_read_it_and_an_agency_knows_of_no_case(
    road: Road, app: flask.Flask
) -> None:
    filed = a_case(road)
    for role, place in (("hut", {}), ("specialist", {"unit": STREET})):
        assert len(timeline(road, app, filed["id"], role, **place).json["timeline"]) == 8
    assert timeline(road, app, filed["id"], "desk", agency="civil-affairs").status_code == 404


def test_the_desk_that_filed_it_reads_the_same_order_in_its_own_history(road: Road, app: flask.Flask) -> None:
    filed = a_case(road)
    answers = {"cancel-requested", "cancel-done"}
    told = [(event.type.split(".")[1], event.subject) for event in road.told()]
    told = [(fact, leg) for fact, leg in told if fact not in answers]
    intake = road.installation.databases["intake"]
    Receiver(intake, "intake", subscriptions(road.installation.intake()))(
        [_delivery(event) for event in road.told()]
    )
    history = read_history(road.installation.intake(), a_principal(), filed["id"])
    here = [
        (line["fact"], line["leg"]["id"], line["at"])
        for line in history
        if line["leg"] is not None and line["fact"] not in answers
    ]
    facts = {action: row.fact.split(".")[1] for action, row in TRANSITIONS.items()}
    there = [
        (facts[entry["action"]], entry["leg"], entry["at"])
        for entry in timeline(road, app, filed["id"], "hut").json["timeline"]
        if entry["leg"] is not None
    ]
    assert [line[:2] for line in there] == [line[:2] for line in here] == told
    assert [line[2] for line in there] == [timestamp(line[2]) for line in here]


def test_what_was_put_to_the_leader_is_told_with_what_it_was(road: Road, app: flask.Flask) -> None:
    filed = road.file("dibao")
    leg = leg_of(filed)
    road.act(leg, "accept", 1)
    road.act(leg, "close", 2, {"outcome": "refused", "reason": "criteria-not-met"})
    asked = timeline(road, app, filed["id"]).json["timeline"][-1]
    assert asked["action_name"] == {"zh": "提请审批：办结", "en": "Approval asked for: Close"}
    assert asked["codes"] == {"action": "close"}


def _delivery(event: Event) -> Delivery:
    return Delivery(
        body=event.internal(),
        routing_key=event.routing_key,
        user_id="aid-referrals",
        redelivered=False,
        content_type="application/cloudevents+json",
        tag=1,
        queue="intake.events",
    )


def test_a_longer_time_is_told_with_its_new_day(road: Road, app: flask.Flask) -> None:
    filed = road.file("dibao")
    leg = leg_of(filed)
    road.act(leg, "accept", 1)
    road.act(leg, "extend", 2, {"reason": "special-case"}, role="leader")
    shown = timeline(road, app, filed["id"]).json
    assert shown["timeline"][-1]["codes"] == {"reason": "special-case", "due_on": shown["due_on"]}
