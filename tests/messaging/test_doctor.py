"""RabbitMQ is really broken, and what is said about it is read."""

from __future__ import annotations

import pytest

from deploy.doctor import broker
from deploy.doctor.broker import by_amqp, by_management
from deploy.local.ports import free_port
from shared.messaging import AGENCIES, topology
from shared.messaging.admin import Admin
from shared.messaging.topology import dead_queue, inbox_of
from shared.telemetry.trouble import Trouble
from tests.messaging.brokers import Rabbit, message, numbered, publish
from tests.waiting import until

pytestmark = pytest.mark.rabbitmq

QUEUE = "intake.events"
SEATS = ("civil-affairs", "health")


@pytest.fixture
def whole(rabbit: Rabbit) -> Rabbit:
    """A broker at which nothing is missing, not even the agencies' seats."""
    for agency in SEATS:
        rabbit.admin.create_seat(agency)
    return rabbit


def _amqp(rabbit: Rabbit) -> list[Trouble]:
    return by_amqp(rabbit.url("intake"), rabbit.wanted)[0]


def _management(rabbit: Rabbit) -> list[Trouble]:
    return by_management(rabbit.admin, rabbit.wanted)


def _said(troubles: list[Trouble]) -> list[tuple[str, str]]:
    return [(trouble.code, trouble.about) for trouble in troubles]


def test_a_healthy_broker_has_nothing_to_say(whole: Rabbit) -> None:
    assert _amqp(whole) == []
    assert _management(whole) == []


def test_a_broker_that_is_away_is_told_by_both_ways_of_looking(whole: Rabbit) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    assert _said(by_amqp(f"amqp://aid-intake:secret@{nowhere}/x", whole.wanted)[0]) == [("broker-away", "")]
    (away,) = by_management(Admin(f"http://admin:secret@{nowhere}", whole.wanted, {}), whole.wanted)
    assert away.code == "management-away"
    assert "ConnectionRefusedError" in away.what.en
    assert "secret" not in away.what.en


def test_a_deleted_queue_is_named_once_and_its_bindings_go_without_saying(whole: Rabbit) -> None:
    whole.servers.rabbitmq.call("DELETE", f"queues/{whole.wanted.vhost}/{QUEUE}")
    assert _said(_amqp(whole)) == [("queue-missing", QUEUE)]
    assert _said(_management(whole)) == [("queue-missing", QUEUE)]


def test_what_else_is_not_as_it_should_be_is_counted_by_kind(whole: Rabbit) -> None:
    vhost = whole.wanted.vhost
    whole.servers.rabbitmq.call(
        "PUT",
        f"policies/{vhost}/shorten",
        {"pattern": ".*", "definition": {"max-length": 1}, "apply-to": "queues"},
    )
    whole.servers.rabbitmq.call("DELETE", f"permissions/{vhost}/aid-intake")
    (told,) = _management(whole)
    assert told.code == "topology-differs"
    assert "2 (missing permissions, unexpected policies)" in told.what.en


def test_an_agencys_queue_that_fills_up_is_told_before_it_is_full(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.topology.INBOX_LENGTH", 10)
    whole: Rabbit = request.getfixturevalue("whole")
    assert topology.INBOX_LENGTH == 10
    publisher = whole.publisher("referrals")
    publish(publisher, [message(exchange=AGENCIES) for _ in range(8)])
    assert _amqp(whole) == []
    publish(publisher, [message(exchange=AGENCIES)])
    (full,) = _amqp(whole)
    assert (full.code, full.about) == ("queue-full", inbox_of("health"))
    assert "holds 9 of at most 10 messages" in full.what.en


def test_what_an_agency_did_not_take_is_counted(whole: Rabbit) -> None:
    dead = "agency.health.dead"
    publish(whole.publisher("admin"), [message(dead, exchange="") for _ in range(3)])
    (told,) = _amqp(whole)
    assert (told.code, told.about) == ("dead-queue-fills", dead)
    assert told.what.en.endswith("did not take: 3.")


def test_what_the_broker_gave_up_delivering_to_us_is_read_by_us_and_no_finding(whole: Rabbit) -> None:
    publish(whole.publisher("admin"), [message(dead_queue("intake"), exchange="")])
    assert _amqp(whole) == []


def test_a_queue_that_nobody_keeps_up_with_is_told(whole: Rabbit) -> None:
    publish(whole.publisher("referrals"), numbered(broker.BEHIND + 1))
    told = _amqp(whole)
    assert ("queue-behind", QUEUE) in _said(told)
    assert any(f"{broker.BEHIND + 1}." in trouble.what.en for trouble in told)


def test_alarms_are_told_by_node_until_they_are_over(whole: Rabbit) -> None:
    control = whole.servers.rabbitmq.rabbitmqctl
    control("set_vm_memory_high_watermark", "0.000001")
    control("set_disk_free_limit", "100000GB")
    try:
        both = {"memory-alarm", "disk-alarm"}
        until(lambda: {code for code, _ in _said(_management(whole))} == both, what="both alarms")
    finally:
        control("set_vm_memory_high_watermark", "0.4")
        control("set_disk_free_limit", "100MB")
    until(lambda: _management(whole) == [], what="the end of both alarms")
