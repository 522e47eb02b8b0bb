"""The ports of messaging; the adapters are ``publisher``, ``consumer``, ``memory`` and ``admin``."""

from __future__ import annotations

from shared.messaging.ports import (
    AGENCIES,
    COMMANDS,
    DEAD,
    EVENTS,
    BrokerAway,
    Delivery,
    Handle,
    Message,
    Publisher,
    PublishOutcome,
    Unavailable,
    headers,
    is_stranger,
    service_user,
)

__all__ = [
    "AGENCIES",
    "COMMANDS",
    "DEAD",
    "EVENTS",
    "BrokerAway",
    "Delivery",
    "Handle",
    "Message",
    "PublishOutcome",
    "Publisher",
    "Unavailable",
    "headers",
    "is_stranger",
    "service_user",
]
