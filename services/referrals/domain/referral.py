"""A referral: one leg of a request at one agency, and how each action changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.referrals.domain.clocks import Running, Starts, Timetable, due_first
from services.referrals.domain.doing import Doing
from services.referrals.domain.effects import effect_of
from services.referrals.domain.errors import WaitsForApproval
from services.referrals.domain.life import FRESH, Life, Pending
from services.referrals.domain.ranks import rank
from services.referrals.domain.status import ENDED, PAUSED, Status
from services.referrals.domain.timers import next_timer
from services.referrals.domain.transitions import Transition, Way, transition_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """The state of one referral; ``position`` is its place among the legs of its request.

    ``version`` counts changes that people decide on (If-Match), ``event_sequence`` the events told. ``rules`` are
    those that travelled with the request and never change under it. ``clock`` is the running clock due first,
    and ``due_at``, ``due_on``, ``yellow_at`` and ``yellow_on`` are its own; all are None while none runs. ``rank``
    sorts a queue. ``assignee`` is the officer (a staff id) whose it is, ``delegated_to`` a colleague who stands in for
    them until and on ``delegated_until``. ``desk_street`` is the street whose counter of the agency it belongs to, None
    where it is the agency's own desk's. ``supervised`` is the gravest notice given for what is due now, ``pending``
    what waits for the leader. ``timer`` names what time alone will do to it next, at ``timer_at``. ``counts_as``
    stands for whom it is for, among those of one programme of one agency; None where nobody can tell.
    """

    id: str
    number: str
    request_id: str
    request_number: str
    agency: str
    programme: str
    unit: str
    street: str
    urgency: str
    position: int
    status: Status
    previous_status: Status | None
    status_since: datetime
    version: int
    event_sequence: int
    rules: Mapping[str, Any]
    issued_at: datetime
    received_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    clock: str | None
    due_at: datetime | None
    due_on: date | None
    yellow_at: datetime | None
    yellow_on: date | None
    rank: int
    step: str | None
    outcome: str | None
    outcome_fields: Mapping[str, Any] | None
    reason: str | None
    assignee: str | None = None
    delegated_to: str | None = None
    delegated_until: date | None = None
    desk_street: str | None = None
    supervised: str | None = None
    pending: Pending | None = None
    timer: str | None = None
    timer_at: datetime | None = None
    counts_as: str | None = None
    life: Life = FRESH

    @property
    def accepted(self) -> bool:
        """Whether the agency has taken it on."""
        return self.accepted_at is not None

    @property
    def person(self) -> str:
        """Whom the figures count: without knowing better, all of one request is one person."""
        return self.counts_as or self.request_id

    @property
    def has_been_issued(self) -> bool:
        """Whether its agency has ever had it: what waits for the street's check, or was dropped by it, has not."""
        if self.status is Status.CANCELLED:
            return self.previous_status is not Status.PLANNED
        return self.status is not Status.PLANNED

    @property
    def starts(self) -> Starts:
        """The moments its clocks may start from."""
        return Starts(self.issued_at, self.received_at, self.accepted_at, self.status_since)


@dataclass(frozen=True, slots=True)
class Change:
    """What an action has done: the referral before and after, the fact that tells of it, and the codes it was given.

    ``asks`` is the data of the request for a successor that is told after the fact. One version more, and one event
    more for each of the two.
    """

    before: Referral
    after: Referral
    action: str
    fact: str
    fields: Mapping[str, Any]
    asks: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeg:
    """What a request tells about one of its legs."""

    id: str
    number: str
    request_id: str
    request_number: str
    agency: str
    programme: str
    unit: str
    street: str
    urgency: str
    position: int
    rules: Mapping[str, Any]
    predecessor: str | None = None
    days_used: int = 0
    returns: int = 0
    planned: bool = False
    sent_back: bool = False
    desk_street: str | None = None
    counts_as: str | None = None


def issue(leg: NewLeg, at: datetime, timetable: Timetable) -> Referral:
    """Open a referral at the moment its request was submitted: delivered, and its clocks running.

    A ``planned`` one waits for the street's check first. A successor goes on with the days its predecessor used.
    """
    life = FRESH
    if leg.predecessor is not None or leg.days_used or leg.returns or leg.sent_back:
        life = Life(
            predecessor=leg.predecessor,
            days_used=leg.days_used,
            returns=leg.returns,
            sent_back=leg.sent_back,
        )
    fresh = Referral(
        id=leg.id,
        number=leg.number,
        request_id=leg.request_id,
        request_number=leg.request_number,
        agency=leg.agency,
        programme=leg.programme,
        unit=leg.unit,
        street=leg.street,
        urgency=leg.urgency,
        position=leg.position,
        status=Status.PLANNED if leg.planned else Status.ISSUED,
        previous_status=None,
        status_since=at,
        version=1,
        event_sequence=1,
        rules=leg.rules,
        issued_at=at,
        received_at=None,
        accepted_at=None,
        ended_at=None,
        clock=None,
        due_at=None,
        due_on=None,
        yellow_at=None,
        yellow_on=None,
        rank=0,
        step=None,
        outcome=None,
        outcome_fields=None,
        reason=None,
        desk_street=leg.desk_street,
        counts_as=leg.counts_as,
        life=life,
    )
    return reckoned(fresh, at, timetable)


