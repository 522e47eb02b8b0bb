"""Nothing sealed passes the relay to an outside system that has no business with it any more, first time or again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from shared import audit, ids
from shared.db import Database
from shared.events import Event
from shared.messaging import AGENCIES, Message, PublishOutcome
from shared.outbox import Writer
from shared.outbox.replay import publish_again
from shared.outbox.tables import outbox
from tests.integration.outbox.conftest import Broker, relaying
from tests.waiting import until


class Bodies(Broker):
    """Takes everything and keeps what went outside."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[bytes] = []

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Keep the bodies of the outside lane."""
        self.outside += [message.body for message in messages if message.exchange == AGENCIES]
        return super().publish(messages, timeout=timeout)

    @property
    def data(self) -> list[dict[str, object]]:
        """What the events that went outside told."""
        return [orjson.loads(body)["data"] for body in self.outside]


def issued(leg: str, sequence: int = 1, type_: str = "referral.issued.v1") -> Event:
    """Make an event of a leg at an agency with a system."""
    sealed = {"packet": "ey..", "badge": "ey.."} if type_ == "referral.issued.v1" else {}
    return Event(
        id=ids.new(),
        type=type_,
        source="/aid/530103/referrals",
        subject=leg,
        time=datetime.now(UTC),
        sequence=sequence,
        agency="health",
        data={"number": "WJ26-1", **sealed},
    )


def write(url: str, *events: Event) -> None:
    """Record events of an installation in which every agency has a system."""
    database = Database(url, flushes=(Writer(lambda _agency: True),))
    with database.unit_of_work() as uow:
        for event in events:
            uow.record(event)
    database.dispose()


def run(url: str, broker: Broker, cancelled: Collection[str]) -> None:
    """Relay until nothing is left, with these legs cancelled."""

    def no_longer(_connection: Connection, subjects: Collection[str]) -> Mapping[str, str]:
        return {subject: "cancelled" for subject in subjects if subject in cancelled}

    database = Database(url)
    left = sa.or_(outbox.c.published_at.is_(None), outbox.c.agencies_published_at.is_(None))

    def done() -> bool:
        with database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).where(left)).scalar_one() == 0

    with relaying(url, broker, no_longer=no_longer):
        until(done)
    database.dispose()


def send_again(url: str) -> None:
    """Have everything published on the outside lane once more."""
    database = Database(url)
    with database.unit_of_work() as uow:
        events = uow.connection.execute(sa.select(outbox.c.event_id)).scalars().all()
        publish_again(uow.connection, events, outside=True)
    database.dispose()


def withheld(url: str) -> list[str]:
    """Give the events in the audit log."""
    database = Database(url)
    with database.read() as connection:
        lines = audit.search(connection, audit.AuditQuery(action="event.withheld"), limit=9)
    database.dispose()
    return [line.object_id for line in lines]


def test_only_what_is_sealed_of_a_cancelled_leg_stays_behind(outbox_url: str) -> None:
    gone, kept = ids.new(), ids.new()
    write(outbox_url, issued(gone), issued(kept), issued(gone, 2, "referral.cancelled.v1"))
    broker = Bodies()
    run(outbox_url, broker, {gone})
    told = {orjson.loads(body)["subject"]: orjson.loads(body) for body in broker.outside[:2]}
    assert told[gone]["data"] == {"number": "WJ26-1"}
    assert told[gone]["sequence"] == 1
    assert set(told[kept]["data"]) == {"number", "packet", "badge"}
    assert orjson.loads(broker.outside[2])["type"] == "referral.cancelled.v1"
    assert withheld(outbox_url) == [told[gone]["id"]]


def test_what_left_whole_before_does_not_leave_whole_again(outbox_url: str) -> None:
    leg = ids.new()
    write(outbox_url, issued(leg))
    first, again, third = Bodies(), Bodies(), Bodies()
    run(outbox_url, first, ())
    send_again(outbox_url)
    run(outbox_url, again, {leg})
    send_again(outbox_url)
    run(outbox_url, third, ())
    assert "packet" in first.data[0]
    assert again.data == third.data == [{"number": "WJ26-1"}]
    assert len(withheld(outbox_url)) == 1
    assert orjson.loads(again.outside[0])["id"] == orjson.loads(first.outside[0])["id"]


def test_our_own_services_get_the_bytes_as_they_were(outbox_url: str) -> None:
    leg = issued(ids.new())
    write(outbox_url, leg)
    run(outbox_url, Bodies(), {leg.subject})
    database = Database(outbox_url)
    with database.read() as connection:
        assert connection.execute(sa.select(outbox.c.body)).scalar_one() == leg.internal()
    database.dispose()
