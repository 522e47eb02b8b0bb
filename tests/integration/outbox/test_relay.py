"""The relay publishes everything, in order per aggregate, and marks only what the broker has taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from shared.db import Database
from shared.events import Event
from shared.messaging import BrokerAway, Message, PublishOutcome
from shared.outbox import flush
from shared.outbox.tables import outbox
from shared.telemetry.trouble import Trouble
from tests.integration.outbox.conftest import Broker, away, event, relaying, take_all
from tests.waiting import until


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url, flushes=(flush,))
    try:
        yield database
    finally:
        database.dispose()


def write(url: str, *events: Event) -> None:
    with opened(url) as database, database.unit_of_work() as uow:
        for item in events:
            uow.record(item)


def write_and_fail(url: str) -> None:
    with opened(url) as database, database.unit_of_work() as uow:
        uow.record(event("a", 1))
        raise ZeroDivisionError


def unpublished(url: str) -> int:
    statement = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))
    with opened(url) as database, database.read() as connection:
        return int(connection.execute(statement).scalar_one())


def test_everything_written_is_published_once_and_in_order(outbox_url: str) -> None:
    chains = [[event(subject, number) for number in (1, 2, 3)] for subject in ("a", "b")]
    for step in zip(*chains, strict=True):
        write(outbox_url, *step)
    broker = Broker()
    with relaying(outbox_url, broker):
        until(lambda: unpublished(outbox_url) == 0)
    for chain in chains:
        published = [id_ for id_ in broker.published if id_ in {item.id for item in chain}]
        assert published == [item.id for item in chain]
    assert broker.closed


def test_a_rolled_back_use_case_publishes_nothing(outbox_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(outbox_url)
    assert unpublished(outbox_url) == 0


def test_a_writer_that_did_not_lock_its_aggregate_fails_loudly(outbox_url: str) -> None:
    write(outbox_url, event("a", 1))
    with pytest.raises(IntegrityError):
        write(outbox_url, event("a", 1))


def test_an_event_the_broker_returns_holds_up_only_its_own_aggregate(
    outbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, behind, free = event("a", 1), event("a", 2), event("b", 1)
    write(outbox_url, stuck, behind, free)

    def return_the_stuck_one(messages: Sequence[Message]) -> PublishOutcome:
        returned = {message.id for message in messages} & {stuck.id}
        return PublishOutcome(confirmed={message.id for message in messages} - returned, returned=returned)

    broker = Broker()
    broker.answers = [return_the_stuck_one]
    monkeypatch.setattr("shared.outbox.lanes.FIRST_WAIT", timedelta(milliseconds=300))
    problems: list[str | Trouble | None] = []
    with relaying(outbox_url, broker, beat=problems.append):
        until(lambda: unpublished(outbox_url) == 0)
    assert broker.published.index(behind.id) > len(broker.published) - 1 - broker.published[::-1].index(
        stuck.id
    )
    assert broker.published.index(free.id) < broker.published.index(behind.id)
    assert broker.published.count(free.id) == 1
    assert "event-not-taken" in problems
    assert problems[-1] is None


def test_a_broker_that_takes_nothing_is_told_of_with_its_reason(outbox_url: str) -> None:
    write(outbox_url, event("a", 1))

    def block(_messages: Sequence[Message]) -> PublishOutcome:
        raise BrokerAway(datetime.now(UTC), "low on memory", code="broker-blocks")

    broker = Broker()
    broker.answers = [block]
    told: list[str | Trouble | None] = []
    with relaying(outbox_url, broker, beat=told.append):
        until(lambda: unpublished(outbox_url) == 0)
    (trouble,) = (each for each in told if isinstance(each, Trouble))
    assert (trouble.code, "low on memory" in trouble.what.en) == ("broker-blocks", True)


def test_a_broker_that_goes_away_loses_nothing_and_what_it_confirmed_is_not_sent_again(
    outbox_url: str,
) -> None:
    taken, lost = event("a", 1), event("b", 1)
    write(outbox_url, taken, lost)

    def confirm_one_then_go(messages: Sequence[Message]) -> PublishOutcome:
        raise BrokerAway(datetime.now(UTC), "lost", PublishOutcome(confirmed={messages[0].id}))

    broker = Broker()
    broker.answers = [confirm_one_then_go, away]
    with relaying(outbox_url, broker):
        until(lambda: unpublished(outbox_url) == 0)
    assert broker.published.count(taken.id) == 1
    assert broker.published.count(lost.id) == 3


def test_where_the_transport_forgets_a_row_is_marked_only_when_its_consumers_have_settled_it(
    outbox_url: str,
) -> None:
    first, second = event("a", 1), event("b", 1)
    write(outbox_url, first, second)
    receipts: set[str] = {first.id}
    broker = Broker()
    with relaying(outbox_url, broker, settled=lambda ids: receipts & set(ids)):
        until(lambda: unpublished(outbox_url) == 1)
        receipts.add(second.id)
        until(lambda: unpublished(outbox_url) == 0)
    assert sorted(broker.published) == sorted([first.id, second.id])


def test_what_was_not_settled_before_a_restart_is_delivered_again(outbox_url: str) -> None:
    only = event("a", 1)
    write(outbox_url, only)
    broker = Broker()
    for _ in range(2):
        with relaying(outbox_url, broker, settled=lambda _ids: set()):
            until(lambda: bool(broker.published))
        broker.published, first_run = [], broker.published
        assert first_run == [only.id]
    assert unpublished(outbox_url) == 1


@pytest.mark.postgres
def test_of_two_relays_one_publishes_and_the_other_takes_over(
    postgres_database: Callable[[str], Database],
) -> None:
    url = str(postgres_database("intake").url)
    first, second = Broker(), Broker()
    with relaying(url, first):
        write(url, event("a", 1))
        until(lambda: unpublished(url) == 0)
        with relaying(url, second):
            write(url, event("a", 2), event("b", 1))
            until(lambda: unpublished(url) == 0)
            assert not second.published
    with relaying(url, second):
        write(url, event("a", 3))
        until(lambda: unpublished(url) == 0)
    assert len(second.published) == 1


@pytest.mark.postgres
def test_a_frozen_holder_is_replaced(
    postgres_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.outbox.holding.FROZEN_SECONDS", 1)
    monkeypatch.setattr("shared.outbox.relay.EXTEND_SECONDS", 0.2)
    url = str(postgres_database("intake").url)
    write(url, event("a", 1))
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(messages: Sequence[Message]) -> PublishOutcome:
        hangs.set()
        goes_on.wait(30)
        return take_all(messages)

    frozen, standby = Broker(), Broker()
    frozen.answers = [hang]
    with relaying(url, frozen):
        assert hangs.wait(10)
        with relaying(url, standby):
            until(lambda: unpublished(url) == 0)
            goes_on.set()
    assert standby.published
