"""Counting what changes: rows of differences, written with the change itself and added up later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.referrals.domain.clocks import Timetable
from services.referrals.domain.figures import Count, Figure, contribution, difference
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
    reckoning = Timetable(district.calendar, district.timezone)
    rows: list[Mapping[str, Any]] = []
    if before is not None and before.person != after.person:
        # It turns out to be about somebody else: all of it is taken from the one and counted of the other.
        taken = contribution(before, reckoning)
        rows += [_row(figure, -counted, before.person, at) for figure, counted in taken.items()]
        before = None
    changed = difference(before, after, reckoning)
    rows += [_row(figure, counted, after.person, at) for figure, counted in changed.items()]
    if rows:
        uow.add(_DELTAS, rows)


def _row(figure: Figure, counted: Count, person: str, at: datetime) -> Mapping[str, Any]:
    # People are found out when it is added up.
    counts = {"number": counted.number, "amount": counted.amount}
    return {"at": at, **figure._asdict(), **counts, "person": person}
