"""One race: writers, relays that lose their sessions now and then, a broker, and the outcome."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol
from unittest import mock

import sqlalchemy as sa

from shared.db import Database
from shared.messaging import Message, Publisher, PublishOutcome
from shared.outbox import Relay
from tests.faults.race.arrivals import Arrivals, Outcome
from tests.faults.race.naive import NaiveRelay
from tests.faults.race.writers import SOURCE, Writers

HANDOVER_SECONDS = (0.2, 1.2)
"""Between two ends of a relay's session, at random."""

_HOLDERS = sa.text(
    "select distinct l.pid from pg_locks l join pg_database d on d.oid = l.database"
    " where l.locktype = 'advisory' and l.granted and d.datname = current_database() order by l.pid"
)
_END = sa.text("select pg_terminate_backend(:pid)")
PATIENCE_SECONDS, QUIET_SECONDS = 30.0, 3.0
"""After so long without a new arrival what is missing counts as lost: for the product, and for the naive relay."""


class Runs(Protocol):
    """A relay of either kind."""

    def run(self, stop: threading.Event) -> None:
        """Publish until told to stop."""


class Counting:
    """A publisher that counts what it was given."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.count = 0

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Publish by the real one."""
        self.count += len(messages)
        return self._publisher.publish(messages, timeout=timeout)

    def close(self) -> None:
        """Close the real one."""
        self._publisher.close()


def race(
    url: str, publisher: Callable[[], Publisher], reader: str, *, relays: int, seconds: float, seed: str
) -> tuple[Outcome, list[int]]:
    """Let the product's relays publish what the writers write, for so many seconds and until nothing is left.

    ``url`` is that of a fresh database of intake, for its owner; ``publisher`` makes one for a relay; ``reader`` is
    the broker's address for the service that reads. At random a relay's session is ended, so that partitions pass
    from one relay to another while messages are under way. Gives the outcome, and how many messages each relay sent.
    """
    publishers = [Counting(publisher()) for _ in range(relays)]
    runs = [Relay(_direct(url, number), one, "intake", SOURCE) for number, one in enumerate(publishers)]
    # A relay looks for free partitions, and comes back, more often than in service: more handovers in a second.
    with (
        mock.patch("shared.outbox.relay.EXTEND_SECONDS", 0.1),
        mock.patch("shared.outbox.relay.RETRY_SECONDS", 0.05),
    ):
        outcome = _run(url, reader, runs, True, seconds, seed)
    return outcome, [one.count for one in publishers]


def naive_race(
    url: str, publisher: Callable[[], Publisher], reader: str, *, seconds: float, seed: str
) -> Outcome:
    """Run the same with one naive relay, which nobody disturbs."""
    return _run(url, reader, [NaiveRelay(_direct(url, 0), publisher())], False, seconds, seed)


def _run(
    url: str, reader: str, relays: Sequence[Runs], disturbed: bool, seconds: float, seed: str
) -> Outcome:
    writers, arrivals = Writers(url, seed), Arrivals(reader)
    with ExitStack() as after:
        after.callback(writers.close)
        after.enter_context(arrivals.taking())
        after.enter_context(_running(relays))
        if disturbed:
            after.enter_context(_handovers(url, random.Random(f"{seed}-sessions")))
        with writers.writing():
            time.sleep(seconds)  # the length of the race; nothing is decided by it
        written = writers.written()
        arrivals.wait_for(written, quiet=PATIENCE_SECONDS if disturbed else QUIET_SECONDS)
    return arrivals.judge(written)


@contextmanager
def _running(relays: Sequence[Runs]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=relay.run, args=(stop,)) for relay in relays]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def _handovers(url: str, chance: random.Random) -> Iterator[None]:
    """End the session of a relay that holds partitions now and then, while the block runs."""
    stop = threading.Event()
    database = Database(url, pool_size=1)

    def end_one() -> None:
        while not stop.wait(chance.uniform(*HANDOVER_SECONDS)):
            with database.unit_of_work() as uow:
                holders = uow.connection.execute(_HOLDERS).scalars().all()
                if holders:
                    uow.connection.execute(_END, {"pid": chance.choice(holders)})

    thread = threading.Thread(target=end_one)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        database.dispose()


def _direct(url: str, number: int) -> Database:
    return Database(url, application_name=f"race-relay-{number}", direct=True)
