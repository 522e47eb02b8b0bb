"""Clocks of machines differ: what one relay or consumer puts off, another takes up in time by the database's clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from shared.db import Database, UnitOfWork
from shared.events import Event
from shared.inbox import NotYet
from shared.messaging import Message, PublishOutcome
from shared.outbox import flush
from tests.integration.inbox import deliveries
from tests.integration.outbox.conftest import Broker, event, relaying
from tests.waiting import until


class HourFast(datetime):
    """The clock of a machine that is an hour ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> HourFast:
        """Tell the wrong time."""
        return super().now(tz) + timedelta(hours=1)


def refuse_all(messages: Sequence[Message]) -> PublishOutcome:
    return PublishOutcome(refused={message.id: "the queue is full" for message in messages})


@pytest.mark.postgres
def test_an_event_that_a_relay_with_a_fast_clock_put_off_is_published_by_the_next(
    postgres_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(postgres_database("intake").url)
    database = Database(url, flushes=(flush,))
    with database.unit_of_work() as uow:
        uow.record(event("a", 1))
    database.dispose()
    refusing, taking = Broker(), Broker()
    refusing.answers = [refuse_all] * 100
    with monkeypatch.context() as fast:
        fast.setattr("shared.outbox.relay.datetime", HourFast)
        with relaying(url, refusing):
            until(lambda: refusing.published)
    with relaying(url, taking):
        until(lambda: taking.published)


@pytest.mark.postgres
def test_a_letter_that_a_consumer_with_a_fast_clock_put_off_is_tried_by_the_next(
    postgres_database: Callable[[str, str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgres_database("referrals", "owner")
    deliveries.metadata.create_all(database.engine)

    def not_yet(_uow: UnitOfWork, _events: Sequence[Event]) -> None:
        raise NotYet("its pack is unknown")

    monkeypatch.setattr("shared.inbox.store.RETRY_AFTER", timedelta(milliseconds=200))
    with monkeypatch.context() as fast:
        fast.setattr("shared.inbox.store.datetime", HourFast)
        deliveries.receiver(database, not_yet)([deliveries.delivery(deliveries.event("a", 1))])
    receive = deliveries.receiver(database)
    until(lambda: receive.tick() and deliveries.seen(database, "a") == [1])
    assert datetime.now(UTC) < HourFast.now(UTC)
