"""Any process of the full run may be killed at its worst moment: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random

import pytest

from tests.faults.books import at_rest, faults
from tests.faults.conftest import Armed
from tests.waiting import until

KILLS = 5
POINTS = [
    ("serve", "unit-of-work.before-outbox"),
    ("serve", "unit-of-work.after-commit"),
    ("work", "relay.after-claim"),
    ("work", "relay.after-write"),
    ("work", "relay.after-confirm"),
    ("work", "consumer.after-delivery"),
    ("work", "consumer.mid-transaction"),
    ("work", "consumer.after-commit"),
]


@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.parametrize(("command", "point"), POINTS)
def test_a_kill_loses_and_doubles_nothing(
    armed: Armed, chance: random.Random, command: str, point: str
) -> None:
    armed.arm(command, point, [chance.randrange(1, 9) for _ in range(KILLS)])
    before = len(armed.journal.accepted)
    with armed.load(seed=point):
        until(armed.all_died, seconds=180, what=f"{KILLS} deaths at {point}")
        until(lambda: len(armed.journal.accepted) >= before + 20, seconds=120, what="20 accepted requests")
    until(lambda: at_rest(armed.databases), seconds=120, what="everything settled")
    assert faults(armed.databases, armed.journal) == []
    until(lambda: armed.full.ready().get("status") == "ok", seconds=60, what="/ready without a problem")
