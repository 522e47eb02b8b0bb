"""Which events this service takes, and what each leads to."""

from __future__ import annotations

from services.notifications.domain.messages import TOLD
from services.notifications.domain.persons import FACTS
from services.notifications.schemas.messages import (
    CONTACT_ENDED,
    CONTACT_GIVEN,
    ERASED,
    LEG,
    MOVED,
    STAFF_FACT,
)
from services.notifications.use_cases.contacts import end_contact, take_contact
from services.notifications.use_cases.follow_move import follow_move
from services.notifications.use_cases.forget import forget
from services.notifications.use_cases.tell import tell
from services.notifications.use_cases.tell_person import tell_all
from shared.http.audit_heads import witness
from shared.identity import deny_handlers
from shared.inbox import Subscription

CONTACT_TOLD, CONTACT_OVER = "consent.contact-given.v1", "consent.contact-ended.v1"
HANDED_OVER, FORGOTTEN = "referral.moved.v1", "referral.erased.v1"


def subscriptions() -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregates only get a receipt."""
    return (
        *(
            Subscription(type_, LEG, tell_all if type_ in FACTS else tell)
            for type_ in TOLD
            if type_ != HANDED_OVER
        ),
        Subscription(CONTACT_TOLD, CONTACT_GIVEN, take_contact),
        Subscription(CONTACT_OVER, CONTACT_ENDED, end_contact),
        Subscription(HANDED_OVER, MOVED, follow_move),
        Subscription(FORGOTTEN, ERASED, forget),
        *(Subscription(type_, STAFF_FACT, handler) for type_, handler in deny_handlers.items()),
        witness("referrals"),
    )
