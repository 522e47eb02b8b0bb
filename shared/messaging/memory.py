"""The broker of the embedded run: kombu's in-memory transport, made to behave as RabbitMQ does.

Left to itself it takes ``#`` to match one word or more, forgets what was not acknowledged, requeues into
every queue a message was once routed to, hands the same headers to all of them, drops what no queue is bound
to, and looks for messages once a second. Each of these is put right below and held by a test of its own.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Sequence
from functools import cache
from queue import Empty
from typing import Any

from kombu.connection import Connection
from kombu.transport import memory, virtual
from kombu.transport.virtual.exchange import TopicExchange

from shared.events import CONTENT_TYPE
from shared.messaging.ports import Message, PublishOutcome
from shared.messaging.topology import Topology

POLL_SECONDS = 0.01

Raw = dict[str, Any]


class Unroutable(Exception):
    """No queue is bound to an exchange under this key."""


@cache
def _pattern(key: str) -> re.Pattern[str]:
    """Compile a topic binding: ``*`` is one word, ``#`` any number of words, none as well (AMQP 0-9-1 §3.1.3.3)."""
    words = "".join(r"(?:\.[^.]+)*" if word == "#" else rf"\.{_word(word)}" for word in key.split("."))
    return re.compile(words)


def _word(word: str) -> str:
    return "[^.]+" if word == "*" else re.escape(word)


class _Topic(TopicExchange):
    def lookup(self, table: Any, exchange: Any, routing_key: str, default: Any) -> set[str]:  # noqa: ANN401, ARG002
        return {queue for key, _, queue in table if _pattern(key).fullmatch(f".{routing_key}")}

    def prepare_bind(self, queue: Any, exchange: Any, routing_key: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG002
        return routing_key, None, queue


class _Channel(virtual.Channel):
    """A channel whose queues belong to one ``MemoryTransport`` and whose delivery tags count from 1."""

    queues: dict[str, deque[Raw]]  # by name, shared by all channels of one transport
    exchange_types = virtual.Channel.exchange_types | {"topic": _Topic}
    body_encoding = ""  # bytes stay bytes
    do_restore = True

    def __init__(self, connection: Any, **options: Any) -> None:  # noqa: ANN401 - kombu's own
        super().__init__(connection, **options)
        self._last_tag = 0

    def _lookup(self, exchange: str, routing_key: str, default: Any = None) -> set[str]:  # noqa: ANN401
        queues: set[str] = self.typeof(exchange).lookup(
            self.get_table(exchange), exchange, routing_key, default
        )
        if not queues:
            raise Unroutable(f"no queue is bound to {exchange} for {routing_key}")
        return queues

    def _put(self, queue: str, message: Raw, **_options: object) -> None:
        properties = message["properties"]
        own = properties | {"delivery_info": dict(properties["delivery_info"])}
        self.queues[queue].append(message | {"headers": dict(message["headers"]), "properties": own})

    def _get(self, queue: str, timeout: float | None = None) -> Raw:  # noqa: ARG002 - kombu's own
        try:
            message = self.queues[queue].popleft()
        except IndexError:
            raise Empty from None
        self._last_tag += 1
        message["properties"]["delivery_tag"] = self._last_tag
        message["properties"]["delivery_info"]["queue"] = queue
        return message

    def _restore(self, message: virtual.Message) -> None:
        """Put an unacknowledged message back where it was: at the head of its own queue, and there alone."""
        message.delivery_info["redelivered"] = True
        self.queues[message.delivery_info["queue"]].appendleft(message._raw)  # noqa: SLF001 - kombu keeps it there

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's own
        delivered = self.qos._delivered  # noqa: SLF001 - kombu's in-memory transport knows no multiple
        for tag in [tag for tag in delivered if tag <= delivery_tag] if multiple else [delivery_tag]:
            self.qos.ack(tag)

    def _new_queue(self, queue: str, **_options: object) -> None:
        self.queues.setdefault(queue, deque())

    def _has_queue(self, queue: str, **_options: object) -> bool:
        return queue in self.queues

    def _size(self, queue: str) -> int:
        return len(self.queues[queue])

    def _delete(self, queue: str, *_arguments: object, **_options: object) -> None:
        self.queues.pop(queue, None)

    def _purge(self, queue: str) -> int:
        size = len(self.queues[queue])
        self.queues[queue].clear()
        return size


class MemoryTransport:
    """A broker for the threads of one process, with the exchanges, queues and bindings of a topology.

    Every instance stands alone: what is published to one is never seen in another.
    """

    def __init__(self, wanted: Topology) -> None:
        queues: dict[str, deque[Raw]] = {}
        channel = type("Channel", (_Channel,), {"queues": queues})
        self._queues = queues
        self._transport = type(
            "Transport",
            (memory.Transport,),
            {"Channel": channel, "global_state": virtual.BrokerState(), "polling_interval": POLL_SECONDS},
        )
        with self.connect() as connection:
            channel = connection.channel()
            for exchange, kind in wanted.exchanges.items():
                channel.exchange_declare(exchange, kind)
            for queue in wanted.queues:
                channel.queue_declare(queue.name)
            for binding in wanted.bindings:
                channel.queue_bind(binding.queue, binding.exchange, binding.key)

    def connect(self) -> Connection:
        """Make a kombu connection to it; each thread takes its own."""
        return Connection(transport=self._transport)

    def depth(self, queue: str) -> int:
        """Count the messages that wait in a queue, without those handed out and not yet acknowledged."""
        return len(self._queues[queue])


class MemoryPublisher:
    """The publisher's port on a ``MemoryTransport``; ``user`` is whose messages these are (``aid-intake``).

    Memory forgets, so *confirmed* means no more than that every bound queue has the message now.
    """

    def __init__(self, transport: MemoryTransport, user: str) -> None:
        self._connection = transport.connect()
        self._channel: Any = self._connection.channel()
        self._user = user
        self._one_at_a_time = threading.Lock()

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:  # noqa: ARG002 - the port's
        """Put each message on the queues bound to it, in order; nothing is waited for."""
        outcome = PublishOutcome()
        with self._one_at_a_time:
            for message in messages:
                prepared = self._channel.prepare_message(
                    message.body,
                    content_type=CONTENT_TYPE,
                    headers=dict(message.headers),
                    properties={"message_id": message.id, "user_id": self._user, "delivery_mode": 2},
                )
                try:
                    self._channel.basic_publish(prepared, message.exchange, message.routing_key)
                except Unroutable:
                    outcome.returned.add(message.id)
                else:
                    outcome.confirmed.add(message.id)
        return outcome

    def close(self) -> None:
        """Let go of the transport."""
        self._connection.release()
