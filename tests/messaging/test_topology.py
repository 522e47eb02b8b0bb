"""The topology: what it says, and that it is put in place, checked, and put back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.events import CATALOGUE
from shared.messaging.admin import Admin, AdminError
from shared.messaging.topology import (
    INTERESTS,
    definitions,
    keys_of,
    password_fits,
    password_hash,
    passwords,
    topology,
)
from tests.messaging.brokers import SECONDS, Rabbit, message

TOPOLOGY = topology("530103", ["health"])
PASSWORDS = {user.name: f"password of {user.name}" for user in TOPOLOGY.users}
DEFINITIONS: dict[str, Any] = definitions(TOPOLOGY, PASSWORDS)
FORBIDDEN = ("hut", "rehab", "drug", "care", "爱心", "戒毒", "禁毒", "康复")


def test_no_service_binds_everything() -> None:
    assert not [key for service in INTERESTS for key in keys_of(service) if "#" in key]


def test_who_binds_one_fact_of_an_aggregate_binds_them_all() -> None:
    for service in INTERESTS:
        bound = set(keys_of(service))
        followed = {(row.producer, row.aggregate) for row in CATALOGUE.values() if row.binding_key in bound}
        assert followed == set(INTERESTS[service])
        assert bound == {
            row.binding_key for row in CATALOGUE.values() if (row.producer, row.aggregate) in followed
        }


def test_every_type_reaches_somebody_or_it_would_be_returned_for_ever() -> None:
    bound = {key for service in INTERESTS for key in keys_of(service)}
    assert {row.binding_key for row in CATALOGUE.values()} <= bound


def test_nobody_may_configure_anything() -> None:
    assert {row["configure"] for row in DEFINITIONS["permissions"]} == {"^$"}


def test_every_queue_is_durable_and_a_quorum() -> None:
    for queue in DEFINITIONS["queues"]:
        assert queue["durable"]
        assert queue["arguments"]["x-queue-type"] == "quorum"


def test_a_services_queue_has_one_active_consumer_and_loses_nothing() -> None:
    arguments = next(q["arguments"] for q in DEFINITIONS["queues"] if q["name"] == "referrals.events")
    assert arguments["x-single-active-consumer"]
    assert arguments["x-delivery-limit"] == 10_000
    assert arguments["x-dead-letter-exchange"] == "aid.dead"
    assert arguments["x-dead-letter-strategy"] == "at-least-once"


def test_an_agency_may_fetch_one_by_one_which_a_single_active_consumer_forbids() -> None:
    arguments = next(q["arguments"] for q in DEFINITIONS["queues"] if q["name"] == "agency.health.inbox")
    assert "x-single-active-consumer" not in arguments
    assert arguments["x-max-length"] == 100_000
    assert arguments["x-overflow"] == "reject-publish"


def test_an_agency_reads_its_inbox_and_speaks_only_under_its_own_name() -> None:
    seat = next(user for user in TOPOLOGY.users if user.name == "agency-health")
    assert seat.read == r"^(agency\.health\.inbox)$"
    assert seat.write == r"^(aid\.commands)$"
    assert seat.keys == {"aid.commands": r"^health\..+"}


def test_only_who_publishes_may_write() -> None:
    writes = {user.name: user.write for user in TOPOLOGY.users}
    assert writes["aid-intake"] == r"^(aid\.events)$"
    assert writes["aid-referrals"] == r"^(aid\.events|aid\.agencies)$"
    assert writes["aid-notifications"] == r"^(aid\.events)$"


def test_no_name_at_the_broker_tells_where_a_person_comes_from() -> None:
    text = orjson.dumps(DEFINITIONS).decode().lower()
    assert not [word for word in FORBIDDEN if word in text]


def test_definitions_made_twice_are_the_same_and_hold_no_password() -> None:
    assert definitions(TOPOLOGY, PASSWORDS) == DEFINITIONS
    assert "password of" not in orjson.dumps(DEFINITIONS).decode()


def test_a_seat_without_a_password_is_left_out_of_the_definitions() -> None:
    services: dict[str, Any] = definitions(TOPOLOGY, {"aid-intake": "x"})
    for section in ("users", "permissions", "topic_permissions"):
        assert not [row for row in services[section] if "agency" in str(row)]


def test_a_hash_fits_its_password_alone() -> None:
    stored = password_hash("aid-intake", "right")
    assert password_fits(stored, "right")
    assert not password_fits(stored, "wrong")
    assert password_hash("aid-referrals", "right") != stored


def test_passwords_are_read_from_addresses() -> None:
    assert passwords(["amqp://aid-intake:p%40ss@host:5672/aid-530103"]) == {"aid-intake": "p@ss"}


def test_an_address_without_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="no password") as caught:
        passwords(["amqp://aid-intake@secret-host/aid"])
    assert "secret-host" not in str(caught.value)


# From here on with RabbitMQ.


def seated(rabbit: Rabbit) -> None:
    for agency in ("civil-affairs", "health"):
        rabbit.admin.create_seat(agency)


@pytest.mark.rabbitmq
def test_what_was_applied_is_found_standing_and_applying_it_again_changes_nothing(rabbit: Rabbit) -> None:
    seated(rabbit)
    assert rabbit.admin.check() == []
    before = rabbit.servers.rabbitmq.call("GET", "definitions")
    assert rabbit.admin.apply() == []
    assert rabbit.servers.rabbitmq.call("GET", "definitions") == before


@pytest.mark.rabbitmq
def test_a_seat_that_was_never_made_is_listed_for_a_person_to_make(rabbit: Rabbit) -> None:
    rabbit.servers.rabbitmq.call("PUT", "users/agency-health", {"password": "x", "tags": ""})
    rabbit.servers.rabbitmq.call("DELETE", "users/agency-health")
    problem = next(problem for problem in rabbit.admin.check() if problem.name == "agency-health")
    assert (problem.code, problem.kind, problem.can_be_put_right) == ("missing", "users", False)


@pytest.mark.rabbitmq
def test_a_deleted_queue_is_noticed_and_put_back_with_its_bindings(rabbit: Rabbit) -> None:
    seated(rabbit)
    rabbit.servers.rabbitmq.call("DELETE", f"queues/{rabbit.wanted.vhost}/intake.events")
    # The publisher hears nothing of it while another queue is bound to the key: hence the check.
    key = "referral.health.issued"
    assert not rabbit.publisher("referrals").publish([message(key)], timeout=SECONDS).returned
    noticed = rabbit.admin.check()
    assert ("queues", "intake.events") in {(problem.kind, problem.name) for problem in noticed}
    assert ("bindings", "aid.events intake.events referral.*.issued") in {
        (problem.kind, problem.name) for problem in noticed
    }
    rabbit.admin.apply()
    assert rabbit.admin.check() == []


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("method", "path", "body", "name"),
    [
        (
            "DELETE",
            "bindings/{vhost}/e/aid.events/q/referrals.events/request.submitted",
            None,
            "request.submitted",
        ),
        (
            "PUT",
            "permissions/{vhost}/aid-intake",
            {"configure": ".*", "write": ".*", "read": ".*"},
            "aid-intake",
        ),
        ("DELETE", "permissions/{vhost}/agency-health", None, "agency-health"),
        (
            "PUT",
            "topic-permissions/{vhost}/agency-health",
            {"exchange": "aid.commands", "write": ".*", "read": ".*"},
            "agency-health aid.commands",
        ),
        ("PUT", "users/aid-intake", {"password": "another", "tags": ""}, "aid-intake"),
        ("PUT", "permissions/{vhost}/stranger", {"configure": "", "write": "", "read": ".*"}, "stranger"),
    ],
)
def test_whatever_was_tampered_with_is_put_right(
    rabbit: Rabbit, method: str, path: str, body: dict[str, str] | None, name: str
) -> None:
    seated(rabbit)
    rabbit.servers.rabbitmq.call("PUT", "users/stranger", {"password": "x", "tags": ""})
    rabbit.servers.rabbitmq.call(method, path.format(vhost=rabbit.wanted.vhost), body)
    noticed = rabbit.admin.check()
    assert [problem for problem in noticed if name in problem.name]
    assert all(problem.can_be_put_right for problem in noticed)
    rabbit.admin.apply()
    assert rabbit.admin.check() == []


@pytest.mark.rabbitmq
def test_a_stray_binding_and_a_policy_are_listed_but_left_to_a_person(rabbit: Rabbit) -> None:
    seated(rabbit)
    vhost, call = rabbit.wanted.vhost, rabbit.servers.rabbitmq.call
    stray = {"routing_key": "referral.civil-affairs.issued", "arguments": {}}
    call("POST", f"bindings/{vhost}/e/aid.agencies/q/agency.health.inbox", stray)
    call("PUT", f"policies/{vhost}/short", {"pattern": ".*", "definition": {"message-ttl": 1000}})
    found = {(problem.code, problem.kind): problem for problem in rabbit.admin.apply()}
    assert set(found) == {("unexpected", "bindings"), ("unexpected", "policies")}
    assert not any(problem.can_be_put_right for problem in found.values())


@pytest.mark.rabbitmq
def test_a_queue_declared_otherwise_is_listed_but_never_deleted(rabbit: Rabbit) -> None:
    seated(rabbit)
    path = f"queues/{rabbit.wanted.vhost}/referrals.commands"
    rabbit.servers.rabbitmq.call("DELETE", path)
    rabbit.servers.rabbitmq.call("PUT", path, {"durable": True, "arguments": {}})
    problems = [problem for problem in rabbit.admin.apply() if problem.kind == "queues"]
    assert [(problem.code, problem.name) for problem in problems] == [("differs", "referrals.commands")]
    assert not problems[0].can_be_put_right
    assert "delete" in problems[0].remedy


@pytest.mark.rabbitmq
def test_a_wrong_administrator_is_an_error_that_shows_no_password(rabbit: Rabbit) -> None:
    url = rabbit.servers.admin_url.replace("aid-admin:", "aid-admin:wrong-")
    with pytest.raises(AdminError, match="does not know the administrator") as caught:
        Admin(url, rabbit.wanted, {}).check()
    assert "wrong-" not in str(caught.value)


def test_an_absent_broker_is_an_error() -> None:
    with pytest.raises(AdminError, match="away"):
        Admin("http://a:b@127.0.0.1:1", TOPOLOGY, {}).check()


@pytest.mark.rabbitmq
def test_there_is_no_seat_for_an_agency_without_a_system(rabbit: Rabbit) -> None:
    with pytest.raises(LookupError, match="no agency housing"):
        rabbit.admin.create_seat("housing")
