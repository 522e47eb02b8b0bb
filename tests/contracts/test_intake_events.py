"""Intake dumps exactly the golden examples of what it publishes, and can read those of what it consumes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.intake.domain import events
from services.intake.entrypoints.consumer import subscriptions
from shared.events import CATALOGUE, example, example_bytes


def stamp_of(golden: Any) -> events.Stamp:
    return events.Stamp(
        id=golden.id,
        source=golden.source,
        request=golden.subject,
        time=golden.time,
        sequence=golden.sequence,
        traceparent=golden.traceparent,
    )


def test_request_submitted_is_dumped_exactly() -> None:
    golden = example("request.submitted.v1")
    data: Any = dict(golden.data)
    legs = [events.SealedLeg(**leg) for leg in data.pop("legs")]
    made = events.request_submitted(stamp_of(golden), events.Submission(**data), legs)
    assert made.internal() == example_bytes("request.submitted.v1")


def test_cancel_requested_is_dumped_exactly() -> None:
    golden = example("referral.cancel-requested.v1")
    data: Any = golden.data
    made = events.cancel_requested(
        stamp_of(golden), leg=data["referral"], agency=str(golden.agency), reason=data["reason"]
    )
    assert made.internal() == example_bytes("referral.cancel-requested.v1")


@pytest.mark.parametrize("fact", ["disabled", "changed"])
def test_facts_of_staff_are_dumped_exactly(fact: str) -> None:
    golden = example(f"staff.{fact}.v1")
    made = events.staff_fact(
        fact,
        id=golden.id,
        source=golden.source,
        staff=golden.subject,
        time=golden.time,
        sequence=golden.sequence,
    )
    assert made.internal() == example_bytes(f"staff.{fact}.v1")


def test_every_type_intake_publishes_is_held_to_its_example() -> None:
    published = {row.type for row in CATALOGUE.values() if row.producer == "intake"}
    assert published == {
        "request.submitted.v1",
        "referral.cancel-requested.v1",
        "staff.disabled.v1",
        "staff.changed.v1",
    }


@pytest.mark.parametrize("subscription", subscriptions(), ids=lambda subscription: subscription.type)
def test_the_reader_takes_the_golden_example(subscription: Any) -> None:
    golden = orjson.loads(example_bytes(subscription.type))["data"]
    read = subscription.schema.load(golden)
    assert read["status"] == golden["status"]
    assert not {"packet", "badge"} & read.keys()
