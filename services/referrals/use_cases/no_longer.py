"""Which referrals' data may go to no agency's own system any more, however late or often an event is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from services.referrals.domain.status import LET_GO
from services.referrals.persistence import queries


def no_longer(connection: Connection, referrals: Collection[str]) -> Mapping[str, str]:
    """Give those of these referrals whose agency has nothing to do with the person now, each with its status."""
    found = queries.in_status(connection, referrals, LET_GO)
    return {referral: status.value for referral, status in found.items()}
