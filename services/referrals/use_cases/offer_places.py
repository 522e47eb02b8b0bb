"""Tells whoever must act that a place has come free: for each place the one whose turn it is, in the list's order."""

from __future__ import annotations

from datetime import datetime

import structlog

from services.referrals.domain.capacity import Capacity
from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import ReferralError
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.waiting import waits
from services.referrals.persistence import capacity as store
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.record import CLOCK, record_change
from shared.directory import District

log = structlog.get_logger(__name__)


def offer_places(context: Context) -> int:
    """Look at each programme whose places or list have changed; gives how many were told that it is their turn.

    It is looked at beside the change and not within it: the change holds the places and would have to wait for a
    referral that somebody else has, who may be waiting for the places. Here a referral is held first, as by decisions.
    Killed at any moment it is looked at again, and nobody is told twice.
    """
    with context.database.read() as connection:
        changed = store.not_offered(connection)
    if not changed:
        return 0
    district, at = context.directory.current(), context.clock.now()
    told = 0
    for capacity in changed:
        with context.database.unit_of_work() as uow:
            held = store.lock(uow.connection, context.database.dialect, capacity, at)
            store.take_offers_back(uow.connection, held)
            next_ones = store.next_in_line(uow.connection, held)
        for referral in next_ones:
            try:
                told += _offer(context, referral, held, district, at)
            except (ReferralError, LookupError, ValueError, TypeError):
                log.exception("offer.failed", referral=referral)
        with context.database.unit_of_work() as uow:
            # What has changed since is looked at next time.
            store.looked_at(uow.connection, held)
    return told


def _offer(context: Context, id_: str, seen: Capacity, district: District, at: datetime) -> bool:
    with context.database.unit_of_work() as uow:
        referral = referrals.load(uow.connection, [id_], lock=True)[id_]
        capacity = store.lock(uow.connection, context.database.dialect, seen, at)
        ahead = store.ahead(uow.connection, capacity.programme, id_)
        if ahead >= capacity.free or not store.offer(uow.connection, id_, at) or not waits(referral):
            return False
        doing = Doing(referral, {}, at, timetable(district), None)
        record_change(context, uow, side_act(referral, "offer-place", doing), CLOCK, district, at=at)
        return True
