"""Referrals dumps exactly the golden examples of what it publishes, and can read those of what it consumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.referrals.domain import events
from services.referrals.domain.erasure import erased
from services.referrals.domain.referral import Referral, told
from services.referrals.entrypoints.consumer import subscriptions
from shared.events import CATALOGUE, Event, example, example_bytes, types_of
from shared.events.catalogue import COMMANDS
from tests.contracts.stories import (
    STORIES,
    SUBMITTED,
    TIMETABLE,
    answered,
    data_of,
    opened,
    sequence_of,
)

NO_PARTS: Any = None
"""Only the schemas of the subscriptions are asked for."""
ELSEWHERE = {
    *("capacity.changed.v1", "referral.due-moved.v1", "referral.planned.v1"),
    *("referral.opened.v1", "referral.erased.v1"),
}
"""Held to their examples by tests of their own."""
RECEIPT_ALONE = {"referral.reissue-done.v1"}
"""Tells referrals nothing that it has to do; that it came is all it keeps."""
ANSWERS = sorted(f"{verb}-{end}" for verb in COMMANDS for end in ("done", "refused"))


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
    data = events.issued(opened(), TIMETABLE, {"packet": leg["packet"], "badge": leg["badge"]})
    assert enveloped(golden, opened(), data) == example_bytes(golden.type)


@pytest.mark.parametrize("fact", sorted(STORIES))
def test_what_an_action_tells_is_dumped_exactly(fact: str) -> None:
    golden = example(f"referral.{fact}.v1")
    change, data = data_of(fact, golden)
    assert (change.fact, sequence_of(change)) == (golden.type, golden.sequence)
    assert enveloped(golden, change.after, data) == example_bytes(golden.type)


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_answer_to_a_command_is_dumped_exactly(answer: str) -> None:
    golden = example(f"referral.{answer}.v1")
    after = answered(answer)
    assert after.event_sequence == golden.sequence
    said = {name: str(golden.data[name]) for name in ("reason", "action") if name in golden.data}
    refusal = events.Refusal(said["reason"], action=said.get("action")) if said else None
    data = events.settled(after, golden.time, refusal)
    assert enveloped(golden, after, data) == example_bytes(golden.type)


@pytest.mark.parametrize("fact", sorted(STORIES))
def test_every_fact_tells_the_days_of_the_clock_due_first(fact: str) -> None:
    golden = example(f"referral.{fact}.v1")
    after = data_of(fact, golden)[0].after
    days = {
        name: value and str(value)
        for name, value in (("due_on", after.due_on), ("yellow_on", after.yellow_on))
    }
    assert {name: golden.data[name] for name in days} == days
    assert (days["due_on"] is None) == (after.clock is None)


def test_that_a_packet_was_opened_is_dumped_exactly() -> None:
    golden = example("referral.opened.v1")
    before = data_of("claimed", golden)[0].before
    opening = told(before)
    assert opening.event_sequence == golden.sequence
    data = events.opened(
        opening, golden.time, what="packet", by_post="desk", answer=str(golden.data["answer"])
    )
    assert enveloped(golden, opening, data) == example_bytes(golden.type)


def test_that_a_person_was_erased_is_dumped_exactly() -> None:
    golden = example("referral.erased.v1")
    after = erased(data_of("rated", golden)[0].before, golden.time)
    assert (after.event_sequence, after.life.erased_at) == (golden.sequence, golden.time)
    data = events.erased(after, golden.time, keys="own")
    assert enveloped(golden, after, data) == example_bytes(golden.type)


def test_every_type_referrals_publishes_is_held_to_its_example() -> None:
    published = {row.type for row in CATALOGUE.values() if row.producer == "referrals"}
    held = {f"referral.{fact}.v1" for fact in (*STORIES, *ANSWERS, "issued")}
    assert published == held | ELSEWHERE | {"audit.referrals-sealed.v1"}


def test_every_example_referrals_consumes_loads_with_its_own_schema() -> None:
    readers = {subscription.type: subscription.schema for subscription in subscriptions(NO_PARTS)}
    for type_, schema in readers.items():
        schema.load(dict(example(type_).data))
    bound = {row.type for aggregate in ("request", "staff", "audit") for row in types_of("intake", aggregate)}
    assert set(readers) == bound - RECEIPT_ALONE


def test_a_field_that_a_producer_adds_is_left_out() -> None:
    schema = next(one.schema for one in subscriptions(NO_PARTS) if one.type == "request.submitted.v1")
    legs = [{**leg, "colour": "green"} for leg in SUBMITTED["legs"]]
    loaded: Any = schema.load({**SUBMITTED, "weather": "fine", "legs": legs})
    assert "weather" not in loaded
    assert "colour" not in loaded["legs"][0]
    assert loaded["legs"][0]["rules"] == SUBMITTED["legs"][0]["rules"]
