"""Takes messages from queues in batches, hands them over, and acknowledges what was taken: a loop of our own on kombu.

Not ``ConsumerMixin``: it acknowledges what it cannot decode, and does not come back from a half-open
connection.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from amqp.exceptions import NotFound
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.messaging import Consumer

from shared.messaging.memory import MemoryTransport
from shared.messaging.ports import BrokerAway, Delivery, Handle, Unavailable
from shared.telemetry.failpoints import failpoint
from shared.telemetry.trouble import Trouble

HEARTBEAT_SECONDS = 10
IO_SECONDS = 10
IDLE_SECONDS = 1.0
OPEN_BATCH_SECONDS = 0.005
BEAT_SECONDS = 1.0
FIRST_REST = 0.25
LONGEST_REST = 5.0
# The kernel gives up on a peer that acknowledges nothing as fast as the heartbeat would.
TCP_OPTIONS = {
    socket.TCP_USER_TIMEOUT: 15_000,
    socket.TCP_KEEPIDLE: 5,
    socket.TCP_KEEPINTVL: 5,
    socket.TCP_KEEPCNT: 3,
}
_OPTIONS: dict[str, Any] = {
    "read_timeout": IO_SECONDS,
    "write_timeout": IO_SECONDS,
    "socket_settings": TCP_OPTIONS,
}

log = structlog.get_logger(__name__)


def depths(address: str, queues: Sequence[str]) -> dict[str, int | None]:
    """Ask the broker how many messages lie ready in each queue; None for one that is not there.

    Any user may ask, also about queues that are not his. Raises ``BrokerAway``.
    """
    found: dict[str, int | None] = {}
    connection = Connection(address, connect_timeout=IO_SECONDS, transport_options=_OPTIONS)
    try:
        channel: Any = connection.channel()
        for queue in queues:
            try:
                found[queue] = channel.queue_declare(queue, passive=True).message_count
            except NotFound:
                found[queue] = None
                channel = connection.channel()  # the broker closes the one that asked for what is not there
    except (*connection.connection_errors, *connection.channel_errors, OSError) as error:
        raise BrokerAway(datetime.now(UTC), type(error).__name__) from error
    finally:
        connection.collect(socket_timeout=IDLE_SECONDS)
    return found


class ConsumerLoop:
    """Consumes ``queues`` until ``stop`` is set, and comes back by itself from whatever happens to the connection.

    ``source`` is an AMQP address or a ``MemoryTransport``. ``handle`` gets at most ``batch`` deliveries in
    the order of the queue: when it returns they are acknowledged at once; ``Unavailable`` makes the loop rest
    and try the same batch again, with nothing acknowledged; any other error is a fault of ours, after which
    the connection is given up so that the broker hands the batch out again, marked as redelivered. ``beat``
    is told about once a second what is wrong, or ``None``.
    """

    def __init__(
        self,
        source: str | MemoryTransport,
        queues: Sequence[str],
        handle: Handle,
        *,
        stop: threading.Event,
        prefetch: int = 200,
        batch: int = 100,
        beat: Callable[[str | Trouble | None], None] = lambda _problem: None,
    ) -> None:
        self._source = source
        self._queues = tuple(queues)
        self._handle = handle
        self._stop = stop
        self._prefetch = prefetch
        self._batch = batch
        self._beat = beat
        self._beaten = float("-inf")
        self._checked = float("-inf")
        self._rest = FIRST_REST
        self._asked_for = ""
        self._open: deque[Delivery] = deque()

    def run(self) -> None:
        """Consume until told to stop; the open batch is finished first."""
        while not self._stop.is_set():
            self._open.clear()  # what was not acknowledged comes again
            connection = self._connection()
            try:
                self._consume(connection)
                connection.release()
            except NotFound as error:
                self._give_up(connection, Trouble.of("queue-missing", about=self._asked_for), error)
            except (*connection.connection_errors, *connection.channel_errors, OSError) as error:
                self._give_up(connection, "broker-away", error)
            except Exception as error:  # noqa: BLE001 - a fault in one handler must not end the service
                self._give_up(connection, "handler-failed", error)

    def _give_up(self, connection: Connection, problem: str | Trouble, error: Exception) -> None:
        """Drop the connection without a handshake that may never be answered, and rest."""
        connection.collect(socket_timeout=IDLE_SECONDS)
        log.warning(
            "consumer.reconnects",
            queues=self._queues,
            problem=problem.code if isinstance(problem, Trouble) else problem,
            error=type(error).__name__,
            at=_place(error),
        )
        self._tell(problem, at_once=True)
        self._stop.wait(self._rest)
        self._rest = min(self._rest * 2, LONGEST_REST)

    def _connection(self) -> Connection:
        if isinstance(self._source, MemoryTransport):
            return self._source.connect()
        options = _OPTIONS | {
            "client_properties": {"connection_name": f"{urlsplit(self._source).username} consumer"},
        }
        return Connection(
            self._source, heartbeat=HEARTBEAT_SECONDS, connect_timeout=IO_SECONDS, transport_options=options
        )

    def _consume(self, connection: Connection) -> None:
        channel: Any = connection.channel()
        consumers = [
            Consumer(
                channel,
                queues=[Queue(name, no_declare=True)],
                on_message=partial(self._take, name),
                auto_declare=False,
                prefetch_count=self._prefetch,
            )
            for name in self._queues
        ]
        for name, consumer in zip(self._queues, consumers, strict=True):
            self._asked_for = name
            consumer.consume()
        while not self._stop.is_set():
            complete = self._wait(connection)
            while self._open and (complete or self._stop.is_set()):
                if not self._hand_over(channel):
                    self._pause(connection)
                    break
            self._tell(None)

    def _take(self, queue: str, message: Any) -> None:  # noqa: ANN401 - kombu's message
        body = message.body
        self._open.append(
            Delivery(
                body=body.encode() if isinstance(body, str) else bytes(body or b""),
                routing_key=message.delivery_info["routing_key"],
                user_id=message.properties.get("user_id"),
                redelivered=bool(message.delivery_info.get("redelivered")),
                content_type=message.content_type,
                tag=message.delivery_tag,
                queue=queue,
            )
        )

    def _wait(self, connection: Connection) -> bool:
        """Take one message or wait for one in vain; tells whether the open batch is complete."""
        self._keep_alive(connection)
        try:
            connection.drain_events(timeout=OPEN_BATCH_SECONDS if self._open else IDLE_SECONDS)
        except TimeoutError as error:
            if error.errno == errno.ETIMEDOUT:  # the kernel gave the peer up, which is more than silence
                raise
            return True
        return len(self._open) >= self._batch

    def _hand_over(self, channel: Any) -> bool:  # noqa: ANN401 - kombu's channel
        """Give the oldest deliveries to the handler and acknowledge them; false when it cannot work now."""
        batch = list(islice(self._open, self._batch))
        failpoint("consumer.after-delivery")
        try:
            self._handle(batch)
        except Unavailable as error:
            log.warning("consumer.rests", queues=self._queues, error=type(error.__cause__ or error).__name__)
            self._tell("database-away", at_once=True)
            return False
        channel.basic_ack(batch[-1].tag, multiple=True)
        for _ in batch:
            self._open.popleft()
        self._rest = FIRST_REST
        return True

    def _pause(self, connection: Connection) -> None:
        """Rest, but keep reading, or the broker would think us dead; prefetch bounds what piles up."""
        until = time.monotonic() + self._rest
        self._rest = min(self._rest * 2, LONGEST_REST)
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            self._keep_alive(connection)
            with suppress(TimeoutError):
                connection.drain_events(timeout=min(left, IDLE_SECONDS))

    def _keep_alive(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._checked >= IDLE_SECONDS:
            self._checked = now
            connection.heartbeat_check()

    def _tell(self, problem: str | Trouble | None, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._beaten >= BEAT_SECONDS:
            self._beaten = now
            self._beat(problem)


def _place(error: BaseException) -> str:
    """Name file and line where an error was raised: its text may hold a person's data, its place never does."""
    trace = traceback.extract_tb(error.__traceback__)
    return f"{Path(trace[-1].filename).name}:{trace[-1].lineno}" if trace else ""
