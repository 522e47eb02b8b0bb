"""What kombu's in-memory transport does otherwise than RabbitMQ, and ours therefore hides: one test each."""

from __future__ import annotations

from typing import Any

import pytest

from shared.messaging.memory import MemoryPublisher, MemoryTransport, Unroutable
from shared.messaging.topology import Binding, Queue, Topology
from tests.messaging.brokers import SECONDS, message


def transport(**bindings: str) -> MemoryTransport:
    """Make a transport with one topic exchange and a queue per binding."""
    return MemoryTransport(
        Topology(
            vhost="aid-memory",
            exchanges={"aid.events": "topic"},
            queues=tuple(Queue(name, {}) for name in bindings),
            bindings=tuple(Binding("aid.events", queue, key) for queue, key in bindings.items()),
            users=(),
        )
    )


def channel_of(memory: MemoryTransport) -> Any:
    return memory.connect().channel()


def publish(memory: MemoryTransport, *keys: str, headers: dict[str, str] | None = None) -> None:
    messages = [message(key, body=key.encode(), headers=headers or {}) for key in keys]  # type: ignore[arg-type]
    MemoryPublisher(memory, "aid-intake").publish(messages, timeout=SECONDS)


@pytest.mark.parametrize(
    ("binding", "key", "matches"),
    [
        ("health.#", "health", True),
        ("health.#", "health.one", True),
        ("health.#", "health.one.two", True),
        ("health.#", "healthy", False),
        ("#.health", "health", True),
        ("#", "anything.at.all", True),
        ("a.#.z", "a.z", True),
        ("a.#.z", "a.b.c.z", True),
        ("a.#.z", "a.b.c", False),
        ("a.*.z", "a.z", False),
        ("a.*.z", "a.b.z", True),
        ("a.b", "axb", False),
        ("a.b", "a.b\n", False),
    ],
)
def test_a_hash_matches_no_word_as_well(binding: str, key: str, *, matches: bool) -> None:
    memory = transport(queue=binding)
    publish(memory, key)
    assert memory.depth("queue") == int(matches)


def test_a_requeued_message_goes_back_to_its_own_queue_alone_and_to_the_front() -> None:
    memory = transport(one="key.*", two="key.*")
    publish(memory, "key.a", "key.b")
    channel = channel_of(memory)
    first = channel.basic_get("one")
    channel.basic_reject(first.delivery_tag, requeue=True)
    assert (memory.depth("one"), memory.depth("two")) == (2, 2)
    again = channel.basic_get("one")
    assert again.body == b"key.a"
    assert again.delivery_info["redelivered"]


def test_headers_are_not_shared_between_queues() -> None:
    memory = transport(one="key", two="key")
    publish(memory, "key", headers={"ce-type": "x"})
    channel = channel_of(memory)
    channel.basic_get("one").headers["ce-type"] = "changed"
    assert channel.basic_get("two").headers == {"ce-type": "x"}


def test_an_unroutable_message_is_an_error() -> None:
    channel = channel_of(transport(queue="key"))
    with pytest.raises(Unroutable):
        channel.basic_publish(channel.prepare_message(b""), "aid.events", "other")


def test_messages_are_looked_for_a_hundred_times_a_second() -> None:
    assert transport(queue="key").connect().transport.polling_interval == 0.01


def test_unacknowledged_messages_return_in_order_when_the_channel_closes() -> None:
    memory = transport(queue="key.*")
    publish(memory, "key.a", "key.b", "key.c")
    channel = channel_of(memory)
    taken = [channel.basic_get("queue") for _ in range(3)]
    channel.basic_ack(taken[0].delivery_tag)
    channel.close()
    left = channel_of(memory)
    assert [left.basic_get("queue").body for _ in range(2)] == [b"key.b", b"key.c"]


def test_an_acknowledgement_of_many_covers_all_before_it_and_none_after() -> None:
    memory = transport(queue="key.*")
    publish(memory, "key.a", "key.b", "key.c")
    channel = channel_of(memory)
    taken = [channel.basic_get("queue") for _ in range(3)]
    channel.basic_ack(taken[1].delivery_tag, multiple=True)
    channel.close()
    assert memory.depth("queue") == 1


def test_closing_one_connection_leaves_the_queues_to_the_others() -> None:
    memory = transport(queue="key")
    publish(memory, "key")
    memory.connect().release()
    assert memory.depth("queue") == 1


def test_two_transports_know_nothing_of_each_other() -> None:
    one, other = transport(queue="key"), transport(queue="key")
    publish(one, "key")
    assert (one.depth("queue"), other.depth("queue")) == (1, 0)
