"""What intake tells notifications of contacts is the golden examples to the byte, and goes to nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.intake.domain import contact
from services.notifications.entrypoints.consumer import subscriptions
from shared.events import CATALOGUE, example, example_bytes
from shared.messaging.topology import INTERESTS
from tests.contracts.test_intake_events import stamp_of

GIVEN, ENDED = "consent.contact-given.v1", "consent.contact-ended.v1"


def stamp_of_request(golden: Any) -> Any:
    return replace(stamp_of(golden), request=golden.correlation)


def test_a_contact_is_dumped_exactly() -> None:
    golden = example(GIVEN)
    data: Any = golden.data
    made = contact.given(
        stamp_of_request(golden),
        golden.subject,
        channels=tuple(data["channels"]),
        expires_on=date.fromisoformat(data["expires_on"]),
        packet=data["packet"],
    )
    assert made.internal() == example_bytes(GIVEN)


def test_its_end_is_dumped_exactly() -> None:
    golden = example(ENDED)
    data: Any = golden.data
    made = contact.ended(stamp_of_request(golden), golden.subject, data["reason"])
    assert made.internal() == example_bytes(ENDED)


@pytest.mark.parametrize("type_", [GIVEN, ENDED])
def test_notifications_reads_the_golden_example(type_: str) -> None:
    (reader,) = (one.schema for one in subscriptions() if one.type == type_)
    assert set(reader.load(dict(example(type_).data))) == set(example(type_).data)


def test_notifications_alone_follows_contacts_and_no_outside_system_does() -> None:
    followers = [service for service, follows in INTERESTS.items() if ("intake", "contact") in follows]
    assert followers == ["notifications"]
    assert not any(CATALOGUE[type_].outside or CATALOGUE[type_].agency for type_ in (GIVEN, ENDED))
