"""Slow commits and several relays: every event leaves, and none overtakes another of its aggregate."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from deploy.local import Servers
from shared.db import Database
from shared.messaging.topology import topology
from tests.faults.race.arrivals import READER
from tests.faults.race.course import naive_race, race
from tests.messaging.brokers import Rabbit

SECONDS = 8
NAIVE_SECONDS = 3

pytestmark = [pytest.mark.postgres, pytest.mark.rabbitmq]
_numbers = itertools.count(1)


@pytest.fixture
def broker(rabbitmq: Servers) -> Iterator[Rabbit]:
    """Give a vhost of its own."""
    made = Rabbit(rabbitmq, topology(f"race-{next(_numbers)}"))
    yield made
    made.close()


@pytest.fixture
def url(postgres_database: Callable[..., Database]) -> str:
    """Give the address of an empty database of intake."""
    return str(postgres_database("intake", "owner").url)


@pytest.mark.parametrize("relays", [2, 4])
def test_relays_that_take_turns_lose_nothing_and_let_nothing_overtake(
    url: str, broker: Rabbit, relays: int
) -> None:
    outcome, shares = race(
        url,
        lambda: broker.publisher("intake"),
        broker.url(READER),
        relays=relays,
        seconds=SECONDS,
        seed="race",
    )
    assert (outcome.lost, outcome.inversions) == (0, 0), "\n".join(outcome.stories)
    assert sum(map(bool, shares)) > 1, f"only one of {relays} relays had a turn: {shares}"


def test_a_relay_that_asks_for_ids_above_the_last_one_is_seen_to_lose(url: str, broker: Rabbit) -> None:
    outcome = naive_race(
        url, lambda: broker.publisher("intake"), broker.url(READER), seconds=NAIVE_SECONDS, seed="naive"
    )
    assert outcome.lost > 0
