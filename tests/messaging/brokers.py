"""The two brokers under test behind one face: the in-memory one and RabbitMQ."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from deploy.local import Servers
from shared import ids
from shared.messaging import Delivery, Handle, Message, Publisher, service_user
from shared.messaging.admin import Admin
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.memory import MemoryPublisher, MemoryTransport
from shared.messaging.publisher import PikaPublisher
from shared.messaging.topology import INTERESTS, Topology, passwords
from shared.telemetry.trouble import Trouble
from tests.waiting import until

SECONDS = 10.0

# The processes that carry dead letters from one queue to another: which are there, and (the state of each is given only
# after its start) that all of them have started. RabbitMQ 3.10 gives up on all of them, for good, if a queue is deleted
# under the start of its own: https://github.com/rabbitmq/rabbitmq-server/issues/16652 tells of the same end.
_CARRIERS = """\
Carriers = [Pid || {_, Pid, _, _} <- supervisor:which_children(rabbit_fifo_dlx_sup), is_pid(Pid)],
lists:foreach(fun sys:get_state/1, Carriers), length(Carriers)."""

# What was declared a moment ago, and which processes stand behind the queues, are written with up to a second's delay.
_WRITE_DOWN = "mnesia:sync_log(), lists:foreach(fun dets:sync/1, dets:all())."


def message(key: str = "referral.health.issued", body: bytes = b"{}", **more: str) -> Message:
    """Make a message with a fresh id."""
    return Message(id=ids.new(), routing_key=key, body=body, **more)  # type: ignore[arg-type]


def numbered(count: int, start: int = 0) -> list[Message]:
    """Make messages whose bodies are their numbers."""
    return [message(body=str(number).encode()) for number in range(start, start + count)]


def write_down(servers: Servers) -> None:
    """Have RabbitMQ write to its disk what was declared: a kill a moment after would take a queue along."""
    servers.rabbitmq.rabbitmqctl("eval", _WRITE_DOWN)


def settle(servers: Servers) -> None:
    """Wait until a broker that has just started carries the dead letters of every queue."""
    queues = servers.rabbitmq.call("GET", "queues")
    carried = [queue for queue in queues if "x-dead-letter-strategy" in queue["arguments"]]
    until(lambda: int(servers.rabbitmq.rabbitmqctl("eval", _CARRIERS)) >= len(carried), seconds=60)


class Broker(Protocol):
    """What a test needs of a broker."""

    def publisher(self, service: str) -> Publisher:
        """Publish as a service's user."""

    def source(self, service: str) -> str | MemoryTransport:
        """Consume as a service's user."""

    def close(self) -> None:
        """Close the publishers that were made."""


class InMemory:
    """A broker for this process."""

    def __init__(self, wanted: Topology) -> None:
        self.transport = MemoryTransport(wanted)
        self._publishers: list[Publisher] = []

    def publisher(self, service: str) -> Publisher:
        """Publish as a service's user."""
        self._publishers.append(MemoryPublisher(self.transport, service_user(service)))
        return self._publishers[-1]

    def source(self, service: str) -> MemoryTransport:  # noqa: ARG002 - as in ``Broker``
        """Give the one transport."""
        return self.transport

    def close(self) -> None:
        """Close the publishers that were made."""
        for publisher in self._publishers:
            publisher.close()


class Rabbit:
    """A vhost of its own on the private RabbitMQ, with the whole topology applied."""

    def __init__(self, servers: Servers, wanted: Topology) -> None:
        self.servers = servers
        self.wanted = wanted
        self.admin = Admin(servers.admin_url, wanted, passwords(map(self.url, INTERESTS)))
        self.admin.apply()
        self._publishers: list[Publisher] = []

    def url(self, user: str) -> str:
        """Give the AMQP address of a service, or of ``admin``."""
        return self.servers.rabbitmq.url(user, vhost=self.wanted.vhost)

    def publisher(self, service: str) -> Publisher:
        """Publish as a service's user."""
        self._publishers.append(PikaPublisher(self.url(service)))
        return self._publishers[-1]

    def source(self, service: str) -> str:
        """Give the service's own address."""
        return self.url(service)

    def settle(self) -> None:
        """Wait until a broker that has just started carries the dead letters of every queue."""
        settle(self.servers)

    def close(self) -> None:
        """Close the publishers and take the vhost away."""
        for publisher in self._publishers:
            publisher.close()
        self.servers.rabbitmq.remove_vhost(self.wanted.vhost)


@dataclass
class Inbox:
    """A handler that keeps what it is given; ``fail`` is called with each batch before."""

    fail: Callable[[Sequence[Delivery]], None] = lambda _batch: None
    batches: list[list[Delivery]] = field(default_factory=list)

    def __call__(self, batch: Sequence[Delivery]) -> None:
        """Take a batch."""
        self.fail(batch)
        self.batches.append(list(batch))

    @property
    def deliveries(self) -> list[Delivery]:
        """All deliveries in the order in which they came."""
        return [delivery for batch in self.batches for delivery in batch]

    @property
    def bodies(self) -> list[bytes]:
        """All bodies in the order in which they came."""
        return [delivery.body for delivery in self.deliveries]


class Running:
    """A consumer loop in a thread; leaving the block stops it and fails if it does not end."""

    def __init__(
        self, source: str | MemoryTransport, queues: Sequence[str], handle: Handle, *, batch: int = 100
    ) -> None:
        self.stop = threading.Event()
        self.problems: list[str | Trouble | None] = []
        self._loop = ConsumerLoop(
            source, queues, handle, stop=self.stop, batch=batch, prefetch=2 * batch, beat=self.problems.append
        )
        self._thread = threading.Thread(target=self._loop.run, name="consumer under test", daemon=True)

    def __enter__(self) -> Self:
        """Start consuming."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop consuming."""
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "the consumer did not stop"


def publish(publisher: Publisher, messages: Sequence[Message]) -> None:
    """Publish and insist that all of it was confirmed."""
    outcome = publisher.publish(messages, timeout=SECONDS)
    assert outcome.confirmed == {message.id for message in messages}, outcome
