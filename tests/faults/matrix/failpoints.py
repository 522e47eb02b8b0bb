"""Every place of the road where a process may be killed at its worst moment."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.faults.matrix.rig import Rig
from tests.faults.matrix.scenario import scenario
from tests.waiting import until

POINTS = {
    "serve": (
        "unit-of-work.before-outbox",
        "unit-of-work.before-commit",
        "unit-of-work.after-commit",
    ),
    "work": (
        "unit-of-work.before-commit",
        "relay.after-claim",
        "relay.after-write",
        "relay.after-confirm",
        "consumer.after-delivery",
        "consumer.mid-transaction",
        "consumer.after-commit",
    ),
}
DEATH_SECONDS = 120
BURST = 5
"""So many deaths follow on each other before it is waited until all is back."""


def _killing(command: str, point: str) -> Callable[[Rig, random.Random], None]:
    def run(rig: Rig, chance: random.Random) -> None:
        rig.arm(command, point, [chance.randrange(1, 9)])
        until(rig.all_died, seconds=DEATH_SECONDS, what=f"a death at {point}")

    run.__doc__ = f"A process of `{command}` dies by SIGKILL at `{point}`, on one of its first visits there."
    return run


for _command, _points in POINTS.items():
    for _point in _points:
        scenario(f"{_command}-{_point}", ci=2, long=200, burst=BURST)(_killing(_command, _point))
