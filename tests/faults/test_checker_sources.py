"""What the checker reads: an effect log that forgives nothing, on both databases, and queues only looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from deploy.local import Servers
from services.referrals.persistence.tables import referrals
from shared.db import Database
from shared.messaging.ports import AGENCIES
from shared.messaging.topology import Topology, inbox_of, topology
from tests.builders import SERVICES, Installation, an_installation
from tests.conftest import MakeDatabase
from tests.faults.history import check, collect, effects
from tests.faults.history.book import Book
from tests.faults.history.checker import breaches
from tests.faults.history.runs import play
from tests.integration.referrals.desk import Road, leg_of
from tests.messaging.brokers import Rabbit, message

AGENCY = "health"


@dataclass
class Watched:
    """An installation whose databases are watched; ``owned`` are these as their owners see them."""

    road: Road
    owned: Mapping[str, Database]

    @property
    def installation(self) -> Installation:
        """The installation itself."""
        return self.road.installation

    def book(self, folder: Path) -> Book:
        """Take down what there is."""
        collect(folder, self.owned, None)
        return Book.read(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def watched(request: pytest.FixtureRequest) -> Watched:
    """An installation, once on SQLite and once on PostgreSQL, where the services are not the owners."""
    make: MakeDatabase = request.getfixturevalue(
        "sqlite_database" if request.param == "sqlite" else "postgres_database"
    )
    installation = an_installation(make)
    owned = installation.databases
    if request.param == "postgresql":
        owned = {service: make(service, "owner") for service in SERVICES}
    effects.install(owned)
    effects.install(owned)
    return Watched(Road(installation), owned)


def test_a_row_its_event_and_its_audit_line_are_logged_in_one_transaction(
    watched: Watched, tmp_path: Path
) -> None:
    leg = leg_of(watched.road.file("dibao"))
    watched.road.act(leg, "acknowledge", 1)
    watched.road.act(leg, "accept", 2)

    book = watched.book(tmp_path)

    updates = book.effects("referrals", "referrals", "update")
    changes = [(line["before"]["status"], line["after"]["status"]) for line in updates]
    assert changes == [("issued", "received"), ("received", "accepted")]
    transactions = [line["txid"] for line in updates]
    assert len(set(transactions)) == 2
    for table in ("outbox", "history", "audit_log"):
        logged = [line["txid"] for line in book.effects("referrals", table, "insert")]
        assert logged[-2:] == transactions, table


def test_what_was_rolled_back_left_no_effect(watched: Watched, tmp_path: Path) -> None:
    leg = leg_of(watched.road.file("dibao"))

    def change_and_fail() -> None:
        with watched.installation.databases["referrals"].unit_of_work() as uow:
            uow.connection.execute(sa.update(referrals).values(status="closed"))
            raise RuntimeError("never mind")

    with pytest.raises(RuntimeError, match="never mind"):
        change_and_fail()
    book = watched.book(tmp_path)
    assert [line["key"] for line in book.effects("referrals", "referrals")] == [leg]


def test_a_change_shows_though_it_was_overwritten(watched: Watched, tmp_path: Path) -> None:
    leg = leg_of(watched.road.file("dibao"))
    for status in ("closed", "issued"):
        with watched.installation.databases["referrals"].unit_of_work() as uow:
            uow.connection.execute(sa.update(referrals).values(status=status))

    found = list(breaches(watched.book(tmp_path)))

    assert ("no illegal step is overwritten", leg, "referrals went from issued to closed") in found


@pytest.mark.parametrize("seed", ["first", "second"])
def test_clean_runs_raise_no_alarm_on_either_database(watched: Watched, tmp_path: Path, seed: str) -> None:
    play(watched.installation, watched.owned, tmp_path, seed)
    assert check(tmp_path) == []


@pytest.mark.postgres
def test_who_is_watched_cannot_touch_the_log(postgres_database: Callable[..., Database]) -> None:
    effects.install({"referrals": postgres_database("referrals", "owner")})
    web = postgres_database("referrals")

    def forget() -> None:
        with web.unit_of_work() as uow:
            uow.connection.exec_driver_sql("delete from effects")

    with pytest.raises(ProgrammingError, match="permission denied"):
        forget()


@pytest.fixture
def wanted(rabbitmq: Servers) -> Topology:
    """The topology of the servers' own district, with one agency that has a system."""
    return topology(rabbitmq.district, [AGENCY])


@pytest.fixture
def rabbit(rabbitmq: Servers, wanted: Topology) -> Iterator[Rabbit]:
    """RabbitMQ with that topology; its vhost is given back as empty as the servers made it."""
    broker = Rabbit(rabbitmq, wanted)
    yield broker
    broker.close()
    rabbitmq.rabbitmq.add_vhost(wanted.vhost)


@pytest.mark.rabbitmq
def test_queues_are_taken_down_in_order_and_left_as_they_were(rabbit: Rabbit, tmp_path: Path) -> None:
    bodies = [{"number": number} for number in range(3)]
    for body in bodies:
        rabbit.publisher("referrals").publish(
            [message(f"referral.{AGENCY}.issued", orjson.dumps(body), exchange=AGENCIES)], timeout=10
        )
        rabbit.publisher("intake").publish([message("request.submitted", orjson.dumps(body))], timeout=10)
    for folder in (tmp_path / "first", tmp_path / "second"):
        collect(folder, {}, rabbit.servers)
        queues = Book.read(folder).queues
        assert queues.keys() == {queue.name for queue in rabbit.wanted.queues}
        for queue, user in ((inbox_of(AGENCY), "aid-referrals"), ("referrals.events", "aid-intake")):
            found = [(line["user_id"], line["body"]) for line in queues[queue]]
            assert found == [(user, body) for body in bodies]
        assert queues["intake.events"] == []
