"""A database with an outbox, and a broker whose answers a test decides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import ids
from shared.db import Database
from shared.events import Event
from shared.messaging import BrokerAway, Message, PublishOutcome
from shared.outbox import Relay

SOURCE = "/aid/530103/intake"
Answer = Callable[[Sequence[Message]], PublishOutcome]


def event(subject: str, sequence: int) -> Event:
    """Build an event with the given place in its chain."""
    return Event(
        id=ids.new(),
        type="staff.changed.v1",
        source=SOURCE,
        subject=subject,
        time=datetime.now(UTC),
        sequence=sequence,
        data={"at": "now"},
    )


def take_all(messages: Sequence[Message]) -> PublishOutcome:
    """Confirm everything."""
    return PublishOutcome(confirmed={message.id for message in messages})


class Broker:
    """The publisher's port, answering as told, so that each order of events can be forced."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.answers: list[Answer] = []
        self.closed = False

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Note the ids, then answer by the next scripted answer, or confirm all."""
        assert timeout > 0
        self.published += [message.id for message in messages]
        return (self.answers.pop(0) if self.answers else take_all)(messages)

    def close(self) -> None:
        """Note that the relay let go."""
        self.closed = True


def away(_messages: Sequence[Message]) -> PublishOutcome:
    """Be unreachable."""
    raise BrokerAway(datetime.now(UTC), "connection lost")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def outbox_url(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database of the service ``intake``."""
    make = request.getfixturevalue(f"{'sqlite' if request.param == 'sqlite' else 'postgres'}_database")
    return str(make("intake").url)


@contextmanager
def relaying(url: str, publisher: Any, **options: Any) -> Iterator[Relay]:
    """Run a relay in a thread for the length of the block."""
    stop = threading.Event()
    database = Database(url, direct=True)
    relay = Relay(database, publisher, "intake", SOURCE, **options)
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield relay
    finally:
        stop.set()
        thread.join(10)
        database.dispose()
        assert not thread.is_alive()
