"""The broker goes, hangs, refuses and comes back; publisher and consumer come back by themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from deploy.local import Servers
from shared.messaging import BrokerAway, Message, Publisher
from shared.messaging.publisher import PikaPublisher
from shared.messaging.topology import inbox_of
from shared.telemetry.trouble import Trouble
from tests.messaging.brokers import SECONDS, Inbox, Rabbit, Running, message, numbered, publish, write_down
from tests.waiting import until

pytestmark = pytest.mark.rabbitmq

QUEUE = "intake.events"


@pytest.fixture
def servers(rabbitmq: Servers, rabbit: Rabbit) -> Iterator[Servers]:
    """The private servers; whatever a test did to RabbitMQ is undone."""
    assert rabbit.servers is rabbitmq
    write_down(rabbitmq)
    yield rabbitmq
    rabbitmq.thaw("rabbitmq")
    if rabbitmq.rabbitmq.program is None or rabbitmq.rabbitmq.program.pid is None:
        rabbitmq.resume("rabbitmq")
    rabbit.settle()


def publish_until_taken(publisher: Publisher, messages: Sequence[Message]) -> list[BrokerAway]:
    """Do as the relay does: publish again what is not confirmed; gives the outages on the way."""
    waiting = list(messages)
    outages: list[BrokerAway] = []

    def taken() -> bool:
        nonlocal waiting
        try:
            confirmed = publisher.publish(waiting, timeout=SECONDS).confirmed
        except BrokerAway as away:
            outages.append(away)
            confirmed = away.outcome.confirmed
        waiting = [message for message in waiting if message.id not in confirmed]
        return not waiting

    until(taken, seconds=60)
    return outages


def test_a_killed_broker_is_noticed_and_everything_confirmed_is_there_after_it_returns(
    servers: Servers, rabbit: Rabbit
) -> None:
    publisher, inbox = rabbit.publisher("referrals"), Inbox()
    publish(publisher, numbered(100))
    servers.kill("rabbitmq")
    with pytest.raises(BrokerAway) as caught:
        publisher.publish(numbered(1, 100), timeout=SECONDS)
    with pytest.raises(BrokerAway) as again:
        publisher.publish(numbered(1, 100), timeout=SECONDS)
    assert again.value.since == caught.value.since
    servers.resume("rabbitmq")
    publish_until_taken(publisher, numbered(100, 100))
    with Running(rabbit.url("intake"), [QUEUE], inbox):
        until(lambda: len(set(inbox.bodies)) == 200)
    assert inbox.bodies == [str(number).encode() for number in range(200)]


def test_messages_published_while_the_broker_dies_are_lost_by_nobody(
    servers: Servers, rabbit: Rabbit
) -> None:
    publisher, inbox = rabbit.publisher("referrals"), Inbox()
    outages: list[BrokerAway] = []

    def publish_all() -> None:
        for start in range(0, 20_000, 200):
            outages.extend(publish_until_taken(publisher, numbered(200, start)))

    with Running(rabbit.url("intake"), [QUEUE], inbox):
        publishing = threading.Thread(target=publish_all)
        publishing.start()
        until(lambda: len(inbox.batches) > 10)
        servers.kill("rabbitmq")
        servers.resume("rabbitmq")
        publishing.join(120)
        until(lambda: len(set(inbox.bodies)) == 20_000, seconds=60)
    assert outages
    first_seen = list(dict.fromkeys(inbox.bodies))
    assert first_seen == sorted(first_seen, key=int)


def test_a_consumer_survives_a_broker_that_restarts(servers: Servers, rabbit: Rabbit) -> None:
    publisher, inbox = rabbit.publisher("referrals"), Inbox()
    with Running(rabbit.url("intake"), [QUEUE], inbox) as running:
        publish(publisher, [message(body=b"before")])
        until(lambda: b"before" in inbox.bodies)
        servers.kill("rabbitmq")
        until(lambda: "broker-away" in running.problems)
        servers.resume("rabbitmq")
        publish_until_taken(publisher, [message(body=b"after")])
        until(lambda: b"after" in inbox.bodies)
        until(lambda: running.problems[-1] is None)


def test_a_hanging_broker_is_given_up_within_half_a_minute(servers: Servers, rabbit: Rabbit) -> None:
    publisher, inbox = rabbit.publisher("referrals"), Inbox()
    with Running(rabbit.url("intake"), [QUEUE], inbox) as running:
        publish(publisher, [message(body=b"before")])
        until(lambda: b"before" in inbox.bodies)
        servers.freeze("rabbitmq")
        with pytest.raises(BrokerAway):
            publisher.publish([message()], timeout=3)
        until(lambda: "broker-away" in running.problems, seconds=30, what="noticing a half-open connection")
        servers.thaw("rabbitmq")
        publish_until_taken(publisher, [message(body=b"after")])
        until(lambda: b"after" in inbox.bodies)


def test_an_idle_publisher_notices_a_hanging_broker_by_its_heartbeat(
    servers: Servers, rabbit: Rabbit
) -> None:
    publisher = PikaPublisher(rabbit.url("referrals"))
    publish(publisher, [message()])
    session = publisher._session
    assert session is not None
    servers.freeze("rabbitmq")
    until(lambda: session.lost is not None, seconds=35, what="noticing a half-open connection")
    servers.thaw("rabbitmq")
    publish(publisher, [message()])
    publisher.close()


def test_a_broker_that_takes_nothing_is_noticed_and_waited_for(servers: Servers, rabbit: Rabbit) -> None:
    publisher = rabbit.publisher("referrals")
    publish(publisher, [message()])
    servers.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")
    try:
        # The broker tells a publisher that it is blocked when it next publishes.
        with pytest.raises(BrokerAway, match="takes nothing") as caught:
            publisher.publish([message()], timeout=2)
        assert caught.value.code == "broker-blocks"
    finally:
        servers.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
    publish_until_taken(publisher, [message()])


def test_a_full_queue_refuses_and_the_others_still_take(rabbit: Rabbit) -> None:
    # As when an agency's own system has not read its inbox for months.
    vhost, call = rabbit.wanted.vhost, rabbit.servers.rabbitmq.call
    limit = {"pattern": r"^agency\.health\.inbox$", "definition": {"max-length": 1}, "apply-to": "queues"}
    call("PUT", f"policies/{vhost}/full", limit)
    publisher = rabbit.publisher("referrals")

    def to(agency: str) -> Message:
        return message(f"referral.{agency}.issued", exchange="aid.agencies")

    refused: dict[str, str] = {}

    def refuses() -> bool:
        outcome = publisher.publish([to("health"), to("civil-affairs")], timeout=SECONDS)
        assert len(outcome.confirmed) >= 1
        refused.update(outcome.refused)
        return bool(refused)

    until(refuses, what=f"a full {inbox_of('health')}")
    assert set(refused.values()) == {"the broker refused it"}


def test_a_limit_that_was_lifted_is_noticed(rabbit: Rabbit) -> None:
    vhost = rabbit.wanted.vhost
    limit = {"pattern": "^intake[.]events$", "definition": {"max-length": 1}, "apply-to": "queues"}
    rabbit.servers.rabbitmq.call("PUT", f"policies/{vhost}/limit", limit)
    publisher = rabbit.publisher("referrals")
    until(lambda: publisher.publish([message()], timeout=SECONDS).refused, what="the queue to be full")
    rabbit.servers.rabbitmq.call("DELETE", f"policies/{vhost}/limit")
    # RabbitMQ 3.10 goes on refusing on the channels that it told to wait, though there is no limit any more.
    waiting = [message()]
    until(lambda: publisher.publish(waiting, timeout=SECONDS).confirmed, what="a message to be taken")


def test_a_deleted_queue_is_waited_for_until_it_is_put_back(rabbit: Rabbit) -> None:
    publisher, inbox = rabbit.publisher("referrals"), Inbox()
    with Running(rabbit.url("intake"), [QUEUE], inbox) as running:
        publish(publisher, [message(body=b"before")])
        until(lambda: b"before" in inbox.bodies)
        rabbit.servers.rabbitmq.call("DELETE", f"queues/{rabbit.wanted.vhost}/{QUEUE}")
        missing = Trouble.of("queue-missing", about=QUEUE)
        until(lambda: missing in running.problems, what="the word that the queue is missing")
        rabbit.admin.apply()
        publish(publisher, [message(body=b"after")])
        until(lambda: b"after" in inbox.bodies)


def test_a_message_the_publisher_may_not_send_fails_the_call_and_not_the_next(rabbit: Rabbit) -> None:
    publisher = rabbit.publisher("intake")
    with pytest.raises(BrokerAway, match="ACCESS_REFUSED"):
        publisher.publish([message(exchange="aid.agencies")], timeout=SECONDS)
    publish_until_taken(publisher, [message("request.submitted")])


@pytest.mark.parametrize(
    ("old", "new"), [(":", ":wrong"), ("aid-test", "aid-absent"), ("127.0.0.1", "localhost.invalid")]
)
def test_a_wrong_address_is_told_without_the_address(rabbit: Rabbit, old: str, new: str) -> None:
    scheme, rest = rabbit.url("intake").split("://")
    publisher = PikaPublisher(f"{scheme}://{rest.replace(old, new, 1)}")
    with pytest.raises(BrokerAway) as caught:
        publisher.publish([message()], timeout=SECONDS)
    publisher.close()
    assert rest.split(":")[1].split("@")[0] not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_a_closed_publisher_leaves_no_thread_and_no_connection(rabbit: Rabbit) -> None:
    before = threading.active_count()
    publisher = PikaPublisher(rabbit.url("intake"))
    publish(publisher, [message("request.submitted")])
    publisher.close()
    assert threading.active_count() == before
