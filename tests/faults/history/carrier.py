"""An installation on SQLite and the in-memory broker whose relays and consumers move only when they are told to.

What a full run owes to chance comes from a seed here: how events are batched, published or delivered twice, late or out
of order. All of it is allowed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.intake.entrypoints import consumer as intake_consumer
from services.notifications.entrypoints import consumer as notifications_consumer
from services.referrals.entrypoints import consumer as referrals_consumer
from services.referrals.use_cases.context import Context as ReferralsContext
from shared import audit, ids, outbox
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import District
from shared.events import PARTITIONS
from shared.inbox import Receiver
from shared.messaging import Delivery, Message, headers, service_user
from shared.messaging.memory import MemoryPublisher, MemoryTransport
from shared.messaging.topology import events_queue, topology
from shared.outbox.lanes import LANES, Lane
from shared.sealing import MasterKey
from tests import databases
from tests.builders import MONDAY, SERVICES, Installation, an_installation, the_district
from tests.faults.history import effects
from tests.faults.history.recorder import Recorder

SYSTEM = "medical-insurance"
"""The agency that reads with a system of its own in these runs."""

POISONED = (
    ("intake", "request.submitted", ("referrals",)),
    ("referrals", "referral.health.issued", ("intake", "notifications")),
)
"""Who publishes under which key, and which services read it."""


def _has_system(agency: str) -> bool:
    return agency == SYSTEM


def _in_no_hurry_to_disk(connection: Any, _record: object) -> None:
    # Nobody dies in these runs, and there are hundreds of them.
    connection.execute("PRAGMA synchronous=OFF").close()


@dataclass
class Original:
    """Three databases with keys and district, migrated and watched, of which every run takes copies."""

    folder: Path
    master: MasterKey
    district: District

    @classmethod
    def make(cls, folder: Path) -> Original:
        """Make them; takes a second or two."""
        with databases.kept_open() as keep:
            installation = an_installation(
                lambda service: keep(databases.sqlite(folder / f"{service}.sqlite", service, folder))
            )
            effects.install(installation.databases)
        return cls(folder, installation.master, the_district())

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Installation]:
        """Open an installation of its own in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        with databases.kept_open() as keep:
            copies = {}
            for service in SERVICES:
                file = folder / f"{service}.sqlite"
                shutil.copyfile(self.folder / file.name, file)
                flushes = (outbox.Writer(_has_system), audit.flush)
                copies[service] = keep(Database(f"sqlite:///{file}", flushes=flushes))
                effects.number_transactions(copies[service].engine)
                sa.event.listen(copies[service].engine, "connect", _in_no_hurry_to_disk)
            yield Installation(copies, self.master, self.district, FixedClock(MONDAY))


@dataclass
class Carrier:
    """Relay, broker and consumers of one run, each step taken when it is told to."""

    installation: Installation
    chance: random.Random
    referrals: ReferralsContext = field(init=False)
    _transport: MemoryTransport = field(init=False)
    _receivers: Mapping[str, Receiver] = field(init=False)

    def __post_init__(self) -> None:
        installation = self.installation
        self._transport = MemoryTransport(topology(installation.district.code, [SYSTEM]))
        self.referrals = ReferralsContext(
            database=installation.databases["referrals"],
            keyring=installation.keyring("referrals"),
            directory=installation.directory("referrals"),
            clock=installation.clock,
            source=installation.source("referrals"),
            blobs=installation.blobs,
        )
        subscriptions = {
            "intake": intake_consumer.subscriptions(installation.intake()),
            "referrals": referrals_consumer.subscriptions(self.referrals),
            "notifications": notifications_consumer.subscriptions(),
        }
        self._receivers = {
            service: Receiver(installation.databases[service], service, given)
            for service, given in subscriptions.items()
        }

    def relay(self, service: str) -> int:
        """Publish what waits in an outbox, now and then without noting it, as a relay that dies does."""
        database = self.installation.databases[service]
        publisher = MemoryPublisher(self._transport, service_user(service))
        moved = 0
        for lane in LANES:
            with database.read() as connection:
                rows = lane.claim(connection, list(range(PARTITIONS)), 500)
            messages = [
                Message(
                    id=row.message_id,
                    routing_key=row.routing_key,
                    body=row.body,
                    exchange=lane.exchange,
                    headers=headers(row.type, self.installation.source(service)),
                )
                for row in rows
            ]
            publisher.publish(messages, timeout=1)
            if rows and self.chance.random() > 0.1:
                self._mark(database, lane, [row.id for row in rows])
            moved += len(rows)
        publisher.close()
        return moved

    def _mark(self, database: Database, lane: Lane, rows: list[int]) -> None:
        with database.unit_of_work() as uow:
            lane.mark(uow.connection, rows, datetime.now(UTC))

    def deliver(self, service: str) -> int:
        """Hand what is in a service's queue to its receiver, in batches, some of it twice, some of it out of order."""
        deliveries = self._take(events_queue(service))
        total = len(deliveries)
        if self.chance.random() < 0.3:
            deliveries += self.chance.sample(deliveries, self.chance.randint(0, total))
        if self.chance.random() < 0.3:
            self.chance.shuffle(deliveries)
        while deliveries:
            size = self.chance.randint(1, len(deliveries))
            self._receivers[service](deliveries[:size])
            deliveries = deliveries[size:]
        self._receivers[service].tick()
        return total

    def _take(self, queue: str) -> list[Delivery]:
        with self._transport.connect() as connection:
            channel: Any = connection.channel()
            found = []
            while (message := channel.basic_get(queue, no_ack=True)) is not None:
                found.append(
                    Delivery(
                        body=message.body if isinstance(message.body, bytes) else message.body.encode(),
                        routing_key=message.delivery_info["routing_key"],
                        user_id=message.properties.get("user_id"),
                        redelivered=False,
                        content_type=message.content_type,
                        tag=message.delivery_tag,
                        queue=queue,
                    )
                )
            return found

    def poison(self, recorder: Recorder) -> None:
        """Send a service something that nobody can make sense of."""
        producer, key, consumers = self.chance.choice(POISONED)
        body = f"no event {self.chance.random()}".encode()
        for consumer in consumers:
            recorder.poison(consumer=consumer, body=body)
        publisher = MemoryPublisher(self._transport, service_user(producer))
        publisher.publish([Message(id=ids.new(), routing_key=key, body=body)], timeout=1)
        publisher.close()

    def step(self) -> None:
        """Do one thing that some process would do."""
        service = self.chance.choice(SERVICES)
        self.chance.choice((self.relay, self.deliver))(service)

    def settle(self) -> None:
        """Go on until nothing is under way."""
        while sum(self.relay(service) + self.deliver(service) for service in SERVICES):
            pass

    def left(self) -> Iterator[tuple[str, list[Delivery]]]:
        """Give what is still in every queue, as ``collect`` finds it at a broker."""
        for queue in topology(self.installation.district.code, [SYSTEM]).queues:
            yield queue.name, self._take(queue.name)
