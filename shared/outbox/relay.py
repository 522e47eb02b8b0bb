"""The relay: publishes what the outbox holds, in order per aggregate, and marks only what was confirmed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.messaging import BrokerAway, Message, headers
from shared.outbox.holding import Holding
from shared.outbox.lanes import LANES, Lane, Row
from shared.outbox.withholding import NoLonger, withhold
from shared.telemetry.failpoints import failpoint
from shared.telemetry.trouble import Trouble

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.db import Database
    from shared.messaging import Publisher, PublishOutcome

WINDOW = 500
"""Rows in one round: read, published with their confirms outstanding together, marked."""
FULL = WINDOW // 5
"""A round that moves fewer rows than this is followed by a pause, so that the next one carries more."""
POLL_SECONDS = (0.04, 0.1)
"""That pause: short while there is traffic, after a second without any the longer one."""
AGENCIES_SECONDS = 0.2
"""Pause between two looks at the lane of outside systems, which is empty in most installations."""
RETRY_SECONDS = 1.0
CONFIRM_SECONDS = 15.0
EXTEND_SECONDS = 2.0
REDELIVER_SECONDS = 30.0

Settled = Callable[[Sequence[str]], set[str]]
"""Which of these event ids every bound consumer has settled by a receipt or a dead letter."""

log = structlog.get_logger(__name__)


class Relay:
    """Publishes one service's outbox until told to stop.

    ``source`` is what the service's events name as theirs, for the headers operators see.
    ``database`` must be ``direct``: the session's locks live and die with its connection. Where the transport
    forgets (in memory), ``settled`` is given: a row is then marked only when its consumers have settled it,
    and published again while they have not. ``no_longer`` is asked before anything leaves for an outside system.
    ``beat`` is told every round what is wrong, or ``None``.
    """

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        service: str,
        source: str,
        *,
        settled: Settled | None = None,
        no_longer: NoLonger | None = None,
        beat: Callable[[str | Trouble | None], None] = lambda _problem: None,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._service = service
        self._source = source
        self._settled = settled
        self._no_longer = no_longer
        self._beat = beat
        self._unsettled: dict[str, tuple[int, float]] = {}
        self._not_taken: set[str] = set()
        self._agencies_next = 0.0

    def run(self, stop: threading.Event) -> None:
        """Relay until ``stop`` is set; a lost database or broker is waited for, never given up."""
        while not stop.is_set():
            try:
                self._session(stop)
            except BrokerAway as error:
                self._complain(Trouble.of(error.code, reason=error.reason), error, stop)
            except (DBAPIError, PoolTimeoutError) as error:
                self._complain(Trouble.of("database-away"), getattr(error, "orig", None) or error, stop)
        self._publisher.close()

    def _complain(self, problem: Trouble, error: object, stop: threading.Event) -> None:
        log.warning("relay.waits", service=self._service, problem=problem.code, error=type(error).__name__)
        if problem.code != "database-away":
            self._beat(problem)
        stop.wait(RETRY_SECONDS)

    def _session(self, stop: threading.Event) -> None:
        with self._database.engine.connect() as connection:
            holding = Holding(connection, self._service)
            tried, idle_since = float("-inf"), time.monotonic()
            while not stop.is_set():
                if not holding.complete and time.monotonic() - tried >= EXTEND_SECONDS:
                    with connection.begin():
                        holding.extend()
                    tried = time.monotonic()
                moved = sum([self._round(connection, lane, holding.partitions) for lane in self._due_lanes()])
                self._beat("event-not-taken" if self._not_taken else None)
                if moved:
                    idle_since = time.monotonic()
                if moved < FULL:
                    stop.wait(POLL_SECONDS[time.monotonic() - idle_since > 1])

    def _due_lanes(self) -> list[Lane]:
        """Give the lanes to look at now: the events' each time, the agencies' a few times a second."""
        now = time.monotonic()
        if now < self._agencies_next:
            return [LANES[0]]
        self._agencies_next = now + AGENCIES_SECONDS
        return list(LANES)

    def _round(self, connection: Connection, lane: Lane, partitions: list[int]) -> int:
        """Publish one window of a lane; gives the number of rows that moved on."""
        if not partitions:
            return 0
        settled = self._sweep(connection, lane)
        with connection.begin():
            rows = lane.claim(connection, partitions, WINDOW)
        rows = [row for row in _first_of_each(rows) if row.message_id not in self._unsettled]
        if not rows:
            return settled
        failpoint("relay.after-claim")
        if lane.outside and self._no_longer is not None:
            rows = withhold(connection, lane, rows, self._no_longer, datetime.now(UTC))
        messages = [self._message(row, lane) for row in rows]
        try:
            outcome = self._publisher.publish(messages, timeout=CONFIRM_SECONDS)
        except BrokerAway as away:
            # What was confirmed before the broker went need not be sent again.
            self._note(connection, lane, rows, away.outcome)
            raise
        failpoint("relay.after-confirm")
        return self._note(connection, lane, rows, outcome) + settled

    def _note(self, connection: Connection, lane: Lane, rows: list[Row], outcome: PublishOutcome) -> int:
        """Write down what became of the rows; gives how many the broker has taken."""
        confirmed = [row for row in rows if row.message_id in outcome.confirmed]
        refused = [
            (row, outcome.refused[row.message_id]) for row in rows if row.message_id in outcome.refused
        ]
        refused += [(row, "no queue is bound for it") for row in rows if row.message_id in outcome.returned]
        count = len(confirmed)
        if self._settled is not None:
            now = time.monotonic()
            self._unsettled.update({row.message_id: (row.id, now) for row in confirmed})
            confirmed = []
        if confirmed or refused:
            with connection.begin():
                if confirmed:
                    lane.mark(connection, [row.id for row in confirmed], datetime.now(UTC))
                if refused:
                    lane.postpone(connection, refused)
        for row, reason in refused:
            log.error("relay.event-not-taken", service=self._service, event_id=row.message_id, reason=reason)
        self._not_taken = (self._not_taken - outcome.confirmed) | {row.message_id for row, _ in refused}
        return count

    def _message(self, row: Row, lane: Lane) -> Message:
        return Message(
            id=row.message_id,
            routing_key=row.routing_key,
            body=row.body,
            exchange=lane.exchange,
            headers=headers(row.type, self._source),
        )

    def _sweep(self, connection: Connection, lane: Lane) -> int:
        """Mark what the consumers have settled; forget, so as to publish again, what they long have not."""
        if self._settled is None or not self._unsettled or lane is not LANES[0]:
            return 0
        done = self._settled(list(self._unsettled))
        if done:
            with connection.begin():
                lane.mark(connection, [self._unsettled[event][0] for event in done], datetime.now(UTC))
        stale = time.monotonic() - REDELIVER_SECONDS
        self._unsettled = {
            event: entry for event, entry in self._unsettled.items() if event not in done and entry[1] > stale
        }
        return len(done)


def _first_of_each(rows: list[Row]) -> list[Row]:
    # One event of an aggregate at a time: if the broker refuses it, none of its successors is under way.
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.subject, row)
    return list(first.values())
