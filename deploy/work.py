"""The background parts of a service, each a thread: its relay, its consumer and its timers, on a chosen broker."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import sqlalchemy as sa
import structlog

from deploy.lag import Followed
from deploy.metrics import Meters
from shared.db import Database
from shared.events import CATALOGUE
from shared.http.idempotency import forget_old_keys
from shared.messaging import Publisher, service_user
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.memory import MemoryPublisher, MemoryTransport
from shared.messaging.topology import INTERESTS, queues_of
from shared.outbox import Relay
from shared.outbox.relay import Settled
from shared.outbox.tables import outbox
from shared.outbox.upkeep import purge_outbox, purge_receipts, settled
from shared.telemetry.heartbeat import EVERY_SECONDS, Heartbeat
from shared.worker import Timer, Worker, run_timers

PARTS = ("relay", "consumer", "timers")
UPKEEP_SECONDS = 600.0
STOP_SECONDS = 1.0
"""A watch that hangs is not waited for longer."""

log = structlog.get_logger(__name__)


class Broker(Protocol):
    """Where a service publishes to and consumes from."""

    def publisher(self, service: str) -> Publisher:
        """Give the publisher of a service, as its own user."""

    def source(self, service: str) -> str | MemoryTransport:
        """Give what a consumer loop connects to."""

    def settled(self, worker: Worker) -> Settled | None:
        """Tell what has arrived, where the broker itself forgets; None where it does not."""


@dataclass(frozen=True)
class RabbitMQ:
    """The broker of a full run, by the addresses in the environment (``CAREHUT_<SERVICE>_AMQP_URL``)."""

    addresses: Mapping[str, str]

    def publisher(self, service: str) -> Publisher:
        """Connect with the first publish."""
        from shared.messaging.publisher import PikaPublisher  # noqa: PLC0415 - pika is not needed in memory

        return PikaPublisher(self.addresses[service])

    def source(self, service: str) -> str:
        """Give the service's own address."""
        return self.addresses[service]

    def settled(self, worker: Worker) -> None:
        """RabbitMQ forgets nothing it has confirmed."""


@dataclass(frozen=True)
class Memory:
    """The broker of the embedded run. ``databases`` are those of all services: their receipts tell what arrived."""

    transport: MemoryTransport
    databases: Mapping[str, Database]

    def publisher(self, service: str) -> Publisher:
        """Publish as the service's own user."""
        return MemoryPublisher(self.transport, service_user(service))

    def source(self, service: str) -> MemoryTransport:  # noqa: ARG002 - as in ``Broker``
        """Give the one transport."""
        return self.transport

    def settled(self, worker: Worker) -> Settled:
        """Ask the receipts and dead letters of every service that wants the event."""
        return partial(arrived_everywhere, worker.database, self.databases)


def consumers_of(type_: str) -> frozenset[str]:
    """Name the services to which a type of event is delivered."""
    row = CATALOGUE[type_]
    wanted = (row.producer, row.aggregate)
    return frozenset(service for service, interests in INTERESTS.items() if wanted in interests)


def arrived_everywhere(
    producer: Database, databases: Mapping[str, Database], events: Collection[str]
) -> set[str]:
    """Give which of a producer's events every consumer has settled by a receipt or a letter."""
    query = sa.select(outbox.c.event_id, outbox.c.type).where(outbox.c.event_id.in_(list(events)))
    with producer.read() as connection:
        consumers = {row.event_id: consumers_of(row.type) for row in connection.execute(query)}
    missing: set[str] = set()
    for service, database in databases.items():
        expected = {event for event, wanting in consumers.items() if service in wanting}
        if expected:
            with database.read() as connection:
                missing |= expected - settled(connection, service, expected)
    return set(consumers) - missing


@dataclass(frozen=True)
class Part:
    """One thing that runs until it is told to stop."""

    name: str
    run: Callable[[threading.Event], None]
    heartbeat: Heartbeat


def parts(
    worker: Worker, broker: Broker, only: Collection[str] = PARTS, *, meters: Meters | None = None
) -> list[Part]:
    """Give the parts of a service's worker, those named in ``only``; ``meters`` measure what they do."""
    makers = {"relay": _relay, "consumer": _consumer, "timers": _timers}
    return [makers[name](worker, broker, meters or Meters()) for name in PARTS if name in only]


