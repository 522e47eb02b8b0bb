"""One connection to RabbitMQ in a thread of its own, good until the first error and then thrown away."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from shared.events import CONTENT_TYPE
from shared.messaging.ports import Message, PublishOutcome
from shared.telemetry.failpoints import failpoint

WINDOW = 500  # messages under way without a confirm
CHUNK_BYTES = 64 * 1024
# pika looks every (this + 5) s whether anything came in since it last looked: a hanging broker is noticed in 26 s.
HEARTBEAT_SECONDS = 8
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
INTERNAL_ERROR = 541  # AMQP 0-9-1 §1.2: the server could not complete the method because of an internal error
# The kernel gives up on a peer that acknowledges nothing as fast as the heartbeat would.
TCP_OPTIONS = {"TCP_USER_TIMEOUT": 15_000, "TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}

# What pika logs reaches the caller as the reason of ``BrokerAway``, once, instead of many stack traces.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class _Connection(pika.SelectConnection):  # type: ignore[misc]  # pika ships no types
    """A connection that sends many frames with one system call, where pika itself makes three for a message."""

    _held: list[bytes] | None = None
    _held_bytes = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Collect what is written inside and send it in few large pieces."""
        self._held = []
        try:
            yield
        finally:
            self._send_held()
            self._held = None

    def drop(self) -> None:
        """End it at once, without the handshake nobody may be there to answer."""
        if self.is_closed:
            self.ioloop.stop()
        else:
            self._terminate_stream(ConnectionAbortedError("thrown away"))

    def _adapter_emit_data(self, data: bytes) -> None:
        if self._held is None:
            super()._adapter_emit_data(data)
            return
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes >= CHUNK_BYTES:
            self._send_held()

    def _send_held(self) -> None:
        if self._held:
            super()._adapter_emit_data(b"".join(self._held))
            self._held.clear()
            self._held_bytes = 0


