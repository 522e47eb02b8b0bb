"""Reading what was done with all referrals of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.status import Status
from services.referrals.persistence.referrals import Line
from services.referrals.persistence.tables import history


def step_by_step(lines: Iterable[Line]) -> list[Line]:
    """Put what was done with one referral in the order in which it was done, each where the one before it led.

    ``lines`` come by their ids, which are made while the referral is held; a moment is taken before, so that of two who
    act at once the second may have the earlier one. Ids of two machines may cross by as much as their clocks differ.
    """
    left, told = list(lines), list[Line]()
    status = Status.PLANNED if any(line.from_status is Status.PLANNED for line in left) else Status.ISSUED
    while left:
        told.append(left.pop(next((n for n, line in enumerate(left) if line.from_status is status), 0)))
        status = told[-1].to_status
    return told


def lines_of(connection: Connection, referrals: Sequence[str]) -> dict[str, list[Line]]:
    """Load what was done with some referrals, each one's lines oldest first."""
    found: dict[str, list[Line]] = {referral: [] for referral in referrals}
    statement = (
        sa.select(history)
        .where(history.c.referral_id.in_(sorted(referrals)))
        .order_by(history.c.referral_id, history.c.id)
    )
    for row in connection.execute(statement).mappings():
        line = Line(
            **{**row, "from_status": Status(row["from_status"]), "to_status": Status(row["to_status"])}
        )
        found[line.referral_id].append(line)
    return {referral: step_by_step(lines) for referral, lines in found.items()}
