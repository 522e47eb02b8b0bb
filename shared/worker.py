"""What a service's worker is made of before anybody has chosen a transport."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from shared.db import Database
    from shared.inbox import Receiver
    from shared.outbox import NoLonger

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Timer:
    """Something to be done every so many seconds; harmless when several processes do it at once."""

    name: str
    seconds: float
    run: Callable[[], object]


@dataclass(frozen=True)
class Worker:
    """One service's background work: where its outbox is, who receives its events, and its timers.

    ``no_longer`` tells what may not be sent to outside systems any more.
    """

    service: str
    source: str
    database: Database
    receiver: Receiver
    timers: Sequence[Timer]
    no_longer: NoLonger | None = None


def run_timers(timers: Sequence[Timer], stop: threading.Event) -> None:
    """Run each timer when it is due until ``stop`` is set; a database that is away is waited for."""
    due = dict.fromkeys(range(len(timers)), 0.0)
    clock = 0.0
    step = min((timer.seconds for timer in timers), default=1.0)
    while not stop.is_set():
        for number, timer in enumerate(timers):
            if clock >= due[number]:
                try:
                    timer.run()
                except DBAPIError as error:
                    log.warning("timer.waits", timer=timer.name, error=type(error).__name__)
                due[number] = clock + timer.seconds
        stop.wait(step)
        clock += step
