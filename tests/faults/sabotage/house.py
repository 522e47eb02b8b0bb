"""A whole installation on PostgreSQL and RabbitMQ in one process that can be killed: ``house.py SETTINGS.json``.

It is started by its path, with the build under trial first on PYTHONPATH: everything it imports comes from there.
SETTINGS holds the environments ``web`` and ``worker``, the ``port``, and the folder of ``tokens`` that say where to die
(see ``tests/faults/launcher.py``). The webs commit slowly, at random, so that rows become visible in another order than
that of their ids.
"""

from __future__ import annotations

import importlib
import random
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from deploy.embedded.environment import SERVICES
from deploy.front import FrontApp, dispatcher
from deploy.serve import Server
from deploy.work import Crew, RabbitMQ, parts, worker_of
from shared.telemetry import failpoints
from tests.faults import launcher

SLOW_SECONDS = (0.0, 0.002, 0.01, 0.15)
"""Between the last statement of a web's unit of work and its commit: the upper end of the delay, drawn first."""
PARTS = ("relay", "consumer", "timers")
THREADS = 16

# Imported before the fork, so that a worker process that dies is replaced at once.
WEBS = {service: importlib.import_module(f"services.{service}.bootstrap") for service in SERVICES}
CONFIGS = {service: importlib.import_module(f"services.{service}.config").Config for service in SERVICES}


class House(Server):
    """Serves every application and does all background work."""

    def __init__(self, port: int, web: Mapping[str, str], worker: Mapping[str, str]) -> None:
        self._web = web
        self._worker = worker
        self._crew: Crew | None = None
        settings = {
            "bind": [f"127.0.0.1:{port}"],
            "workers": 1,
            "threads": THREADS,
            "keepalive": 1,
            "graceful_timeout": 5,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        super().__init__(self._applications, settings)

    def _applications(self) -> Any:
        webs = {
            service: WEBS[service].create_app(CONFIGS[service].from_environment(self._web))
            for service in SERVICES
        }
        reporters = {name: web.extensions["aid-health"].report for name, web in webs.items()}
        return dispatcher({**webs, "front": FrontApp(reporters)})

    def _begin(self, _worker: object) -> None:
        workers = [worker_of(service, self._worker) for service in SERVICES]
        broker = RabbitMQ(
            {service: self._worker[f"CAREHUT_{service.upper()}_AMQP_URL"] for service in SERVICES}
        )
        self._crew = Crew([(one.service, part) for one in workers for part in parts(one, broker)])
        self._crew.start()

    def _end(self, _server: object, _worker: object) -> None:
        if self._crew is not None:
            self._crew.stop(within=2)


def arm(tokens: Path) -> None:
    """Have the process die where a token says so, and commit slowly."""
    launcher.arm(tokens, "house")
    die = failpoints.hook
    chance = random.Random(0)

    def hook(name: str) -> None:
        if name == "unit-of-work.before-commit" and not threading.current_thread().name.endswith(PARTS):
            time.sleep(chance.uniform(0, chance.choice(SLOW_SECONDS)))
        if die is not None:
            die(name)

    failpoints.hook = hook


if __name__ == "__main__":
    chosen = orjson.loads(Path(sys.argv[1]).read_bytes())
    arm(Path(chosen["tokens"]))
    sys.argv[1:] = []
    House(chosen["port"], chosen["web"], chosen["worker"]).run()
