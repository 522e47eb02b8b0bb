"""A fresh broker for each test: in memory, on RabbitMQ, or once on each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from deploy.local import Servers
from shared.messaging import consumer
from shared.messaging.topology import Topology, topology
from tests.messaging.brokers import Broker, InMemory, Rabbit

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _quick_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let idle consumers look ten times a second whether they are to stop."""
    monkeypatch.setattr(consumer, "IDLE_SECONDS", 0.1)


@pytest.fixture
def wanted() -> Topology:
    """A topology under a name not used before, with two agencies that have systems of their own."""
    return topology(f"test-{next(_numbers)}", ["civil-affairs", "health"])


@pytest.fixture
def rabbit(rabbitmq: Servers, wanted: Topology) -> Iterator[Rabbit]:
    """RabbitMQ with that topology applied."""
    broker = Rabbit(rabbitmq, wanted)
    yield broker
    broker.close()


@pytest.fixture(params=["memory", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def broker(request: pytest.FixtureRequest, wanted: Topology) -> Iterator[Broker]:
    """That topology once in memory and once on RabbitMQ."""
    if request.param == "rabbitmq":
        yield request.getfixturevalue("rabbit")
        return
    memory = InMemory(wanted)
    yield memory
    memory.close()
