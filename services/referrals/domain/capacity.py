"""Places of a programme: how many there are and are free, who waits for one, and what a decision does to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.referrals.domain.errors import BadFields, FieldFault, ReferralError
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import ENDED, Status
from services.referrals.domain.waiting import waits
from shared.events import Event
from shared.text import Text

_MORE_THAN_THERE_ARE = Text("空余名额不能多于总名额。", "There cannot be more places free than there are.")
_TO_COME = Text("截至日期不能晚于今天。", "The day the figures are of cannot be in the future.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The places of one programme; ``free`` counts down by decisions and is never below nought.

    ``as_of`` is the day the agency last said how many there are. ``version`` counts every change, and with it the
    events told.
    """

    programme: str
    agency: str
    places: int
    free: int
    as_of: date
    version: int


class NoPlaceLeft(ReferralError):
    """A decision needs a place and none is free for it: they are taken, or kept for those who waited longer."""

    def __init__(self, capacity: Capacity, ahead: int, name: Text) -> None:
        super().__init__(f"no place left in {capacity.programme}: {capacity.free} free, {ahead} ahead")
        self.capacity = capacity
        self.ahead = ahead
        self.name = name


class NoCapacity(ReferralError):
    """The district counts no places of that programme, or it is not the asker's to set."""


class StaleCapacity(ReferralError):
    """The figures have changed since they were read."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(f"version {expected} was expected, {current} is current")
        self.expected = expected
        self.current = current


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of one referral does: places taken (negative: given back), and whether it waits after it."""

    takes: int
    waits: bool | None


def takers(rules: Mapping[str, Any], usual: Collection[str]) -> Collection[str]:
    """Name the outcomes that take a place, by the rules a referral began with.

    Of one begun before such rules travelled along they are the ``usual`` ones, those of today's pack.
    """
    given: Collection[str] | None = rules.get("takes_place")
    return usual if given is None else given


def effect_of(before: Referral, after: Referral, usual: Collection[str]) -> Effect:
    """Tell what a change does to the places of the referral's programme.

    What is opened again keeps its place, or its turn on the list (then ``waits`` is None, as where nothing changes),
    until it is decided otherwise: nobody loses either while an error is put right.
    """
    outcomes = takers(after.rules, usual)
    held, holds = _holds(before, outcomes), _holds(after, outcomes)
    decided = after.status in ENDED and (before.status not in ENDED or before.outcome != after.outcome)
    return Effect(int(holds) - int(held), waits(after) if decided else None)


def _holds(referral: Referral, outcomes: Collection[str]) -> bool:
    if referral.status is Status.CLOSED:
        return referral.outcome in outcomes
    return referral.status not in ENDED and referral.life.reopened_from in outcomes


def take(capacity: Capacity, effect: Effect, ahead: int, name: Text | None = None) -> Capacity:
    """Take places or give them back; ``ahead`` counts those on the list whose turn comes before.

    ``name`` is what people call the programme.

    Raises ``NoPlaceLeft``. Giving back never makes more places than there are.
    """
    if effect.takes > 0 and capacity.free - ahead < effect.takes:
        raise NoPlaceLeft(capacity, ahead, name or Text(capacity.programme, capacity.programme))
    return replace(
        capacity,
        free=min(capacity.places, capacity.free - effect.takes),
        version=capacity.version + 1,
    )


def set_figures(capacity: Capacity, *, places: int, free: int, as_of: date, today: date) -> Capacity:
    """Give the capacity as the agency's leader says it is; raises ``BadFields`` naming every field."""
    faults = []
    if free > places:
        faults.append(FieldFault("free", _MORE_THAN_THERE_ARE))
    if as_of > today:
        faults.append(FieldFault("as_of", _TO_COME))
    if faults:
        raise BadFields(faults)
    return replace(capacity, places=places, free=free, as_of=as_of, version=capacity.version + 1)


def changed_event(
    capacity: Capacity,
    waiting: int,
    *,
    id: str,  # noqa: A002 - the attribute is called id in CloudEvents
    source: str,
    at: datetime,
    causation: str | None = None,
) -> Event:
    """Give what is told of a changed capacity: counts alone, under the programme's id and counted by its version."""
    return Event(
        id=id,
        type="capacity.changed.v1",
        source=source,
        subject=capacity.programme,
        time=at,
        sequence=capacity.version,
        data={
            "programme": capacity.programme,
            "places": capacity.places,
            "free": capacity.free,
            "as_of": capacity.as_of.isoformat(),
            "waiting": waiting,
        },
        agency=capacity.agency,
        causation=causation,
    )