def _relay(worker: Worker, broker: Broker, meters: Meters) -> Part:
    heartbeat = Heartbeat(worker.database, "relay")

    def run(stop: threading.Event) -> None:
        # Its locks live in the session of a connection of its own, never one from the pool.
        direct = Database(worker.database.url, application_name=f"aid-{worker.service}-relay", direct=True)
        publisher = meters.timed(worker.service, broker.publisher(worker.service))
        relay = Relay(
            direct,
            publisher,
            worker.service,
            worker.source,
            settled=broker.settled(worker),
            no_longer=worker.no_longer,
            beat=heartbeat.beat,
        )
        relay.run(stop)

    return Part("relay", run, heartbeat)


def _consumer(worker: Worker, broker: Broker, meters: Meters) -> Part:
    heartbeat = Heartbeat(worker.database, "consumer")

    def run(stop: threading.Event) -> None:
        queues = queues_of(worker.service)
        followed = Followed(worker.receiver, heartbeat.beat, partial(meters.lagged, worker.service))
        loop = ConsumerLoop(broker.source(worker.service), queues, followed, stop=stop, beat=followed.beat)
        loop.run()

    return Part("consumer", run, heartbeat)


def _timers(worker: Worker, broker: Broker, meters: Meters) -> Part:  # noqa: ARG001 - the makers have one shape
    heartbeat = Heartbeat(worker.database, "timers")
    database, watch = worker.database, worker.watch
    upkeep = (purge_outbox, purge_receipts, forget_old_keys)
    timers = [
        Timer("heartbeat", EVERY_SECONDS, lambda: heartbeat.beat(() if watch is None else watch.troubles)),
        *(Timer(f.__name__, UPKEEP_SECONDS, partial(_at_present, f, database)) for f in upkeep),
        *worker.timers,
    ]

    def run(stop: threading.Event) -> None:
        watching = (
            threading.Thread(target=watch.run, args=(stop,), name="watch", daemon=True) if watch else None
        )
        if watching is not None:
            watching.start()
        run_timers(timers, stop)
        if watching is not None:
            watching.join(STOP_SECONDS)

    return Part("timers", run, heartbeat)


def _at_present(upkeep: Callable[[Database, datetime], int], database: Database) -> int:
    return upkeep(database, datetime.now(UTC))


def worker_of(service: str, environ: Mapping[str, str]) -> Worker:
    """Make the background work of a service from the environment; imports that service alone."""
    config = importlib.import_module(f"services.{service}.config").Config.from_environment(environ)
    made: Worker = importlib.import_module(f"services.{service}.bootstrap").worker(config)
    return made


class Crew:
    """Runs parts, each in its thread. If one ends although nobody asked it to, all are told to stop."""

    def __init__(self, crew: Sequence[tuple[str, Part]]) -> None:
        self._stop = threading.Event()
        self._crew = crew
        self._threads = [
            threading.Thread(
                target=self._run, args=(service, part), name=f"{service} {part.name}", daemon=True
            )
            for service, part in crew
        ]
        self.failed: str | None = None

    def start(self) -> None:
        """Start every part."""
        for thread in self._threads:
            thread.start()

    @property
    def complete(self) -> bool:
        """Whether every part runs."""
        return all(thread.is_alive() for thread in self._threads)

    def wait(self) -> None:
        """Wait until told to stop, or until a part has failed."""
        self._stop.wait()

    def stop(self, *, within: float) -> None:
        """Tell all parts to stop, and wait for those that finish in time (seconds)."""
        self._stop.set()
        deadline = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        for (_, part), thread in zip(self._crew, self._threads, strict=True):
            if not thread.is_alive():
                part.heartbeat.stop()

    def request_stop(self) -> None:
        """Tell all parts to stop without waiting; may be called from a signal handler."""
        self._stop.set()

    def _run(self, service: str, part: Part) -> None:
        try:
            part.run(self._stop)
        except Exception:
            log.exception("worker.part-failed", service=service, part=part.name)
        if not self._stop.is_set():
            self.failed = f"{service} {part.name}"
            self._stop.set()
