"""What other code sees of messaging: message and delivery, the ports of publisher and consumer, errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from shared.events import CATALOGUE, Event

EVENTS = "aid.events"
AGENCIES = "aid.agencies"
COMMANDS = "aid.commands"
DEAD = "aid.dead"

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def service_user(service: str) -> str:
    """Name the broker user of a service: ``aid-intake``."""
    return f"aid-{service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Bytes to be published. ``id`` is the event id; it comes back in the outcome."""

    id: str
    routing_key: str
    body: bytes
    exchange: str = EVENTS
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)

    @classmethod
    def internal(cls, event: Event) -> Message:
        """Make the message that carries an event to our own services."""
        return cls(
            id=event.id,
            routing_key=event.routing_key,
            body=event.internal(),
            headers=headers(event.type, event.source),
        )


def headers(type_: str, source: str) -> Mapping[str, str]:
    """Give the ``ce-*`` headers operators see in the broker's own pages; programs read the body."""
    return {"ce-specversion": "1.0", "ce-type": type_, "ce-source": source}


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """What became of each message, by id.

    ``confirmed``: the broker has it, on at least one queue. ``returned``: no queue is bound to its key; it is
    stored nowhere. ``refused``: the broker answered *nack*, or did not answer in time, with the reason.
    Messages that are in none of the three were never decided, and count as not published.
    """

    confirmed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class BrokerAway(Exception):
    """The broker cannot be reached, blocks, or was lost while publishing.

    ``since`` is when it was first missed (aware UTC), ``outcome`` holds what had been decided before it was
    lost. ``code`` is what operators are told: ``broker-away``, ``broker-blocks`` (it is there and takes nothing)
    or ``broker-fails`` (it is there and ends the connection with a fault of its own).
    """

    def __init__(
        self,
        since: datetime,
        reason: str,
        outcome: PublishOutcome | None = None,
        *,
        code: str = "broker-away",
    ) -> None:
        super().__init__(reason)
        self.since = since
        self.reason = reason
        self.outcome = outcome or PublishOutcome()
        self.code = code


class Unavailable(Exception):
    """What a handler needs (its database) is away: settle nothing, try the batch again later."""


class Publisher(Protocol):
    """The port the relay publishes through; one thread at a time."""

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Publish in the order given and wait until each is decided, at most ``timeout`` seconds.

        Raises ``BrokerAway``; its ``outcome`` tells what had been decided by then.
        """

    def close(self) -> None:
        """Let go of the connection. A closed publisher is not used again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came from a queue, not yet understood.

    ``user_id`` is the publisher as verified by the broker. ``redelivered`` says that it was handed out
    before, to a consumer that did not settle it. ``tag`` is the broker's delivery tag.
    """

    body: bytes
    routing_key: str
    user_id: str | None
    redelivered: bool
    content_type: str | None
    tag: int
    queue: str


Handle = Callable[[Sequence[Delivery]], None]
"""Takes a batch: to return means that all of it may be acknowledged, ``Unavailable`` that none of it may."""


def is_stranger(event: Event, delivery: Delivery) -> bool:
    """Tell whether an event came from a user who does not publish its type."""
    return delivery.user_id != service_user(CATALOGUE[event.type].producer)
