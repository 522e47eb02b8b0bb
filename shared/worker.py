"""What a service's worker is made of before anybody has chosen a transport."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared import audit
from shared.telemetry.trouble import Trouble

if TYPE_CHECKING:
    from shared.clock import Clock
    from shared.db import Database
    from shared.directory import Directory
    from shared.inbox import Receiver
    from shared.outbox import NoLonger
    from shared.settings import ServiceSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Timer:
    """Something to be done every so many seconds; harmless when several processes do it at once."""

    name: str
    seconds: float
    run: Callable[[], object]


class Watching(Protocol):
    """Looks around beside the timers, in a thread of its own."""

    @property
    def troubles(self) -> Sequence[Trouble]:
        """What was found when it last looked."""

    def run(self, stop: threading.Event) -> None:
        """Look again and again until ``stop`` is set."""


@dataclass(frozen=True)
class Worker:
    """One service's background work: where its outbox is, who receives its events, and its timers.

    ``no_longer`` tells what may not be sent to outside systems any more; ``watch`` looks at what else may be wrong,
    for the timers' heartbeat to tell; ``depths`` gives how many messages lay in each queue when it last looked.
    """

    service: str
    source: str
    database: Database
    receiver: Receiver
    timers: Sequence[Timer]
    no_longer: NoLonger | None = None
    watch: Watching | None = None
    depths: Callable[[], Mapping[str, int]] = dict


def audit_timers(
    service: str,
    source: str,
    database: Database,
    settings: ServiceSettings,
    directory: Directory,
    clock: Clock,
) -> tuple[Timer, ...]:
    """Give the timers that seal a service's audit log and let go of it when the district's time is over."""
    keeper = audit.Keeper(
        database,
        service,
        source,
        folder=audit.heads_folder(settings.environ, settings.home),
        now=clock.now,
        years=lambda: audit.years_kept(directory.current().options["retention"]),
    )
    return (
        Timer("audit-seal", audit.SEAL_SECONDS, keeper.seal),
        Timer("audit-forget", audit.FORGET_SECONDS, keeper.forget),
    )


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
                except (DBAPIError, PoolTimeoutError) as error:
                    log.warning("timer.waits", timer=timer.name, error=type(error).__name__)
                due[number] = clock + timer.seconds
        stop.wait(step)
        clock += step
