"""The same installation twice: SQLite with the broker in memory, PostgreSQL with RabbitMQ."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import Servers
from deploy.work import Memory, RabbitMQ
from shared.messaging import consumer
from shared.messaging.memory import MemoryTransport
from shared.messaging.topology import INTERESTS, topology
from tests.builders import an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.resent.site import AGENCY, Site, with_system
from tests.messaging.brokers import Rabbit

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _quick_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let idle consumers look ten times a second whether they are to stop."""
    monkeypatch.setattr(consumer, "IDLE_SECONDS", 0.1)


@pytest.fixture
def rabbit(rabbitmq: Servers) -> Iterator[Rabbit]:
    """A vhost of its own with a seat for one agency's system."""
    broker = Rabbit(rabbitmq, topology(f"resent-{next(_numbers)}", [AGENCY]))
    yield broker
    broker.close()


@pytest.fixture
def full(postgres_database: MakeDatabase, rabbit: Rabbit, tmp_path: Path) -> Iterator[Site]:
    """PostgreSQL and RabbitMQ, and one agency with a system and a key of its own."""
    installation = an_installation(
        lambda service: postgres_database(service, "worker"), district=with_system(the_district())
    )
    site = Site(
        installation, RabbitMQ({service: rabbit.url(service) for service in INTERESTS}), tmp_path / "home"
    )
    yield site
    site.close()


@pytest.fixture
def embedded(sqlite_database: MakeDatabase, tmp_path: Path) -> Iterator[Site]:
    """SQLite and the broker in memory, which has no lane for outside systems."""
    installation = an_installation(sqlite_database)
    broker = Memory(MemoryTransport(topology("530103")), installation.databases)
    site = Site(installation, broker, tmp_path / "home")
    yield site
    site.close()


@pytest.fixture(params=["embedded", pytest.param("full", marks=[pytest.mark.postgres, pytest.mark.rabbitmq])])
def site(request: pytest.FixtureRequest) -> Site:
    """Each of the two."""
    made: Site = request.getfixturevalue(request.param)
    return made
