"""What intake tells of the street's check is exactly the golden examples, and referrals reads what concerns it."""

from __future__ import annotations

from typing import Any

from services.intake.domain import events
from services.intake.domain.street_check import REASONS
from services.referrals.schemas.messages import ApprovedSchema, SubmittedSchema
from shared.events import example, example_bytes
from tests.contracts.test_intake_events import stamp_of


def test_approved_is_dumped_exactly() -> None:
    golden = example("request.approved.v1")
    assert events.approved(stamp_of(golden)).internal() == example_bytes(golden.type)


def test_sent_back_is_dumped_exactly() -> None:
    golden = example("request.sent-back.v1")
    data: Any = golden.data
    assert set(data["reasons"]) <= REASONS.keys()
    assert events.sent_back(stamp_of(golden), data["reasons"]).internal() == example_bytes(golden.type)


def test_resubmitted_is_dumped_exactly() -> None:
    golden = example("request.resubmitted.v1")
    assert events.resubmitted(stamp_of(golden)).internal() == example_bytes(golden.type)


def test_referrals_reads_an_approval() -> None:
    assert ApprovedSchema().load(example("request.approved.v1").data) == {}


def test_a_request_that_waits_says_so_and_others_say_nothing() -> None:
    golden = example("request.submitted.v1")
    data: Any = dict(golden.data)
    legs = [events.SealedLeg(**leg) for leg in data.pop("legs")]
    waiting = events.request_submitted(stamp_of(golden), events.Submission(**data, check=True), legs)
    assert SubmittedSchema().load(dict(waiting.data))["check"] is True
    assert SubmittedSchema().load(golden.data)["check"] is False
    assert "check" not in golden.data
