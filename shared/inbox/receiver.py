"""The receiver: applies deliveries exactly once, in order per aggregate, and keeps what it cannot apply."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.events import types_of
from shared.inbox.arrival import Arrival, Chain, Reader
from shared.inbox.errors import NotYet, Refused
from shared.inbox.store import History, Store, Verdict
from shared.inbox.subscription import Subscription
from shared.messaging import Unavailable
from shared.messaging.topology import INTERESTS
from shared.telemetry.failpoints import failpoint

if TYPE_CHECKING:
    from shared.db import Database, UnitOfWork
    from shared.events import Event
    from shared.messaging import Delivery

ATTEMPTS = 3
"""How often an event may fail before it is kept as a dead letter."""
DEATHS = 10
"""How many processes may begin an event and never end it before it counts as what brings them down.

Far more than ``ATTEMPTS``: whoever kills a process, for a reason of its own, meets some event that has done no harm.
"""
LETTERS_AT_ONCE = 100

log = structlog.get_logger(__name__)


class Receiver:
    """Handles the deliveries of one consumer; it is the ``Handle`` of its consumer loop.

    Every type that reaches this consumer takes a receipt, subscribed or not, so that an event whose
    predecessor is missing is seen to be early. One transaction holds the effects, the receipts and the new
    events of a whole batch; if it fails, its events are handled one by one and only the bad one is kept.
    """

    def __init__(self, database: Database, consumer: str, subscriptions: Iterable[Subscription]) -> None:
        bound = {row.type for interest in INTERESTS[consumer] for row in types_of(*interest)}
        self._database = database
        self._subscriptions = {subscription.type: subscription for subscription in subscriptions}
        stray = set(self._subscriptions) - bound
        if stray:
            message = f"{consumer} subscribes to what never reaches it: {sorted(stray)}"
            raise ValueError(message)
        self._reader = Reader(self._subscriptions, bound)
        self._store = Store(consumer)
        self._begun: set[str] = set()
        self.consumer = consumer

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Settle every delivery: after this returns all of them may be acknowledged.

        Raises ``Unavailable`` when the database is away; then none may be.
        """
        arrivals = [self._reader.read(delivery) for delivery in deliveries]
        try:
            # What was handed out before may be what brought the last process down: it goes alone, counted.
            for alone, run in itertools.groupby(arrivals, key=lambda arrival: arrival.delivery.redelivered):
                batch = list(run)
                if not (alone or self._try_together(batch)):
                    alone = True  # noqa: PLW2901 - the batch failed, so its members go alone
                if alone:
                    for arrival in batch:
                        self._alone(arrival)
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            raise Unavailable(type(error).__name__) from error
        failpoint("consumer.after-commit")

    def tick(self) -> int:
        """Try again the letters whose turn it is; gives how many were tried.

        Called about once a second by the worker, beside the consumer loop: receipts make a clash between the
        two harmless, for the second one's transaction fails and is tried again.
        """
        with self._database.read() as connection:
            due = self._store.due(connection, LETTERS_AT_ONCE)
        for letter in due:
            with self._database.read() as connection:
                delivery = self._store.delivery(connection, letter)
            self._alone(self._reader.read(delivery, letter))
        return len(due)

    def _try_together(self, arrivals: Sequence[Arrival]) -> bool:
        try:
            with self._database.unit_of_work() as uow:
                self._apply(uow, arrivals)
        except (OperationalError, InterfaceError, PoolTimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - each event is now tried alone, and judged there
            log.info(
                "inbox.batch-failed", consumer=self.consumer, size=len(arrivals), error=type(error).__name__
            )
            return False
        return True

    def _alone(self, arrival: Arrival) -> None:
        """Settle one arrival by itself, and count the process in which that was begun and not ended."""
        event = arrival.event
        if event is not None and self._begin(event.id) > DEATHS:
            self._give_up(arrival, "brought-the-process-down")
        else:
            self._insist(arrival)
        if event is not None:
            self._begun.discard(event.id)

    def _begin(self, event_id: str) -> int:
        """Give how many processes have begun an event, this one included, and counted once however often it tries."""
        if event_id in self._begun:
            return 0
        with self._database.unit_of_work() as uow:
            begun = self._store.count_attempt(uow.connection, event_id)
        self._begun.add(event_id)
        return begun

    def _insist(self, arrival: Arrival) -> None:
        event = arrival.event
        for _ in range(ATTEMPTS):
            try:
                with self._database.unit_of_work() as uow:
                    self._apply(uow, [arrival])
                    if event is not None:
                        self._store.forget_attempts(uow.connection, event.id)
            except Refused as error:
                self._keep(Verdict(arrival, "dead", f"refused: {error.reason.en}"))
            except NotYet as error:
                self._keep(Verdict(arrival, "waiting", f"not-yet: {error.reason}", retry=True))
            except (OperationalError, InterfaceError, PoolTimeoutError):
                raise
            except Exception as error:
                log.exception(
                    "inbox.event-failed",
                    consumer=self.consumer,
                    event_id=None if event is None else event.id,
                    error=_error_name(error),
                )
                continue
            return
        self._give_up(arrival, "failed-repeatedly")

    def _give_up(self, arrival: Arrival, reason: str) -> None:
        with self._database.unit_of_work() as uow:
            event = arrival.event
            if event is not None:
                # It may have been applied just before the process died: then there is nothing to give up.
                history = self._store.histories(uow.connection, [event.subject]).get(arrival.chain)
                self._store.forget_attempts(uow.connection, event.id)
                if history is not None and event.id in history.seen:
                    return
            self._store.keep(uow.connection, [Verdict(arrival, "dead", reason)])
        log.error(
            "inbox.event-kept",
            consumer=self.consumer,
            event_id=None if event is None else event.id,
            reason=reason,
        )

    def _keep(self, verdict: Verdict) -> None:
        with self._database.unit_of_work() as uow:
            self._store.keep(uow.connection, [verdict])
            if verdict.arrival.event is not None:
                self._store.forget_attempts(uow.connection, verdict.arrival.event.id)
        log.warning("inbox.event-kept", consumer=self.consumer, state=verdict.state, reason=verdict.reason)

    def _apply(self, uow: UnitOfWork, arrivals: Sequence[Arrival]) -> None:
        """Handle what is in turn, receipt it, release what waited for it, keep the rest: one transaction."""
        verdicts = [
            Verdict(arrival, "dead", arrival.fault) for arrival in arrivals if arrival.fault is not None
        ]
        events = [arrival for arrival in arrivals if arrival.fault is None]
        histories = (
            self._store.histories(uow.connection, [arrival.chain[1] for arrival in events]) if events else {}
        )
        ready, done = [], [arrival.letter for arrival in events if _seen(arrival, histories)]
        for arrival in events:
            verdict = _judge(arrival, histories.setdefault(arrival.chain, History()))
            if verdict is None:
                continue
            if verdict.state == "ready":
                ready.append(arrival)
            else:
                verdicts.append(verdict)
        while ready:
            self._handle(uow, [arrival.event for arrival in ready if arrival.event is not None])
            failpoint("consumer.mid-transaction")
            self._store.receipt(uow.connection, ready)
            done += [arrival.letter for arrival in ready]
            ready = self._released(uow, {arrival.chain for arrival in ready}, histories, verdicts)
        if verdicts:
            self._store.keep(uow.connection, verdicts)
        settled = [letter for letter in done if letter is not None]
        if settled:
            self._store.settle(uow.connection, settled)

    def _released(
        self, uow: UnitOfWork, chains: set[Chain], histories: dict[Chain, History], verdicts: list[Verdict]
    ) -> list[Arrival]:
        """Give the waiting letters that are next in chains which have just moved on."""
        released = []
        for chain in sorted(chains):
            letter = histories[chain].waiting()
            if letter is None:
                continue
            arrival = self._reader.read(self._store.delivery(uow.connection, letter), letter)
            if arrival.fault is not None:
                verdicts.append(Verdict(arrival, "dead", arrival.fault))
            elif arrival.event is not None:
                histories[chain].kept.pop(arrival.event.id, None)
                histories[chain].last += 1
                released.append(arrival)
        return released

    def _handle(self, uow: UnitOfWork, events: Sequence[Event]) -> None:
        """Call each type's handler with as many events at once as the order within the chains allows."""
        waves: list[dict[str, list[Event]]] = []
        depth: dict[Chain, int] = {}
        for event in events:
            chain = (event.source, event.subject)
            wave = depth[chain] = depth.get(chain, -1) + 1
            if wave == len(waves):
                waves.append({})
            waves[wave].setdefault(event.type, []).append(event)
        for by_type in waves:
            for type_, group in by_type.items():
                if type_ in self._subscriptions:
                    self._subscriptions[type_].handler(uow, group)


def _seen(arrival: Arrival, histories: dict[Chain, History]) -> bool:
    history = histories.get(arrival.chain)
    return history is not None and arrival.event is not None and arrival.event.id in history.seen


def _judge(arrival: Arrival, history: History) -> Verdict | None:
    """Say ``ready``, or why not yet or never; ``None`` for what is a duplicate. Moves the history on."""
    event = arrival.event
    if event is None or event.id in history.seen:
        return None
    if event.id in history.kept and history.kept[event.id][1] != (arrival.letter or -1):
        return None
    if event.sequence == history.last + 1:
        history.last = event.sequence
        history.seen.add(event.id)
        history.kept.pop(event.id, None)
        return Verdict(arrival, "ready", "")
    if event.sequence <= history.last:
        return Verdict(arrival, "dead", "sequence-taken")
    blocker = history.blocked_by()
    history.kept[event.id] = (event.sequence, arrival.letter or 0, "waiting")
    return Verdict(
        arrival,
        "waiting",
        f"early: {history.last + 1} is missing" if blocker is None else f"blocked-by {blocker}",
    )


def _error_name(error: Exception) -> str:
    return type(error.orig).__name__ if isinstance(error, DBAPIError) and error.orig else type(error).__name__
