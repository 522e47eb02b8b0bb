"""What may happen to the embedded run: it is killed whole at any moment, or its worker at a failpoint."""

from __future__ import annotations

import random
from collections.abc import Callable
from threading import Event

from tests.faults.matrix.embedded_rig import EmbeddedRig
from tests.faults.matrix.failpoints import BURST, DEATH_SECONDS, POINTS
from tests.faults.matrix.scenario import scenario
from tests.waiting import until

NOT_IN_MEMORY = frozenset({"relay.after-write"})
"""Its place is in the publisher that writes to RabbitMQ's socket."""


@scenario("embedded-killed", ci=5, long=500, embedded=True, burst=BURST)
def killed(rig: EmbeddedRig, chance: random.Random) -> None:
    """`carehut run` is killed whole at a random moment; `PRAGMA integrity_check` says ok each time."""
    Event().wait(chance.uniform(0, 0.6))  # any moment will do; the seed makes it the same one
    rig.kill()
    rig.start()


def _killing(point: str) -> Callable[[EmbeddedRig, random.Random], None]:
    def run(rig: EmbeddedRig, chance: random.Random) -> None:
        rig.arm(point, chance.randrange(1, 9))
        until(rig.all_died, seconds=DEATH_SECONDS, what=f"a death at {point}")

    run.__doc__ = f"The worker process of `carehut run` dies by SIGKILL at `{point}`."
    return run


for _point in sorted({point for points in POINTS.values() for point in points} - NOT_IN_MEMORY):
    scenario(f"embedded-{_point}", ci=1, long=50, embedded=True, burst=BURST)(_killing(_point))
