"""A delivery as this consumer understands it: an event it takes, or the reason why it cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError

from shared.events import Event, Malformed, UnknownType, parse
from shared.inbox.subscription import Subscription
from shared.messaging import Delivery, is_stranger

DEAD_QUEUE_SUFFIX = ".dead"
STRANGER = "stranger"
NOT_ADDRESSED = "not-addressed-here"

_NAMES = ("event_id", "type", "source", "subject", "sequence")

Chain = tuple[str, str]
"""(source, subject): the line of events whose sequence has no gap."""


@dataclass(frozen=True)
class Arrival:
    """One delivery, understood.

    Exactly one of ``event`` (its ``data`` loaded by the reader's schema, if there is a subscription) and
    ``fault`` is set. ``known`` holds event_id, type, source, subject and sequence of a faulty one where they could be
    read. ``letter`` is the id it was kept under, when it is being tried again.
    """

    delivery: Delivery
    event: Event | None = None
    fault: str | None = None
    known: Mapping[str, Any] | None = None
    detail: Mapping[str, Any] | None = None
    letter: int | None = None

    @property
    def chain(self) -> Chain:
        """The chain of its event; only for an arrival without fault."""
        if self.event is None:
            message = "a faulty arrival belongs to no chain"
            raise ValueError(message)
        return self.event.source, self.event.subject

    @property
    def names(self) -> Mapping[str, Any]:
        """Its event_id, type, source, subject and sequence, those that could be read."""
        return (self.known or {}) if self.event is None else _known(self.event)

    @property
    def body_sha256(self) -> bytes:
        """What tells two deliveries of the same bytes."""
        return hashlib.sha256(self.delivery.body).digest()


class Reader:
    """Understands deliveries for one consumer.

    ``bound`` names the types of event that are addressed to it; those without a subscription are taken all
    the same and only receipted.
    """

    def __init__(self, subscriptions: Mapping[str, Subscription], bound: Collection[str]) -> None:
        self._subscriptions = subscriptions
        self._bound = frozenset(bound)

    def read(self, delivery: Delivery, letter: int | None = None) -> Arrival:
        """Give the event, or the fault that keeps it out; never raises for what somebody sent.

        ``letter`` is set when an operator or the clock has a kept delivery tried again.
        """
        try:
            event = parse(delivery.body)
        except Malformed as error:
            fault = "unknown-type" if isinstance(error, UnknownType) else "malformed"
            known = {name: getattr(error, name) for name in _NAMES}
            detail = {"reason": error.reason}
            return Arrival(delivery, fault=fault, known=known, detail=detail, letter=letter)
        if delivery.queue.endswith(DEAD_QUEUE_SUFFIX) and letter is None:
            return _faulty(delivery, event, letter, "given-up-by-broker")
        if is_stranger(event, delivery):
            return _faulty(delivery, event, letter, STRANGER, {"user_id": delivery.user_id})
        if event.type not in self._bound:
            return _faulty(delivery, event, letter, NOT_ADDRESSED)
        subscription = self._subscriptions.get(event.type)
        if subscription is not None:
            try:
                data = subscription.schema.load(dict(event.data))
            except ValidationError as error:
                return _faulty(delivery, event, letter, "data", {"fields": _field_names(error.messages)})
            event = replace(event, data=data)
        return Arrival(delivery, event=event, letter=letter)


def _known(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _NAMES[1:]} | {"event_id": event.id}


def _faulty(
    delivery: Delivery, event: Event, letter: int | None, fault: str, detail: Mapping[str, Any] | None = None
) -> Arrival:
    return Arrival(delivery, fault=fault, known=_known(event), detail=detail, letter=letter)


def _field_names(messages: object, prefix: str = "") -> list[str]:
    # Only the names: a message may quote what somebody wrote.
    if isinstance(messages, dict):
        return [name for key, inner in messages.items() for name in _field_names(inner, f"{prefix}{key}.")]
    return [prefix.rstrip(".") or "data"]
