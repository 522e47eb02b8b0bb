"""``/metrics`` on a private port: how much is under way and how long it takes, what was kept, which parts are alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError

from shared.inbox.letters import OPEN_STATES
from shared.inbox.tables import attempts, dead_letters
from shared.outbox.lanes import LANES
from shared.outbox.tables import outbox
from shared.settings import number
from shared.telemetry.clocks import measured
from shared.telemetry.tables import heartbeats

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.db import Database
    from shared.messaging import Message, Publisher, PublishOutcome

ADDRESS = "127.0.0.1"
SETTING = "CAREHUT_METRICS_PORT"
_CONFIRM_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)
_LAG_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 3600)

_WAITING = {
    lane.name: sa.select(
        sa.func.count(), sa.func.min(outbox.c.recorded_at), sa.func.coalesce(sa.func.sum(lane.attempts), 0)
    ).where(lane.waiting)
    for lane in LANES
}
_LETTERS = (
    sa.select(dead_letters.c.state, sa.func.count().label("letters"))
    .where(dead_letters.c.state.in_(OPEN_STATES))
    .group_by(dead_letters.c.state)
)
_FAILED = sa.select(sa.func.coalesce(sa.func.sum(attempts.c.attempts), 0))
_BEATS = sa.select(heartbeats.c.part, sa.func.max(heartbeats.c.beat_at)).group_by(heartbeats.c.part)

# name → (what it tells, labels)
_GAUGES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aid_database_up": ("1 if the database answers", ("service",)),
    "aid_outbox_waiting": ("events not yet published", ("service", "lane")),
    "aid_outbox_oldest_seconds": ("age of the oldest event not yet published", ("service", "lane")),
    "aid_outbox_attempts": ("times the broker did not take what still waits", ("service", "lane")),
    "aid_inbox_attempts": ("times the handling of what is not settled was begun", ("service",)),
    "aid_dead_letters": ("open dead letters", ("service", "state")),
    "aid_part_silent_seconds": ("since a part was last heard of", ("service", "part")),
    "aid_queue_messages": ("messages that lie ready in a queue", ("queue",)),
}


class Gauges:
    """The gauges of one reading."""

    def __init__(self) -> None:
        self._families = {
            name: GaugeMetricFamily(name, what, labels=labels) for name, (what, labels) in _GAUGES.items()
        }

    def set(self, name: str, value: float, *labels: str) -> None:
        """Note one value."""
        self._families[name].add_metric(labels, value)

    def families(self) -> list[Metric]:
        """Give every family, also those without a value."""
        return list(self._families.values())


class Books(Collector):
    """Reads the books of some services whenever it is asked: counts and ages, nothing of any case."""

    def __init__(
        self, databases: Mapping[str, Database], depths: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        self._databases = databases
        self._depths = depths

    def describe(self) -> Iterable[Metric]:
        """Say nothing beforehand, so that registering reads no database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Give the gauges; a service whose database is away shows ``aid_database_up 0`` and no more."""
        gauges = Gauges()
        for service, database in self._databases.items():
            try:
                with database.read() as connection:
                    _read(connection, service, gauges)
            except DBAPIError:
                gauges.set("aid_database_up", 0, service)
            else:
                gauges.set("aid_database_up", 1, service)
        for queue, count in self._depths().items():
            gauges.set("aid_queue_messages", count, queue)
        return gauges.families()


def _read(connection: Connection, service: str, gauges: Gauges) -> None:
    now, _ = measured(connection)
    waiting = {lane: connection.execute(query).one() for lane, query in _WAITING.items()}
    kept: dict[str, int] = {row.state: row.letters for row in connection.execute(_LETTERS)}
    failed = connection.scalar(_FAILED)
    beats = connection.execute(_BEATS).all()
    for lane, (count, oldest, tried) in waiting.items():
        age = 0 if oldest is None else (now - oldest).total_seconds()
        gauges.set("aid_outbox_waiting", count, service, lane)
        gauges.set("aid_outbox_oldest_seconds", age, service, lane)
        gauges.set("aid_outbox_attempts", tried, service, lane)
    gauges.set("aid_inbox_attempts", failed or 0, service)
    for state in OPEN_STATES:
        gauges.set("aid_dead_letters", kept.get(state, 0), service, state)
    for part, beat in beats:
        gauges.set("aid_part_silent_seconds", (now - beat).total_seconds(), service, part)


class Timed:
    """A publisher that notes how long the broker took to decide what it was given together."""

    def __init__(self, publisher: Publisher, observe: Callable[[float], None]) -> None:
        self._publisher = publisher
        self._observe = observe

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Publish as the publisher within does; what the broker was lost over is not measured."""
        begun = time.monotonic()
        outcome = self._publisher.publish(messages, timeout=timeout)
        self._observe(time.monotonic() - begun)
        return outcome

    def close(self) -> None:
        """Close the publisher within."""
        self._publisher.close()


class Meters:
    """What is measured where it happens, in the process of relay and consumer; ``depths`` are those of the queues."""

    def __init__(self, depths: Callable[[], Mapping[str, int]] = dict) -> None:
        self.registry = CollectorRegistry()
        self.depths = depths
        self._confirm = Histogram(
            "aid_confirm_seconds",
            "from handing messages to the broker until all of them are decided",
            ["service"],
            buckets=_CONFIRM_SECONDS,
            registry=self.registry,
        )
        self._lag = Histogram(
            "aid_consumer_lag_seconds",
            "from the writing of an event to its effect at this consumer",
            ["service"],
            buckets=_LAG_SECONDS,
            registry=self.registry,
        )

    def timed(self, service: str, publisher: Publisher) -> Timed:
        """Give a publisher whose confirms are timed."""
        return Timed(publisher, self._confirm.labels(service).observe)

    def lagged(self, service: str, seconds: float) -> None:
        """Note how long after its writing an event took effect."""
        self._lag.labels(service).observe(seconds)


def offer(
    environ: Mapping[str, str], databases: Mapping[str, Database], meters: Meters | None = None
) -> WSGIServer | None:
    """Serve ``/metrics`` on CAREHUT_METRICS_PORT of loopback, in a thread, if that is set; gives the server.

    Raises OSError when the port is taken, and ``shared.settings.NotANumber``.
    """
    port = environ.get(SETTING)
    if not port:
        return None
    meters = meters or Meters()
    meters.registry.register(Books(databases, meters.depths))
    server, _thread = start_http_server(number(environ, SETTING, 0), addr=ADDRESS, registry=meters.registry)
    return server