class Batch:
    """Messages handed over together, and what has become of them so far."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.waiting = deque(messages)
        self.under_way: dict[int, str] = {}
        self.outcome = PublishOutcome()
        self.settled = threading.Event()

    def decide(self, tag: int, *, multiple: bool, accepted: bool) -> None:
        """Note the broker's answer to one message or to all up to it.

        A message that came back before it was acknowledged is stored nowhere.
        """
        for decided in list(takewhile(lambda known: known <= tag, self.under_way)) if multiple else (tag,):
            id_ = self.under_way.pop(decided)
            if id_ in self.outcome.returned:
                continue
            if accepted:
                self.outcome.confirmed.add(id_)
            else:
                self.outcome.refused[id_] = "the broker refused it"


class Session:
    """A connection, its channel in confirm mode, and the thread that runs them.

    ``lost`` holds the reason once the connection is of no more use; ``blocked`` since when and why the broker
    takes nothing; ``fault_of_broker`` that it ended the connection with an internal error. ``open``, ``publish`` and
    ``close`` are called by one thread at a time, never the session's own.
    """

    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.socket_timeout = CONNECT_SECONDS
        parameters.stack_timeout = CONNECT_SECONDS
        parameters.connection_attempts = 1
        parameters.blocked_connection_timeout = None
        parameters.tcp_options = TCP_OPTIONS
        self._parameters = parameters
        self._user: str = parameters.credentials.username
        self._decided = threading.Event()  # open, or lost before it was
        self._connection: _Connection | None = None
        self._channel: Channel | None = None
        self._batch: Batch | None = None
        self._next_tag = 1
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self.lost: str | None = None
        self.fault_of_broker = False
        self.blocked: tuple[datetime, str] | None = None

    def open(self) -> None:
        """Connect; afterwards either the session is ready or ``lost`` says why not."""
        self._thread.start()
        if not self._decided.wait(CONNECT_SECONDS + 1):
            self.lost = "no answer while connecting"

    def publish(self, messages: Sequence[Message], timeout: float) -> PublishOutcome:
        """Publish and wait until all is decided, the connection is lost, or time is up (which loses it too)."""
        batch = self._batch = Batch(messages)
        self._call(self._fill_window)
        if self.lost is None and not batch.settled.wait(timeout) and self.lost is None:
            self.lost = f"no confirm within {timeout:g} s"
        self._batch = None
        return batch.outcome

    def close(self) -> None:
        """Close the connection, gracefully if it still stands, and end its thread."""
        self._call(self._shut)
        self._thread.join(CONNECT_SECONDS)

    def _call(self, act: Callable[[], None]) -> None:
        if self._connection is not None:
            self._connection.ioloop.add_callback_threadsafe(act)

    # What follows runs in the session's own thread.

    def _run(self) -> None:
        connection = self._connection = _Connection(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_ended,
            on_close_callback=self._on_ended,
        )
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.add_on_connection_unblocked_callback(self._on_unblocked)
        try:
            connection.ioloop.start()
        except Exception as error:  # noqa: BLE001 - whatever it was, the session is over and its caller is told
            self._lose(_reason(error))
        finally:
            connection.ioloop.close()

    def _on_open(self, connection: _Connection) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_answer, callback=lambda _frame: self._decided.set())

    def _on_channel_closed(self, _channel: Channel, error: Exception) -> None:
        if self._connection is not None and self._connection.is_open:
            self._lose(_reason(error))
            self._connection.drop()

    def _on_blocked(self, _connection: object, frame: Method[Any]) -> None:
        self.blocked = (datetime.now(UTC), f"the broker takes nothing: {frame.method.reason}")

    def _on_unblocked(self, _connection: object, _frame: object) -> None:
        self.blocked = None

    def _fill_window(self) -> None:
        batch, channel, connection = self._batch, self._channel, self._connection
        if batch is None or channel is None or connection is None or self.lost is not None:
            return
        with connection.together():
            while batch.waiting and len(batch.under_way) < WINDOW:
                message = batch.waiting.popleft()
                batch.under_way[self._next_tag] = message.id
                self._next_tag += 1
                channel.basic_publish(
                    message.exchange,
                    message.routing_key,
                    message.body,
                    BasicProperties(
                        content_type=CONTENT_TYPE,
                        delivery_mode=2,
                        headers=dict(message.headers),
                        message_id=message.id,
                        user_id=self._user,
                    ),
                    mandatory=True,
                )
        failpoint("relay.after-write")
        if not batch.under_way:
            batch.settled.set()

    def _on_return(
        self, _channel: object, _method: object, properties: BasicProperties, _body: bytes
    ) -> None:
        if self._batch is not None and properties.message_id is not None:
            self._batch.outcome.returned.add(properties.message_id)

    def _on_answer(self, frame: Method[Any]) -> None:
        answer, batch = frame.method, self._batch
        if batch is None:
            return
        batch.decide(answer.delivery_tag, multiple=answer.multiple, accepted=isinstance(answer, Basic.Ack))
        if batch.waiting or not batch.under_way:
            self._fill_window()

    def _shut(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.is_open and self.lost is None:
            connection.close()
            connection.ioloop.call_later(CLOSE_SECONDS, connection.drop)
        else:
            connection.drop()

    def _on_ended(self, connection: _Connection, error: Exception) -> None:
        self.fault_of_broker = getattr(error, "reply_code", None) == INTERNAL_ERROR
        self._lose(_reason(error))
        connection.ioloop.stop()

    def _lose(self, reason: str) -> None:
        self.lost = self.lost or reason
        self._decided.set()
        batch = self._batch
        if batch is not None:
            batch.settled.set()


def _reason(error: BaseException) -> str:
    """Say what went wrong without the addresses that pika's own words hold."""
    code = getattr(error, "reply_code", None)
    if code is not None:
        return f"{type(error).__name__} {code} {getattr(error, 'reply_text', '')}"
    tried: Sequence[BaseException] = getattr(error, "exceptions", None) or error.args[:1]
    inner = tried[-1] if tried else None
    return _reason(inner) if isinstance(inner, BaseException) else type(error).__name__
