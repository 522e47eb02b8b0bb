"""Reading what was done with all referrals of a case."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.status import Status
from services.referrals.persistence.referrals import Line
from services.referrals.persistence.tables import history


def lines_of(connection: Connection, referrals: Sequence[str]) -> dict[str, list[Line]]:
    """Load what was done with some referrals, each one's lines oldest first."""
    found: dict[str, list[Line]] = {referral: [] for referral in referrals}
    statement = (
        sa.select(history)
        .where(history.c.referral_id.in_(sorted(referrals)))
        .order_by(history.c.referral_id, history.c.at, history.c.id)
    )
    for row in connection.execute(statement).mappings():
        line = Line(
            **{**row, "from_status": Status(row["from_status"]), "to_status": Status(row["to_status"])}
        )
        found[line.referral_id].append(line)
    return found
