"""What the broker itself refuses: forged senders, and an agency's seat that reaches beyond its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pika
import pika.exceptions
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared import ids
from shared.events import example, parse
from shared.messaging import AGENCIES, BrokerAway, Message, is_stranger
from shared.messaging.publisher import PikaPublisher
from shared.messaging.topology import inbox_of
from tests.messaging.brokers import SECONDS, Inbox, Rabbit, Running, publish
from tests.waiting import until

pytestmark = pytest.mark.rabbitmq

AGENCY = "civil-affairs"
OpenChannel = Callable[[], BlockingChannel]


def channels(address: str) -> Iterator[OpenChannel]:
    """Give what opens a channel with pika alone, as somebody else's program would."""
    connection = pika.BlockingConnection(pika.URLParameters(address))
    yield connection.channel
    connection.close()


@pytest.fixture
def seat(rabbit: Rabbit) -> Iterator[OpenChannel]:
    """The seat of the agency civil-affairs."""
    password = quote(rabbit.admin.create_seat(AGENCY), safe="")
    port = rabbit.servers.rabbitmq.port
    yield from channels(f"amqp://agency-{AGENCY}:{password}@127.0.0.1:{port}/{rabbit.wanted.vhost}")


def refused(act: Callable[[BlockingChannel], object], open_channel: OpenChannel) -> str:
    """Do something that the broker has to refuse, and give its words."""
    channel = open_channel()
    channel.confirm_delivery()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as caught:
        act(channel)
    return f"{caught.value.reply_code} {caught.value.reply_text}"


def outside(agency: str) -> Message:
    event = example("referral.issued.v1")
    id_ = ids.new()
    return Message(
        id=id_, routing_key=f"referral.{agency}.issued", body=event.outside(id_), exchange=AGENCIES
    )


def test_an_agency_reads_its_own_events_with_pika_alone(rabbit: Rabbit, seat: OpenChannel) -> None:
    mine, theirs = outside(AGENCY), outside("health")
    publish(rabbit.publisher("referrals"), [theirs, mine])
    channel = seat()
    method, properties, body = channel.basic_get(inbox_of(AGENCY))
    assert properties.message_id == mine.id
    assert parse(body).agency == AGENCY
    channel.basic_ack(method.delivery_tag)
    assert channel.basic_get(inbox_of(AGENCY)) == (None, None, None)


@pytest.mark.parametrize(
    "queue", ["agency.health.inbox", "agency.civil-affairs.dead", "intake.events", "referrals.commands"]
)
def test_an_agency_reads_no_other_queue(seat: OpenChannel, queue: str) -> None:
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.basic_get(queue), seat)
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.basic_consume(queue, print), seat)
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.queue_purge(queue), seat)


@pytest.mark.parametrize("exchange", ["aid.events", "aid.agencies", "aid.commands"])
def test_an_agency_binds_nothing(seat: OpenChannel, exchange: str) -> None:
    def bind(channel: BlockingChannel) -> None:
        channel.queue_bind(inbox_of(AGENCY), exchange, "#")

    assert "ACCESS_REFUSED" in refused(bind, seat)


def test_an_agency_declares_and_deletes_nothing(seat: OpenChannel) -> None:
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.queue_declare("mine"), seat)
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.queue_declare(""), seat)
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.exchange_declare("mine", "topic"), seat)
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.queue_delete(inbox_of(AGENCY)), seat)


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        ("aid.events", "referral.civil-affairs.issued"),
        ("aid.agencies", "referral.civil-affairs.issued"),
        ("aid.dead", "intake.events"),
        ("", "intake.events"),
        ("amq.topic", "anything"),
        ("aid.commands", "health.referral.accept"),
        ("aid.commands", "civil-affairsx.referral.accept"),
        ("aid.commands", "civil-affairs"),
    ],
)
def test_an_agency_publishes_nowhere_but_under_its_own_name(
    seat: OpenChannel, exchange: str, key: str
) -> None:
    assert "ACCESS_REFUSED" in refused(lambda channel: channel.basic_publish(exchange, key, b"{}"), seat)


def test_an_agencys_command_arrives_with_its_verified_name(rabbit: Rabbit, seat: OpenChannel) -> None:
    channel = seat()
    channel.confirm_delivery()
    sender = pika.BasicProperties(user_id=f"agency-{AGENCY}")
    channel.basic_publish("aid.commands", f"{AGENCY}.referral.accept", b"{}", sender, mandatory=True)
    inbox = Inbox()
    with Running(rabbit.url("referrals"), ["referrals.commands"], inbox):
        until(lambda: inbox.deliveries)
    assert inbox.deliveries[0].user_id == f"agency-{AGENCY}"


