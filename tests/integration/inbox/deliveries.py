"""Deliveries as the broker hands them out, and a consumer whose effects can be counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import EXCLUDE, Schema, fields

from shared import ids
from shared.db import Database, UnitOfWork
from shared.events import Event
from shared.inbox import Receiver, Subscription
from shared.inbox.tables import dead_letters, receipts
from shared.messaging import Delivery

SOURCE = "/aid/530103/intake"
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)

metadata = sa.MetaData()
# Without a unique key, so that a doubled effect can show.
effects = sa.Table("test_effects", metadata, sa.Column("subject", sa.Text), sa.Column("sequence", sa.Integer))


class AnyData(Schema):
    """Reads one field, passes over the rest."""

    class Meta:
        """Marshmallow's settings."""

        unknown = EXCLUDE

    at = fields.String(required=True)


def event(subject: str, sequence: int, **changes: Any) -> Event:
    """Build ``staff.changed.v1`` with the given place in its chain."""
    values = {
        "id": ids.new(),
        "type": "staff.changed.v1",
        "source": SOURCE,
        "time": AT,
        "data": {"at": "now"},
    }
    return Event(**{**values, "subject": subject, "sequence": sequence, **changes})


def delivery(of: Event | bytes, **changes: Any) -> Delivery:
    """Build what the broker would hand out for an event, or for bytes that are none."""
    values: dict[str, Any] = {
        "body": of if isinstance(of, bytes) else of.internal(),
        "routing_key": "staff.changed",
        "user_id": "aid-intake",
        "redelivered": False,
        "content_type": "application/cloudevents+json",
        "tag": 1,
        "queue": "referrals.events",
    }
    return Delivery(**{**values, **changes})


def note(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Have the effect that the tests count."""
    uow.connection.execute(
        sa.insert(effects), [{"subject": item.subject, "sequence": item.sequence} for item in events]
    )


def receiver(database: Database, handler: Callable[[UnitOfWork, Sequence[Event]], None] = note) -> Receiver:
    """Make the consumer ``referrals`` with one subscription."""
    return Receiver(database, "referrals", [Subscription("staff.changed.v1", AnyData(), handler)])


def seen(database: Database, subject: str) -> list[int]:
    """Give the sequences whose effect happened, in the order in which it did."""
    with database.read() as connection:
        return list(
            connection.execute(sa.select(effects.c.sequence).where(effects.c.subject == subject)).scalars()
        )


def letters(database: Database) -> list[tuple[str, str]]:
    """Give (state, reason) of every letter kept."""
    with database.read() as connection:
        rows = connection.execute(
            sa.select(dead_letters.c.state, dead_letters.c.reason).order_by(dead_letters.c.id)
        )
        return [(row.state, row.reason) for row in rows]


def receipt_count(database: Database) -> int:
    """Give the number of receipts."""
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(receipts)).scalar_one())
