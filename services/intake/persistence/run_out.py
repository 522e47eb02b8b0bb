"""Legs of which the consent has merely run out: nobody took it back, and still nothing may be sent under it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.domain.request import CANCELLED
from services.intake.persistence.tables import consents, legs

AT_ONCE = 500

_RUNS = sa.exists().where(
    consents.c.request_id == legs.c.request_id,
    consents.c.agency == legs.c.agency,
    consents.c.programme == legs.c.programme,
    # One that begins later has taken the place of one that runs until then.
    consents.c.expires_on >= sa.bindparam("day"),
    consents.c.withdrawn_at.is_(None),
)
_RUN_OUT = sa.select(legs.c.id).where(
    legs.c.id.in_(sa.bindparam("legs", expanding=True)),
    # What the person takes back is taken back by what says so.
    legs.c.cancel_requested_at.is_(None),
    legs.c.status != CANCELLED,
    ~_RUNS,
)


def run_out(connection: Connection, wanted: Collection[str], day: date) -> frozenset[str]:
    """Give those of these legs which no consent covers any more on ``day``, in the district's calendar."""
    ordered = sorted(wanted)
    found: set[str] = set()
    for start in range(0, len(ordered), AT_ONCE):
        asked = {"legs": ordered[start : start + AT_ONCE], "day": day}
        found.update(connection.execute(_RUN_OUT, asked).scalars())
    return frozenset(found)
