"""The publisher's port on RabbitMQ: one session after the other, with rests while the broker is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.messaging.ports import BrokerAway, Message, PublishOutcome
from shared.messaging.publisher.session import Session

FIRST_REST = 0.25
LONGEST_REST = 5.0
RENEWED_AFTER = 5.0
"""A connection older than this (seconds) is replaced after a refusal.

RabbitMQ tells a channel once that a queue is full, and some versions forget to tell it when that is over for another
reason than that somebody has read: a new channel is told what is true now.
"""


class PikaPublisher:
    """Publishes with pipelined confirms to the broker at ``url``; nothing connects before the first message.

    After any error the connection is thrown away; the next call makes a new one, but not before a rest that
    doubles from 0.25 s to 5 s while the broker stays away, in which ``publish`` raises at once.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: Session | None = None
        self._one_at_a_time = threading.Lock()
        self._away_since: datetime | None = None
        self._reason = ""
        self._code = "broker-away"
        self._rest = FIRST_REST
        self._not_before = 0.0
        self._opened = 0.0

    def publish(self, messages: Sequence[Message], *, timeout: float) -> PublishOutcome:
        """Publish in order and wait for the broker's answers, at most ``timeout`` seconds.

        Raises ``BrokerAway`` with what had been decided by then.
        """
        if not messages:
            return PublishOutcome()
        with self._one_at_a_time:
            session = self._connected()
            if session.blocked is not None:  # still open: it has to hear when the broker takes messages again
                raise BrokerAway(*session.blocked, code="broker-blocks")
            outcome = session.publish(messages, timeout)
            if session.lost is not None:
                raise self._gone(session, outcome)
            self._away_since, self._rest = None, FIRST_REST
            if outcome.refused and time.monotonic() - self._opened > RENEWED_AFTER:
                session.close()
                self._session = None
            return outcome

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._one_at_a_time:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _connected(self) -> Session:
        if self._session is not None and self._session.lost is None:
            return self._session
        if self._session is not None:  # lost between two calls: nothing says that a new one would be, too
            self._session.close()
            self._session = None
        if time.monotonic() < self._not_before and self._away_since is not None:
            raise BrokerAway(self._away_since, self._reason, code=self._code)
        session = Session(self._url)
        session.open()
        if session.lost is not None:
            raise self._gone(session, PublishOutcome())
        self._session, self._opened = session, time.monotonic()
        return session

    def _gone(self, session: Session, outcome: PublishOutcome) -> BrokerAway:
        self._reason = session.blocked[1] if session.blocked else str(session.lost)
        self._code = (
            "broker-blocks"
            if session.blocked
            else "broker-fails"
            if session.fault_of_broker
            else "broker-away"
        )
        session.close()
        self._session = None
        self._away_since = self._away_since or datetime.now(UTC)
        self._not_before = time.monotonic() + self._rest
        self._rest = min(self._rest * 2, LONGEST_REST)
        return BrokerAway(self._away_since, self._reason, outcome, code=self._code)
