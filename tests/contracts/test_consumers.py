"""Every consumer reads the golden example of each type it takes, and what a later release may add to it."""

from __future__ import annotations

from typing import cast

import pytest

from services.intake.entrypoints import consumer as intake
from services.intake.use_cases.context import Context as IntakeContext
from services.notifications.entrypoints import consumer as notifications
from services.referrals.entrypoints import consumer as referrals
from services.referrals.use_cases.context import Context
from shared.events import CATALOGUE
from shared.inbox import Subscription
from shared.messaging.topology import INTERESTS
from tests.contracts.golden import assert_reads

NO_CONTEXT = cast("Context", None)  # handlers are bound to it but not called here
SUBSCRIPTIONS: dict[str, tuple[Subscription, ...]] = {
    "intake": intake.subscriptions(cast("IntakeContext", None)),
    "referrals": referrals.subscriptions(NO_CONTEXT),
    "notifications": notifications.subscriptions(),
}
TAKEN = [(service, taken) for service, all_taken in SUBSCRIPTIONS.items() for taken in all_taken]


@pytest.mark.parametrize(
    ("service", "taken"), TAKEN, ids=[f"{service}-{taken.type}" for service, taken in TAKEN]
)
def test_a_consumer_reads_the_example(service: str, taken: Subscription) -> None:
    assert service in INTERESTS
    assert_reads(taken.schema, taken.type)


def test_every_service_says_what_it_takes() -> None:
    assert set(SUBSCRIPTIONS) == set(INTERESTS)


@pytest.mark.parametrize("service", SUBSCRIPTIONS)
def test_a_service_takes_only_what_its_queue_is_bound_to(service: str) -> None:
    followed = {row.type for row in CATALOGUE.values() if (row.producer, row.aggregate) in INTERESTS[service]}
    assert {taken.type for taken in SUBSCRIPTIONS[service]} <= followed
