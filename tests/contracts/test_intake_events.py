"""Intake dumps exactly the golden examples of what it publishes, and can read those of what it consumes."""

from __future__ import annotations

from typing import Any, cast

import orjson
import pytest

from services.intake.domain import events
from services.intake.entrypoints.consumer import subscriptions
from services.intake.use_cases.context import Context
from shared.events import CATALOGUE, COMMANDS, example, example_bytes

NO_CONTEXT = cast("Context", None)  # handlers are bound to it but not called here


def stamp_of(golden: Any) -> events.Stamp:
    return events.Stamp(
        id=golden.id,
        source=golden.source,
        request=golden.subject,
        time=golden.time,
        sequence=golden.sequence,
        traceparent=golden.traceparent,
        causation=golden.causation,
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


def test_legs_added_is_dumped_exactly() -> None:
    golden = example("request.legs-added.v1")
    data: Any = dict(golden.data)
    legs = [
        events.AddedLeg(
            sealed=events.SealedLeg(
                **{name: leg.get(name) for name in events.SealedLeg.__slots__},
            ),
            **{name: leg[name] for name in ("position", "replaces", "days_used")},
        )
        for leg in data.pop("legs")
    ]
    made = events.legs_added(stamp_of(golden), events.Submission(**data), legs)
    assert made.internal() == example_bytes(golden.type)


def test_moved_is_dumped_exactly() -> None:
    golden = example("request.moved.v1")
    data: Any = golden.data
    made = events.moved(stamp_of(golden), unit=data["unit"], street=data["street"])
    assert made.internal() == example_bytes(golden.type)


def test_a_tombstone_is_dumped_exactly() -> None:
    golden = example("person.erased.v1")
    assert events.person_erased(stamp_of(golden)).internal() == example_bytes(golden.type)


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_is_dumped_exactly(verb: str) -> None:
    golden = example(f"referral.{verb}-requested.v1")
    data: Any = dict(golden.data)
    made = events.command(
        verb, stamp_of(golden), leg=data.pop("referral"), agency=str(golden.agency), data=data
    )
    assert made.internal() == example_bytes(golden.type)


def test_the_answers_about_a_successor_are_dumped_exactly() -> None:
    done, refused = example("referral.reissue-done.v1"), example("referral.reissue-refused.v1")
    told: Any = done.data
    made = events.reissue_done(
        stamp_of(done), leg=told["referral"], agency=str(done.agency), successor=told["successor"]
    )
    assert made.internal() == example_bytes(done.type)
    told = refused.data
    made = events.reissue_refused(
        stamp_of(refused), leg=told["referral"], agency=str(refused.agency), reason=told["reason"]
    )
    assert made.internal() == example_bytes(refused.type)


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
        "request.legs-added.v1",
        "request.moved.v1",
        "person.erased.v1",
        "referral.reissue-done.v1",
        "referral.reissue-refused.v1",
        "staff.disabled.v1",
        "staff.changed.v1",
        # Held to their examples with what notifications reads of them: see test_contact_events.
        "consent.contact-given.v1",
        "consent.contact-ended.v1",
        # The head of the log, which each service tells in the same way: see test_audit_events.
        "audit.intake-sealed.v1",
        # Held to their examples where a request is checked by its street.
        "request.approved.v1",
        "request.sent-back.v1",
        "request.resubmitted.v1",
        *(f"referral.{verb}-requested.v1" for verb in COMMANDS),
    }


@pytest.mark.parametrize(
    "subscription", subscriptions(NO_CONTEXT), ids=lambda subscription: subscription.type
)
def test_the_reader_takes_the_golden_example(subscription: Any) -> None:
    golden = orjson.loads(example_bytes(subscription.type))["data"]
    read = subscription.schema.load(golden)
    assert read.get("status") == golden.get("status")
    assert not {"packet", "badge"} & read.keys()
