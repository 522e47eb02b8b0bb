"""Which events this service takes, and what each leads to."""

from __future__ import annotations

from services.notifications.domain.messages import TOLD
from services.notifications.schemas.messages import ERASED, LEG, MOVED, STAFF_FACT
from services.notifications.use_cases.follow_move import follow_move
from services.notifications.use_cases.forget import forget
from services.notifications.use_cases.tell import tell
from shared.http.audit_heads import witness
from shared.identity import deny_handlers
from shared.inbox import Subscription

HANDED_OVER, FORGOTTEN = "referral.moved.v1", "referral.erased.v1"


def subscriptions() -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregates only get a receipt."""
    return (
        *(Subscription(type_, LEG, tell) for type_ in TOLD if type_ != HANDED_OVER),
        Subscription(HANDED_OVER, MOVED, follow_move),
        Subscription(FORGOTTEN, ERASED, forget),
        *(Subscription(type_, STAFF_FACT, handler) for type_, handler in deny_handlers.items()),
        witness("referrals"),
    )
