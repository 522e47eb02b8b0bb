"""Places of programmes: counted with each decision, set by the agency's leader, read by all who send people there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.referrals.domain.capacity import (
    Capacity,
    NoCapacity,
    NoPlaceLeft,
    StaleCapacity,
    changed_event,
    effect_of,
    set_figures,
    take,
)
from services.referrals.domain.referral import Referral
from services.referrals.persistence import capacity as store
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from shared import ids
from shared.db import UnitOfWork
from shared.directory import District, Programme
from shared.events import Event
from shared.identity import Principal, allow


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the leader says of one programme: ``version`` is the one they saw."""

    programme: str
    version: int
    places: int
    free: int
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityView:
    """The places of one programme, how many wait, and who they are: ``line`` is None for all but its own agency."""

    capacity: Capacity
    waiting: int
    line: tuple[Mapping[str, Any], ...] | None


def settle_places(
    context: Context,
    uow: UnitOfWork,
    before: Referral,
    after: Referral,
    district: District,
    at: datetime,
    *,
    cause: Event | None = None,
    takes_turn: bool = False,
) -> None:
    """Count what a change of a referral does to the places of its programme, in the transaction of the change.

    The programme's row is held from here on, so that of two who decide at once the second counts after the first.
    ``takes_turn``: it is opened again because a place is free, which one place is reason for once.
    Raises ``NoPlaceLeft`` when there is no place for it; then nothing has been written.
    """
    programme = district.programmes.get(after.programme)
    if programme is None or programme.capacity is None:
        return
    effect = effect_of(before, after, programme.capacity.taken_by)
    if takes_turn:
        capacity = _lock(context, uow, programme, at)
        ahead = store.ahead(uow.connection, programme.id, after.id)
        if ahead >= capacity.free:
            raise NoPlaceLeft(capacity, ahead, programme.name)
    if not effect.takes and not effect.waits:
        if effect.waits is None or not store.leave(uow.connection, after.id):
            return
        capacity = _lock(context, uow, programme, at)
        _save(context, uow, take(capacity, effect, 0), at, cause)
        return
    capacity = _lock(context, uow, programme, at)
    ahead = store.ahead(uow.connection, programme.id, after.id)
    changed = take(capacity, effect, ahead, programme.name)
    if effect.waits:
        store.join(uow.connection, programme.id, after.id, at, known=ahead < changed.free)
    elif effect.waits is False:
        store.leave(uow.connection, after.id)
    _save(context, uow, changed, at, cause)


def give_turn_up(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    district: District,
    at: datetime,
    cause: Event | None = None,
) -> None:
    """Take a referral of which nothing is kept any more off the waiting list, so that no place is kept for it.

    Those behind it move up, as when a turn is given up by a decision. It changes nothing for one that does not wait.
    """
    if not store.leave(uow.connection, referral.id):
        return
    programme = district.programmes.get(referral.programme)
    if programme is None or programme.capacity is None:
        return
    capacity = _lock(context, uow, programme, at)
    _save(context, uow, replace(capacity, version=capacity.version + 1), at, cause)


def set_capacity(context: Context, principal: Principal, figures: Figures) -> CapacityView:
    """Set the places of a programme of one's own agency.

    Raises ``NoCapacity``, ``StaleCapacity`` when somebody has counted since, ``BadFields``, or
    ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "capacities.set")
    district = context.directory.current()
    programme = district.programmes.get(figures.programme)
    if programme is None or programme.capacity is None or not grant.reaches(agency=programme.agency):
        raise NoCapacity(figures.programme)
    at = context.clock.now()
    with context.database.unit_of_work() as uow:
        capacity = _lock(context, uow, programme, at)
        if capacity.version != figures.version:
            raise StaleCapacity(figures.version, capacity.version)
        changed = set_figures(
            capacity,
            places=figures.places,
            free=figures.free,
            as_of=figures.as_of,
            today=context.today(district),
        )
        waiting = _save(context, uow, changed, at, None)
        detail = {
            "version": changed.version,
            "places": [capacity.places, changed.places],
            "free": [capacity.free, changed.free],
        }
        audit(context, uow, principal, grant, "capacity.set", ("capacity", programme.id), detail)
        line = tuple(store.line(uow.connection, [programme.id]))
    return CapacityView(capacity=changed, waiting=waiting, line=line)


def list_capacities(context: Context, principal: Principal) -> list[CapacityView]:
    """Give the places of all programmes that have any counted, in the district's order; who waits, to its agency.

    Raises ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "capacities.read")
    counted = [item for item in context.directory.current().programmes.values() if item.capacity is not None]
    own = [item.id for item in counted if grant.reaches(agency=item.agency) and not grant.everything]
    with context.database.read() as connection:
        known, lengths = store.every(connection), store.lengths(connection)
        lines = store.line(connection, own)
    return [
        CapacityView(
            capacity=known.get(item.id) or _at_first(item),
            waiting=lengths.get(item.id, 0),
            line=tuple(row for row in lines if row["programme"] == item.id) if item.id in own else None,
        )
        for item in counted
    ]


def _lock(context: Context, uow: UnitOfWork, programme: Programme, at: datetime) -> Capacity:
    return store.lock(uow.connection, context.database.dialect, _at_first(programme), at)


def _at_first(programme: Programme) -> Capacity:
    """Give the places as the district's pack says, which is what counting starts from."""
    if programme.capacity is None:
        raise NoCapacity(programme.id)
    places = programme.capacity.places
    return Capacity(
        programme=programme.id,
        agency=programme.agency,
        places=places,
        free=places,
        as_of=programme.capacity.as_of,
        version=0,
    )


def _save(context: Context, uow: UnitOfWork, capacity: Capacity, at: datetime, cause: Event | None) -> int:
    store.save(uow.connection, capacity, at)
    waiting = store.length(uow.connection, capacity.programme)
    uow.record(
        changed_event(
            capacity,
            waiting,
            id=ids.new(),
            source=context.source,
            at=at,
            causation=cause.id if cause else None,
        )
    )
    return waiting
