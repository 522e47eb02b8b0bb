"""The same town twice: on SQLite with the broker in memory, and on PostgreSQL with RabbitMQ."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from deploy.work import Memory, RabbitMQ
from shared.messaging import consumer
from shared.messaging.memory import MemoryTransport
from shared.messaging.topology import topology
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.flows.life.town import Town, town
from tests.messaging.brokers import Rabbit

_numbers = itertools.count(1)
_AGENCIES: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def _quick_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let idle consumers look ten times a second whether they are to stop."""
    monkeypatch.setattr(consumer, "IDLE_SECONDS", 0.1)


@pytest.fixture(params=["embedded", pytest.param("full", marks=[pytest.mark.postgres, pytest.mark.rabbitmq])])
def place(request: pytest.FixtureRequest) -> Iterator[Town]:
    """A district at work, once on the parts of the embedded run and once on those of the full one."""
    wanted = topology(f"life-{next(_numbers)}", _AGENCIES)
    if request.param == "embedded":
        make: MakeDatabase = request.getfixturevalue("sqlite_database")
        installation = an_installation(make)
        with town(installation, Memory(MemoryTransport(wanted), installation.databases)) as made:
            yield made
        return
    of_postgres: MakeDatabase = request.getfixturevalue("postgres_database")
    installation = an_installation(lambda service: of_postgres(service, "owner"))
    rabbit = Rabbit(request.getfixturevalue("rabbitmq"), wanted)
    addresses = {service: rabbit.url(service) for service in installation.databases}
    try:
        with town(installation, RabbitMQ(addresses)) as made:
            yield made
    finally:
        rabbit.close()
