"""Referrals that were there before the figures: each is counted once as it stood when they began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.life import FRESH, Life, Step
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.persistence.figure_tables import backlog
from services.referrals.persistence.tables import history
from shared.db.types import DIALECTS, among

_OLDEST = sa.select(backlog).order_by(backlog.c.referral_id).limit(sa.bindparam("most"))
_GONE = {
    dialect: sa.delete(backlog).where(among(backlog.c.referral_id, "ids", dialect)) for dialect in DIALECTS
}
_STEPS = {
    dialect: sa.select(history.c.referral_id, history.c.at, history.c.fields)
    .where(among(history.c.referral_id, "ids", dialect), history.c.action == "start")
    .order_by(history.c.at, history.c.id)
    for dialect in DIALECTS
}
_ANY = sa.select(sa.exists().where(backlog.c.referral_id.is_not(None)))


def is_left(connection: Connection) -> bool:
    """Tell whether some are still to be counted."""
    return bool(connection.execute(_ANY).scalar_one())


def take(connection: Connection, most: int) -> list[Referral]:
    """Take the next ones away, each as it stood then, to be counted in the same transaction."""
    rows = connection.execute(_OLDEST, {"most": most}).all()
    if not rows:
        return []
    ids = [row.referral_id for row in rows]
    dialect = connection.dialect.name
    connection.execute(_GONE[dialect], {"ids": ids})
    present = referrals.load(connection, ids)
    steps = _steps(connection, [row.referral_id for row in rows if row.ended_at is not None])
    return [_as_it_stood(row, present[row.referral_id], steps) for row in rows if row.referral_id in present]


def _as_it_stood(row: sa.Row[Any], present: Referral, steps: dict[str, list[Step]]) -> Referral:
    known = present.rules["steps"]
    reached = tuple(
        step for step in steps.get(row.referral_id, ()) if step.step in known and step.at <= row.ended_at
    )
    return replace(
        present,
        unit=row.unit,
        street=row.street,
        status=Status(row.status),
        previous_status=None,
        # Nobody was told apart then but by request; who it turned out to be was counted with the change.
        counts_as=None,
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        outcome_fields=row.outcome_fields,
        life=Life(steps=reached) if reached else FRESH,
    )


def _steps(connection: Connection, ids: Sequence[str]) -> dict[str, list[Step]]:
    # What was reached before the figures of one that is still open nobody can tell from what came after.
    found: dict[str, list[Step]] = {}
    for row in connection.execute(_STEPS[connection.dialect.name], {"ids": list(ids)}):
        found.setdefault(row.referral_id, []).append(Step(row.fields.get("step", ""), row.at))
    return found
