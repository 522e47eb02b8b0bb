"""The relay one would write first, kept to show what it loses: it remembers the last id and asks for what is above."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from shared.db import Database
from shared.messaging import Message, Publisher
from shared.outbox.tables import outbox

POLL_SECONDS = 0.02
WINDOW = 500


class NaiveRelay:
    """Publishes every row whose id is above the last one it has seen.

    A row becomes visible when its transaction commits, and ids are given out before: whoever takes longer to commit
    than a neighbour with a higher id is passed over for ever.
    """

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    def run(self, stop: threading.Event) -> None:
        """Publish until told to stop."""
        last = 0
        while not stop.wait(POLL_SECONDS):
            new = sa.select(outbox).where(outbox.c.id > last).order_by(outbox.c.id).limit(WINDOW)
            with self._database.read() as connection:
                rows = connection.execute(new).all()
            messages = [
                Message(id=str(row.event_id), routing_key=row.routing_key, body=row.body) for row in rows
            ]
            if messages:
                self._publisher.publish(messages, timeout=10)
                last = rows[-1].id
        self._publisher.close()
