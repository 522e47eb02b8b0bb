"""Referrals dumps exactly the golden examples of what it publishes, and can read those of what it consumes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.referral import NewLeg, Referral, act, issue, told
from services.referrals.entrypoints.consumer import subscriptions
from shared.clock import Calendar
from shared.events import CATALOGUE, Event, example, example_bytes, types_of

TIMETABLE = Timetable(Calendar(), "Asia/Shanghai")
SUBMITTED: Any = example("request.submitted.v1").data
NO_PARTS: Any = None
"""Only the schemas of the subscriptions are asked for."""
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "referral.acknowledged.v1": ("acknowledge", {}),
    "referral.accepted.v1": ("accept", {}),
    "referral.step-recorded.v1": ("start", {"step": "survey"}),
    "referral.closed.v1": ("close", {"outcome": "approved", "amount": 650, "period": "monthly"}),
    "referral.cancelled.v1": ("cancel", {"reason": "withdrawn-by-person"}),
}
BEFORE: dict[str, tuple[str, ...]] = {
    "referral.acknowledged.v1": (),
    "referral.accepted.v1": ("referral.acknowledged.v1",),
    "referral.step-recorded.v1": ("referral.acknowledged.v1", "referral.accepted.v1"),
    "referral.closed.v1": (
        "referral.acknowledged.v1",
        "referral.accepted.v1",
        "referral.step-recorded.v1",
    ),
    "referral.cancelled.v1": ("referral.acknowledged.v1",),
    "referral.cancel-done.v1": ("referral.acknowledged.v1", "referral.cancelled.v1"),
    "referral.cancel-refused.v1": ("referral.acknowledged.v1", "referral.accepted.v1"),
}
"""What the examples tell of the leg before each, since it was issued: so their days and versions fit together."""


def referral_at(at: datetime) -> Referral:
    """Open the first leg of the golden request."""
    leg = SUBMITTED["legs"][0]
    return issue(
        NewLeg(
            id=leg["id"],
            number=leg["number"],
            request_id=example("request.submitted.v1").subject,
            request_number=SUBMITTED["number"],
            agency=leg["agency"],
            programme=leg["programme"],
            unit=SUBMITTED["unit"],
            street=SUBMITTED["street"],
            urgency=SUBMITTED["urgency"],
            position=0,
            rules=leg["rules"],
        ),
        at,
        TIMETABLE,
    )


def referral_before(type_: str) -> Referral:
    """Lead the first leg of the golden request to where the example of a type finds it."""
    referral = referral_at(example("referral.issued.v1").time)
    for fact in BEFORE[type_]:
        action, fields = ACTIONS[fact]
        referral = act(referral, action, fields, example(fact).time, TIMETABLE).after
    return referral


def enveloped(golden: Event, referral: Referral, data: dict[str, Any]) -> bytes:
    cause = None
    if golden.causation is not None:
        cause = replace(example("request.submitted.v1"), id=golden.causation, traceparent=golden.traceparent)
    return events.event(
        golden.type,
        referral,
        data,
        id=golden.id,
        source=golden.source,
        at=golden.time,
        sequence=golden.sequence,
        cause=cause,
    ).internal()


def test_issued_is_dumped_exactly() -> None:
    golden = example("referral.issued.v1")
    leg = SUBMITTED["legs"][0]
    referral = referral_at(golden.time)
    data = events.issued(referral, TIMETABLE, {"packet": leg["packet"], "badge": leg["badge"]})
    assert enveloped(golden, referral, data) == example_bytes(golden.type)


@pytest.mark.parametrize("type_", sorted(ACTIONS))
def test_what_an_action_tells_is_dumped_exactly(type_: str) -> None:
    golden = example(type_)
    action, fields = ACTIONS[type_]
    change = act(referral_before(type_), action, fields, golden.time, TIMETABLE)
    assert change.after.event_sequence == golden.sequence
    answer = golden.data.get("answer")
    data = events.changed(change, golden.time, by_post="desk", answer=None if answer is None else str(answer))
    assert change.transition.fact == type_
    assert enveloped(golden, change.after, data) == example_bytes(type_)


@pytest.mark.parametrize(
    ("type_", "reason"),
    [("referral.cancel-done.v1", None), ("referral.cancel-refused.v1", "already-accepted")],
)
def test_the_answer_to_a_command_is_dumped_exactly(type_: str, reason: str | None) -> None:
    golden = example(type_)
    after = told(referral_before(type_))
    assert after.event_sequence == golden.sequence
    assert enveloped(golden, after, events.settled(after, golden.time, reason=reason)) == example_bytes(type_)


@pytest.mark.parametrize("type_", ["referral.issued.v1", *BEFORE])
def test_every_fact_tells_the_days_of_the_clock_due_first(type_: str) -> None:
    golden = example(type_)
    if type_ == "referral.issued.v1":
        after = referral_at(golden.time)
    elif type_ in ACTIONS:
        action, fields = ACTIONS[type_]
        after = act(referral_before(type_), action, fields, golden.time, TIMETABLE).after
    else:
        after = referral_before(type_)
    days = {
        name: value and str(value)
        for name, value in (("due_on", after.due_on), ("yellow_on", after.yellow_on))
    }
    assert {name: golden.data[name] for name in days} == days
    assert (days["due_on"] is None) == (after.ended_at is not None)


def test_every_type_referrals_publishes_is_held_to_its_example() -> None:
    published = {row.type for row in CATALOGUE.values() if row.producer == "referrals"}
    assert published == {
        "referral.issued.v1",
        "referral.cancel-done.v1",
        "referral.cancel-refused.v1",
        *ACTIONS,
    }


def test_every_example_referrals_consumes_loads_with_its_own_schema() -> None:
    readers = {subscription.type: subscription.schema for subscription in subscriptions(NO_PARTS)}
    for type_, schema in readers.items():
        schema.load(dict(example(type_).data))
    bound = {row.type for aggregate in ("request", "staff") for row in types_of("intake", aggregate)}
    assert set(readers) == bound


def test_a_field_that_a_producer_adds_is_left_out() -> None:
    schema = next(one.schema for one in subscriptions(NO_PARTS) if one.type == "request.submitted.v1")
    legs = [{**leg, "colour": "green"} for leg in SUBMITTED["legs"]]
    loaded: Any = schema.load({**SUBMITTED, "weather": "fine", "legs": legs})
    assert "weather" not in loaded
    assert "colour" not in loaded["legs"][0]
    assert loaded["legs"][0]["rules"] == SUBMITTED["legs"][0]["rules"]
