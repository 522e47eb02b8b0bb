"""Which events this service takes, and what each leads to."""

from __future__ import annotations

from services.notifications.domain.messages import TOLD
from services.notifications.schemas.messages import LEG, STAFF_FACT
from services.notifications.use_cases.tell import tell
from shared.identity import deny_handlers
from shared.inbox import Subscription


def subscriptions() -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregates only get a receipt."""
    return (
        *(Subscription(type_, LEG, tell) for type_ in TOLD),
        *(Subscription(type_, STAFF_FACT, handler) for type_, handler in deny_handlers.items()),
    )
