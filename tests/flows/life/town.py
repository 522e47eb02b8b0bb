"""A district at work under a clock of its own: real relays and consumers carry what the desks say, on either broker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deploy.work import Broker, Crew, arrived_everywhere, parts
from services.intake.entrypoints.consumer import subscriptions as of_intake
from services.intake.use_cases.tick import tick as intake_tick
from services.notifications.entrypoints.consumer import subscriptions as of_notifications
from services.notifications.persistence.tables import messages
from services.referrals.entrypoints.consumer import subscriptions as of_referrals
from services.referrals.persistence.tables import history
from services.referrals.use_cases.tick import tick
from shared.inbox import Receiver
from shared.outbox.tables import outbox
from shared.worker import Worker
from tests.builders import Installation
from tests.integration.legs.both_ways import BothWays
from tests.waiting import until

SECONDS = 60


@dataclass
class Town(BothWays):
    """An installation whose relays and consumers run; ``carry`` waits until all that was said has arrived."""

    def carry(self) -> None:
        """Wait until every event is with everybody who wants it, and none of them had more to say."""
        until(self._quiet, seconds=SECONDS, what="all that was said, at everybody's who wants it")

    def _quiet(self) -> bool:
        said = self._said()
        databases = self.installation.databases
        arrived = all(
            arrived_everywhere(databases[service], databases, events) == events
            for service, events in said.items()
            if events
        )
        return arrived and self._said() == said

    def _said(self) -> dict[str, set[str]]:
        found = {}
        for service in ("intake", "referrals"):
            with self.installation.databases[service].read() as connection:
                found[service] = set(connection.execute(sa.select(outbox.c.event_id)).scalars())
        return found

    def at(self, moment: str) -> None:
        """Put the clock to a moment of the district's own time, let time do its part, and carry what follows."""
        self.installation.clock.move_to(datetime.fromisoformat(f"{moment}+08:00"))
        tick(self.parts)
        intake_tick(self.intake)
        self.carry()

    def status(self, leg: str) -> str:
        """Tell where a leg stands, in referrals and, the same, in intake's mirror."""
        referral = self.referral(leg)
        mirrored = self.leg(referral.request_id, leg)["status"]
        assert mirrored == referral.status.value
        return str(mirrored)

    def due_on(self, leg: str) -> str | None:
        """Give the day a leg is due, as ISO text."""
        due_on = self.referral(leg).due_on
        return None if due_on is None else due_on.isoformat()

    def notices(self, leg: str) -> list[str]:
        """Give the supervision notices a leg has had."""
        return [
            str(event.data["level"]) for event in self.told(leg) if event.type == "referral.supervised.v1"
        ]

    def inboxes(self, leg: str, type_: str) -> Counter[str]:
        """Name the inboxes that were told a type of fact about a leg, and how often each was."""
        statement = sa.select(messages.c.inbox).where(messages.c.subject == leg, messages.c.type == type_)
        with self.installation.databases["notifications"].read() as connection:
            return Counter(connection.execute(statement).scalars())

    def done(self, leg: str) -> list[tuple[str, str]]:
        """Give what was done with a leg and by which role, in order."""
        statement = (
            sa.select(history.c.action, history.c.role)
            .where(history.c.referral_id == leg)
            .order_by(history.c.at, history.c.id)
        )
        with self.parts.database.read() as connection:
            return [(row.action, row.role) for row in connection.execute(statement)]

    def answer(self, leg: str, fact: str) -> Mapping[str, Any]:
        """Open what the agency wrote to the help desk with the last fact of a kind."""
        told = [event for event in self.told(leg) if event.type == f"referral.{fact}.v1"][-1]
        claims = self.intake.keyring.open(str(told.data["answer"]), "intake", "answer", leg)
        body: Mapping[str, Any] = claims.body
        return body


@contextmanager
def town(installation: Installation, broker: Broker) -> Iterator[Town]:
    """Start the relays and consumers of an installation on a broker; they end with the block."""
    made = Town(installation)
    subscriptions = {
        "intake": of_intake(made.intake),
        "referrals": of_referrals(made.parts),
        "notifications": of_notifications(),
    }
    crew = []
    for service, taken in subscriptions.items():
        database = installation.databases[service]
        receiver = Receiver(database, service, taken)
        worker = Worker(
            service=service,
            source=installation.source(service),
            database=database,
            receiver=receiver,
            timers=(),
        )
        crew += [(service, part) for part in parts(worker, broker, ("relay", "consumer"))]
    running = Crew(crew)
    running.start()
    try:
        yield made
        assert running.complete, f"{running.failed} ended by itself"
        assert made.all_letters() == []
    finally:
        running.stop(within=30)