def act(
    referral: Referral,
    action: str,
    fields: Mapping[str, Any],
    at: datetime,
    timetable: Timetable,
    *,
    by: str | None = None,
) -> Change:
    """Take one action of the table; ``by`` is the staff id of whoever decided, None for a command or the clock.

    Raises ``IllegalTransition``, ``WaitsForApproval``, ``TooLate`` or ``BadFields``; then nothing has changed.
    """
    silent = bool(fields.get("deemed"))
    transition = transition_for(action, referral.status, accepted=referral.accepted, silent=silent)
    if referral.pending is not None and by is not None:
        raise WaitsForApproval(action, referral.pending.action, referral.status)
    effect = effect_of(action, Doing(referral, fields, at, timetable, by))
    target = _way_back(referral) if effect.back else _target(transition, referral)
    target = referral.status if effect.stays else target
    moved = target is not referral.status
    # What an agency had put to its leader is settled by what others decide about the referral meanwhile.
    settled: dict[str, Any] = {"pending": None} if target in ENDED else {}
    after = replace(
        referral,
        status=target,
        previous_status=referral.status if moved else referral.previous_status,
        status_since=at if moved else referral.status_since,
        ended_at=at if target in ENDED else None,
        life=effect.life,
        **{**effect.sets, **settled},
    )
    return changed(
        referral, after, action, effect.fact or transition.fact, effect.codes, at, timetable, effect.asks
    )


def changed(
    before: Referral,
    after: Referral,
    action: str,
    fact: str,
    codes: Mapping[str, Any],
    at: datetime,
    timetable: Timetable,
    asks: Mapping[str, Any] | None = None,
) -> Change:
    """Count a change in, and reckon anew what follows from it: clocks, rank and the next timer."""
    counted = replace(
        after,
        version=before.version + 1,
        event_sequence=before.event_sequence + (1 if asks is None else 2),
    )
    return Change(before, reckoned(counted, at, timetable), action, fact, codes, asks)


def reckoned(referral: Referral, at: datetime, timetable: Timetable) -> Referral:
    """Work out a referral's running clock, its place in the queue and what time will do to it next."""
    running = due_first(referral.status, referral.rules, referral.starts, timetable, referral.life)
    ended = referral.status in ENDED
    told = replace(
        referral,
        clock=running.clock if running else None,
        due_at=running.due_at if running else None,
        due_on=running.due_on if running else None,
        yellow_at=running.yellow_at if running else None,
        yellow_on=running.yellow_on if running else None,
        rank=rank(referral.status, running, (referral.ended_at or at) if ended else referral.status_since),
        supervised=referral.supervised if _still_due(referral, running) else None,
    )
    coming = next_timer(told, timetable)
    return replace(
        told,
        timer=coming.what if coming else None,
        timer_at=coming.at if coming else None,
    )


def _still_due(referral: Referral, running: Running | None) -> bool:
    """Tell whether what was due is due still: done, or due on another day, it begins without a notice."""
    due = (running.clock, running.due_on) if running else (None, None)
    return due == (referral.clock, referral.due_on)


def _target(transition: Transition, referral: Referral) -> Status:
    if transition.target is Way.STAY:
        return referral.status
    if transition.target is Way.BACK:
        return _way_back(referral)
    return transition.target


def _way_back(referral: Referral) -> Status:
    """Give the status a referral goes back to: where it stood before it was paused or put to somebody else."""
    before = referral.previous_status
    if before is None or before in PAUSED:
        return Status.IN_PROGRESS if referral.accepted else Status.RECEIVED
    if before is Status.RECEIVED and referral.accepted:
        # Accepted on silence while somebody else was asked to take it over.
        return Status.ACCEPTED
    return before


def told(referral: Referral) -> Referral:
    """Count one more event of a referral whose state stays as it is, such as the answer to a command."""
    return replace(referral, event_sequence=referral.event_sequence + 1)
