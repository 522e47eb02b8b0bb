"""What publisher and consumer promise, on either broker."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from shared.events import CONTENT_TYPE, example, parse
from shared.messaging import Delivery, Message, Unavailable, is_stranger
from shared.telemetry import failpoints
from tests.messaging.brokers import SECONDS, Broker, Inbox, Running, message, numbered, publish
from tests.waiting import until

QUEUE = "intake.events"


def bodies(messages: Sequence[Message]) -> list[bytes]:
    return [message.body for message in messages]


def test_messages_arrive_in_the_order_in_which_they_were_published(broker: Broker) -> None:
    messages, inbox = numbered(1000), Inbox()
    publisher = broker.publisher("referrals")
    with Running(broker.source("intake"), [QUEUE], inbox):
        for start in range(0, 1000, 250):
            publish(publisher, messages[start : start + 250])
        until(lambda: len(inbox.bodies) >= 1000)
    assert inbox.bodies == bodies(messages)
    assert not any(delivery.redelivered for delivery in inbox.deliveries)


def test_a_batch_is_never_larger_than_asked_for_and_fills_up(broker: Broker) -> None:
    publish(broker.publisher("referrals"), numbered(95))
    inbox = Inbox()
    with Running(broker.source("intake"), [QUEUE], inbox, batch=20):
        until(lambda: len(inbox.bodies) == 95)
    assert max(map(len, inbox.batches)) == 20


def test_a_single_message_does_not_wait_for_others(broker: Broker) -> None:
    inbox = Inbox()
    with Running(broker.source("intake"), [QUEUE], inbox):
        publish(broker.publisher("referrals"), numbered(1))
        until(lambda: inbox.bodies == [b"0"])


def test_an_acknowledged_batch_never_comes_again(broker: Broker) -> None:
    publisher, first, second = broker.publisher("referrals"), Inbox(), Inbox()
    publish(publisher, numbered(50))
    with Running(broker.source("intake"), [QUEUE], first):
        until(lambda: len(first.bodies) == 50)
    publish(publisher, [message(body=b"next")])
    with Running(broker.source("intake"), [QUEUE], second):
        until(lambda: second.bodies)
    assert second.bodies == [b"next"]


def test_what_a_dying_consumer_did_not_acknowledge_comes_again_in_order_and_marked(broker: Broker) -> None:
    publish(broker.publisher("referrals"), numbered(30))
    handled: list[bytes] = []
    died = threading.Event()

    def die_in_the_second_batch(batch: Sequence[Delivery]) -> None:
        if handled and not died.is_set():
            died.set()
            raise RuntimeError("the process dies here")
        handled.extend(delivery.body for delivery in batch)

    inbox = Inbox(die_in_the_second_batch)
    with Running(broker.source("intake"), [QUEUE], inbox, batch=10) as running:
        until(lambda: len(inbox.bodies) == 30)
    assert inbox.bodies == bodies(numbered(30))
    marked = [delivery.redelivered for delivery in inbox.deliveries]
    assert marked[:20] == [False] * 10 + [True] * 10
    assert "handler-failed" in running.problems


def test_while_the_handler_cannot_work_nothing_is_acknowledged_and_nothing_lost(broker: Broker) -> None:
    publish(broker.publisher("referrals"), numbered(5))
    tries: list[list[bytes]] = []

    def database_is_away(batch: Sequence[Delivery]) -> None:
        tries.append([delivery.body for delivery in batch])
        if len(tries) < 3:
            raise Unavailable

    inbox = Inbox(database_is_away)
    with Running(broker.source("intake"), [QUEUE], inbox) as running:
        until(lambda: len(inbox.bodies) == 5)
    assert inbox.bodies == bodies(numbered(5))
    assert not any(delivery.redelivered for delivery in inbox.deliveries)
    assert tries[0] == tries[1][: len(tries[0])]
    assert "database-away" in running.problems


def test_a_consumer_told_to_stop_while_the_handler_cannot_work_gives_its_messages_back(
    broker: Broker,
) -> None:
    publish(broker.publisher("referrals"), numbered(5))
    asked = threading.Event()

    def never(_batch: Sequence[Delivery]) -> None:
        asked.set()
        raise Unavailable

    with Running(broker.source("intake"), [QUEUE], Inbox(never)):
        assert asked.wait(SECONDS)
    inbox = Inbox()
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: len(inbox.bodies) == 5)
    assert inbox.bodies == bodies(numbered(5))
    assert all(delivery.redelivered for delivery in inbox.deliveries)


def test_an_unroutable_message_is_returned_and_its_neighbours_are_not(broker: Broker) -> None:
    good, lost, also_good = message(), message("nobody.bound"), message()
    outcome = broker.publisher("referrals").publish([good, lost, also_good], timeout=SECONDS)
    assert outcome.returned == {lost.id}
    assert outcome.confirmed == {good.id, also_good.id}
    assert not outcome.refused


@pytest.mark.parametrize(
    ("key", "arrives"),
    [
        ("referral.health.issued", True),
        ("referral.civil-affairs.issued", True),
        ("referral.issued", False),
        ("referral.health.ward.issued", False),
        ("referral.health.issued.v1", False),
        ("referral.health.unheard-of", False),
        ("request.submitted", False),
    ],
)
def test_a_star_in_a_binding_is_exactly_one_word(broker: Broker, key: str, *, arrives: bool) -> None:
    inbox, last = Inbox(), message(body=b"last")
    broker.publisher("referrals").publish([message(key, body=b"asked"), last], timeout=SECONDS)
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: b"last" in inbox.bodies)
    assert inbox.bodies == [b"asked"] * arrives + [b"last"]


def test_every_bound_queue_gets_the_message_once(broker: Broker) -> None:
    publish(broker.publisher("referrals"), numbered(3))
    for service in ("intake", "notifications"):
        inbox = Inbox()
        with Running(broker.source(service), [f"{service}.events"], inbox):
            until(lambda inbox=inbox: len(inbox.bodies) >= 3)  # type: ignore[misc]
        assert inbox.bodies == bodies(numbered(3))


def test_a_delivery_tells_all_that_is_known_of_it(broker: Broker) -> None:
    event, inbox = example("referral.issued.v1"), Inbox()
    publish(broker.publisher("referrals"), [Message.internal(event)])
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: inbox.deliveries)
    delivery = inbox.deliveries[0]
    assert delivery.body == event.internal()
    assert parse(delivery.body) == event
    assert delivery.routing_key == "referral.civil-affairs.issued"
    assert delivery.user_id == "aid-referrals"
    assert delivery.content_type == CONTENT_TYPE
    assert delivery.queue == QUEUE
    assert not is_stranger(event, delivery)


def test_an_event_by_a_service_that_does_not_publish_its_type_is_a_strangers(broker: Broker) -> None:
    event, inbox = example("referral.issued.v1"), Inbox()
    publish(broker.publisher("intake"), [Message.internal(event)])
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: inbox.deliveries)
    assert is_stranger(event, inbox.deliveries[0])


def test_one_loop_serves_several_queues(broker: Broker) -> None:
    inbox = Inbox()
    with Running(broker.source("referrals"), ["referrals.events", "referrals.dead"], inbox):
        publish(broker.publisher("intake"), [message("request.submitted"), message("staff.disabled")])
        until(lambda: len(inbox.deliveries) == 2)
    assert {delivery.queue for delivery in inbox.deliveries} == {"referrals.events"}


def test_large_and_empty_bodies_pass_unchanged(broker: Broker) -> None:
    large, inbox = bytes(range(256)) * 4096, Inbox()
    publish(broker.publisher("referrals"), [message(body=large), message(body=b"")])
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: len(inbox.bodies) == 2)
    assert inbox.bodies == [large, b""]


def test_more_than_a_window_is_published_in_one_call(broker: Broker) -> None:
    publish(broker.publisher("referrals"), numbered(1700))


def test_publishing_nothing_is_nothing(broker: Broker) -> None:
    assert broker.publisher("referrals").publish([], timeout=SECONDS).confirmed == set()


def test_a_batch_passes_the_failpoint_before_it_is_handed_over(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[tuple[str, int]] = []
    inbox = Inbox()
    monkeypatch.setattr(failpoints, "hook", lambda name: passed.append((name, len(inbox.batches))))
    publish(broker.publisher("referrals"), numbered(1))
    with Running(broker.source("intake"), [QUEUE], inbox):
        until(lambda: inbox.deliveries)
    assert ("consumer.after-delivery", 0) in passed
