"""Tells whether an installation is at rest: every event published, and settled by all who follow it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from shared.db import Database
from shared.events import types_of
from shared.inbox.tables import dead_letters
from shared.messaging.topology import INTERESTS
from shared.outbox.tables import outbox
from shared.outbox.upkeep import settled

_UNPUBLISHED = sa.select(sa.func.count()).where(
    sa.or_(
        outbox.c.published_at.is_(None),
        sa.and_(outbox.c.agencies_body.is_not(None), outbox.c.agencies_published_at.is_(None)),
    )
)
_MOVING = sa.select(sa.func.count()).where(dead_letters.c.state.in_(("waiting", "replay")))


class Rest:
    """Looks at three databases again and again; what was found settled once is not looked at again."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases
        self._settled: dict[tuple[str, str], int] = {}

    def unsettled(self) -> list[str]:
        """Say what is still on its way; an empty list means that nothing is."""
        found = []
        for service, database in self._databases.items():
            with database.read() as connection:
                waiting = connection.execute(_UNPUBLISHED).scalar_one()
                moving = connection.execute(_MOVING).scalar_one()
            if waiting:
                found.append(f"{service} has {waiting} events to publish")
            if moving:
                found.append(f"{service} keeps {moving} letters that wait")
        return found or self._without_receipt()

    def _without_receipt(self) -> list[str]:
        found = []
        for consumer, interests in INTERESTS.items():
            for producer in sorted({producer for producer, _ in interests}):
                types = [
                    row.type
                    for owner, about in interests
                    if owner == producer
                    for row in types_of(owner, about)
                ]
                sent = self._sent(producer, types, self._settled.get((producer, consumer), 0))
                with self._databases[consumer].read() as connection:
                    missing = len(sent.keys() - settled(connection, consumer, sent.keys()))
                if missing:
                    found.append(f"{consumer} has not settled {missing} events of {producer}")
                elif sent:
                    self._settled[producer, consumer] = max(sent.values())
        return found

    def _sent(self, producer: str, types: list[str], after: int) -> dict[str, int]:
        query = sa.select(outbox.c.event_id, outbox.c.id).where(outbox.c.type.in_(types), outbox.c.id > after)
        with self._databases[producer].read() as connection:
            return {row.event_id: row.id for row in connection.execute(query)}
