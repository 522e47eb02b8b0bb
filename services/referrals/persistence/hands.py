"""What an officer has in hand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from services.referrals.domain.status import ENDED, Status
from services.referrals.persistence.filters import is_open
from services.referrals.persistence.tables import referrals

_r = referrals.c


def lent_already(connection: Connection, agencies: Collection[str], staff: str, to: str, until: date) -> int:
    """Count an officer's open referrals that somebody stands in for already, until that very day."""
    wanted = (
        _r.assignee == staff,
        _r.delegated_to == to,
        _r.delegated_until == until,
        _r.agency.in_(sorted(agencies)),
        _r.status.not_in(sorted(ENDED)),
        is_open(_r),
    )
    return int(connection.execute(sa.select(sa.func.count()).where(*wanted)).scalar_one())


def open_in_hand(
    connection: Connection,
    agencies: Collection[str],
    staff: str,
    today: date,
    *,
    lend: tuple[str, date] | None,
    most: int,
) -> tuple[list[str], int]:
    """Give the ids of an officer's open referrals, up to ``most``, and how many there are beyond those.

    To ``lend`` them (to whom, until when) those that are lent so already are left out; to give them away, those in
    which the officer stands in for somebody today belong to them, too. A leg that still waits to be issued is
    nobody's yet.
    """
    ways = [_r.assignee == staff]
    if lend is None:
        ways.append(sa.and_(_r.delegated_to == staff, _r.delegated_until >= today))
    else:
        to, until = lend
        ways = [
            sa.and_(
                _r.assignee == staff,
                sa.or_(_r.delegated_to.is_distinct_from(to), _r.delegated_until.is_distinct_from(until)),
            )
        ]
    wanted = (
        sa.or_(*ways),
        _r.agency.in_(sorted(agencies)),
        _r.status != Status.PLANNED.value,
        _r.status.not_in(sorted(ENDED)),
        is_open(_r),
    )
    found = connection.execute(sa.select(_r.id).where(*wanted).order_by(_r.rank, _r.id)).scalars().all()
    return list(found[:most]), max(0, len(found) - most)
