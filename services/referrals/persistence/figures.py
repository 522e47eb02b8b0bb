"""Counting what changes: rows of differences, written with the change itself and added up later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.referrals.domain.clocks import Timetable
from services.referrals.domain.figures import Count, Figure, difference
from services.referrals.domain.referral import Referral
from services.referrals.persistence.figure_tables import deltas
from shared.db import Insert, UnitOfWork
from shared.directory import District

_DELTAS = Insert(deltas)


def count(
    uow: UnitOfWork, before: Referral | None, after: Referral, at: datetime, district: District
) -> None:
    """Count what a change of a referral adds to the figures, in the transaction of the change.

    ``before`` is None for a referral that is new. ``at`` is the moment of the change. Only rows are added: no counter
    is updated, so that nobody waits for anybody here.
    """
    changed = difference(before, after, Timetable(district.calendar, district.timezone))
    if changed:
        uow.add(_DELTAS, [_row(figure, number, after, at) for figure, number in changed.items()])


def _row(figure: Figure, counted: Count, referral: Referral, at: datetime) -> Mapping[str, Any]:
    # People are found out when it is added up.
    counts = {"number": counted.number, "amount": counted.amount}
    return {"at": at, **figure._asdict(), **counts, "request_id": referral.request_id}