@pytest.mark.parametrize("claimed", ["aid-referrals", "agency-health", "guest"])
def test_nobody_publishes_under_another_name(seat: OpenChannel, claimed: str) -> None:
    def forge(channel: BlockingChannel) -> None:
        sender = pika.BasicProperties(user_id=claimed)
        channel.basic_publish("aid.commands", f"{AGENCY}.referral.accept", b"{}", sender)

    assert "PRECONDITION_FAILED" in refused(forge, seat)


def test_a_copy_header_gets_past_the_key_but_not_past_the_verified_name(
    rabbit: Rabbit, seat: OpenChannel
) -> None:
    # RabbitMQ before 4.0 checks the key and not what CC adds to it: the reader must look at who sent it.
    channel = seat()
    channel.confirm_delivery()
    sender = pika.BasicProperties(user_id=f"agency-{AGENCY}", headers={"CC": ["health.referral.accept"]})
    channel.basic_publish("aid.commands", f"{AGENCY}.referral.accept", b"{}", sender)
    inbox = Inbox()
    with Running(rabbit.url("referrals"), ["referrals.commands"], inbox):
        until(lambda: inbox.deliveries)
    assert {delivery.user_id for delivery in inbox.deliveries} == {f"agency-{AGENCY}"}


def test_a_seat_made_anew_locks_out_the_old_password(rabbit: Rabbit) -> None:
    old, new = (
        PikaPublisher(
            f"amqp://agency-{AGENCY}:{quote(password, safe='')}@127.0.0.1:{rabbit.servers.rabbitmq.port}"
            f"/{rabbit.wanted.vhost}"
        )
        for password in (rabbit.admin.create_seat(AGENCY), rabbit.admin.create_seat(AGENCY))
    )
    command = Message(
        id=ids.new(), routing_key=f"{AGENCY}.referral.accept", body=b"{}", exchange="aid.commands"
    )
    with pytest.raises(BrokerAway, match="Authentication"):
        old.publish([command], timeout=SECONDS)
    publish(new, [command])
    old.close()
    new.close()


@pytest.mark.parametrize(
    ("service", "queue"), [("intake", "referrals.events"), ("notifications", "agency.health.inbox")]
)
def test_a_service_reads_its_own_queues_alone(rabbit: Rabbit, service: str, queue: str) -> None:
    for open_channel in channels(rabbit.url(service)):
        assert "ACCESS_REFUSED" in refused(lambda channel: channel.basic_get(queue), open_channel)


@pytest.mark.parametrize(
    ("service", "exchange"), [("intake", "aid.agencies"), ("notifications", "aid.agencies")]
)
def test_a_service_writes_only_where_it_publishes(rabbit: Rabbit, service: str, exchange: str) -> None:
    for open_channel in channels(rabbit.url(service)):
        answer = refused(lambda channel: channel.basic_publish(exchange, "a.b", b""), open_channel)
        assert "ACCESS_REFUSED" in answer


def test_no_service_can_change_the_topology(rabbit: Rabbit) -> None:
    for open_channel in channels(rabbit.url("referrals")):
        assert "ACCESS_REFUSED" in refused(lambda c: c.queue_delete("referrals.events"), open_channel)
        assert "ACCESS_REFUSED" in refused(lambda c: c.queue_declare("new"), open_channel)


def test_what_a_consumer_rejects_is_kept_and_keeps_its_verified_sender(rabbit: Rabbit) -> None:
    event = example("referral.issued.v1")
    publish(rabbit.publisher("referrals"), [Message.internal(event)])
    for open_channel in channels(rabbit.url("intake")):
        channel = open_channel()
        method, _, _ = next(channel.consume("intake.events", inactivity_timeout=SECONDS))
        channel.basic_reject(method.delivery_tag, requeue=False)
    inbox = Inbox()
    with Running(rabbit.url("intake"), ["intake.events", "intake.dead"], inbox):
        until(lambda: inbox.deliveries)
    delivery = inbox.deliveries[0]
    assert (delivery.queue, delivery.body) == ("intake.dead", event.internal())
    assert not is_stranger(event, delivery)
