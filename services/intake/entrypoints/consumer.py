"""Which events intake takes, and what each leads to: all of them go into the mirror of legs."""

from __future__ import annotations

from services.intake.schemas.messages import READERS
from services.intake.use_cases.mirror_legs import mirror_legs
from shared.inbox import Subscription


def subscriptions() -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregate only get a receipt."""
    return tuple(Subscription(type_, schema, mirror_legs) for type_, schema in READERS.items())
