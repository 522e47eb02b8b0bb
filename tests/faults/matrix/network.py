"""What may happen to the line between us and a server: cut, slow, or swallowing everything."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.faults.matrix.broker import pause
from tests.faults.matrix.rig import Rig
from tests.faults.matrix.scenario import scenario
from tests.faults.proxy import Proxy

DELAY_SECONDS = 2.0
HOLE_SECONDS = 60.0

Line = Callable[[Rig], Proxy]
LINES: dict[str, Line] = {
    "RabbitMQ": lambda rig: rig.rabbit_proxy,
    "PostgreSQL": lambda rig: rig.postgres_proxy,
}


def _during(
    act: Callable[[Proxy], None], kind: str, target: str, seconds: Callable[[random.Random], float]
) -> Callable[[Rig, random.Random], None]:
    def run(rig: Rig, chance: random.Random) -> None:
        proxy = LINES[target](rig)
        pause(chance.uniform(0, 1))
        rig.recorder.fault(kind, f"the line to {target}")
        act(proxy)
        try:
            pause(seconds(chance))
        finally:
            proxy.carry()
            rig.recorder.fault("carry", f"the line to {target}")

    return run


for _target in LINES:
    _name = _target.lower()
    _cut = _during(Proxy.cut, "cut", _target, lambda chance: chance.uniform(1, 4))
    _cut.__doc__ = f"Every connection to {_target} is reset, and each new one, for some seconds."
    scenario(f"{_name}-cut", ci=1, long=20)(_cut)
    _slow = _during(
        lambda proxy: proxy.delay(DELAY_SECONDS), "delay", _target, lambda chance: chance.uniform(6, 10)
    )
    _slow.__doc__ = f"Each way to {_target} and back takes two seconds more, for some seconds."
    scenario(f"{_name}-delayed", ci=1, long=20)(_slow)
    _hole = _during(Proxy.blackhole, "blackhole", _target, lambda _chance: HOLE_SECONDS)
    _hole.__doc__ = (
        f"The line to {_target} carries nothing for 60 s; then what it swallowed arrives after all."
    )
    scenario(f"{_name}-black-hole", ci=0, long=3)(_hole)
    _short = _during(Proxy.blackhole, "blackhole", _target, lambda chance: chance.uniform(5, 8))
    _short.__doc__ = (
        f"The line to {_target} carries nothing for some seconds, fewer than anybody gives up after."
    )
    scenario(f"{_name}-silent", ci=1, long=20, slow=True)(_short)
