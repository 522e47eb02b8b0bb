"""What the desks of the made-up cases did: each deed once, whatever the running clocks or other people do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deploy.demo.plan import Leg
from deploy.demo.timetable import Deed
from deploy.submit.staff import principal
from services.referrals.domain.errors import Stale, WaitsForApproval
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals as store
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.context import Context
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import District
from shared.identity import Principal

_DONE: Mapping[Status, int] = MappingProxyType(
    {
        Status.ISSUED: 0,
        Status.RECEIVED: 1,
        Status.ACCEPTED: 2,
        Status.IN_PROGRESS: 3,
        Status.CLOSED: 4,
    }
)
"""By status, how many of the plan's actions are done, by whomever: the clock accepts on silence, too."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One leg that exists, and what its desk does."""

    id: str
    leg: Leg
    agency: str
    deeds: Sequence[Deed]

    def done(self, referral: Referral | None) -> int:
        """Tell how many of its deeds are done, as the referral stands."""
        if referral is None:
            return 0
        return min(_DONE.get(referral.status, 0), len(self.deeds))

    def as_planned(self, referral: Referral | None) -> bool:
        """Tell whether it is where the plan has it, or further on, and ended as the plan says."""
        if referral is None or self.done(referral) < len(self.deeds):
            return False
        return "outcome" not in self.leg.closed or referral.outcome == self.leg.closed["outcome"]


def _fields(action: str, leg: Planned, referral: Referral) -> Mapping[str, Any]:
    """Give what an action says: how a leg ends, and with which of its programme's steps work on it begins."""
    if action == "start":
        steps = referral.rules["steps"]
        return {"step": steps[0]} if steps else {}
    return leg.leg.closed if action == "close" else {}


class Desks:
    """The desks of one district at work. ``clock`` is the clock of the context, moved to when each deed was done."""

    def __init__(self, referrals: Context, accounts: Database, district: District, clock: FixedClock) -> None:
        self._referrals = referrals
        self._accounts = accounts
        self._district = district
        self._clock = clock
        self._desks: dict[str, Principal] = {}
        self._done: dict[str, int] = {}

    def load(self, planned: Sequence[Planned]) -> Mapping[str, Referral]:
        """Give the referrals that are there already, by id."""
        with self._referrals.database.read() as connection:
            return store.load(connection, [leg.id for leg in planned])

    def work(self, planned: Sequence[Planned]) -> int:
        """Do what is left to do for the legs that are there, oldest deeds first; gives how many actions that took."""
        left = [leg for leg in planned if self._done.get(leg.id, 0) < len(leg.deeds)]
        there = self.load(left)
        waiting = [
            (deed.at, place, leg)
            for leg in left
            if leg.id in there
            for place, deed in enumerate(leg.deeds)
            if place >= leg.done(there[leg.id])
        ]
        taken = sum(self._do(leg, place) for _, place, leg in sorted(waiting, key=lambda each: each[:2]))
        if there:
            now = self.load(left)
            self._done |= {leg.id: leg.done(now.get(leg.id)) for leg in left}
        return taken

    @property
    def done(self) -> int:
        """How many deeds are done, by this or before."""
        return sum(self._done.values())

    def _do(self, leg: Planned, place: int) -> bool:
        """Do one deed if it is its turn; tells whether it took an action."""
        deed = leg.deeds[place]
        while True:
            referral = self.load([leg])[leg.id]
            if _DONE.get(referral.status) != place:
                return False  # done meanwhile, by a clock or a colleague; or they decided something else
            self._clock.move_to(deed.at)
            action = Action(
                referral_id=leg.id,
                action=deed.action,
                version=referral.version,
                fields=_fields(deed.action, leg, referral),
            )
            try:
                take_action(self._referrals, self._desk(leg.agency), action)
            except Stale:
                continue
            except WaitsForApproval:
                return False
            return True

    def _desk(self, agency: str) -> Principal:
        if agency not in self._desks:
            holder = next(
                member.id
                for member in self._district.staff
                if any(post.role == "desk" and post.agency == agency for post in member.posts)
            )
            self._desks[agency] = principal(self._accounts, holder)
        return self._desks[agency]
