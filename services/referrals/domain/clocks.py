"""Which of a referral's clocks runs in which status, and which of the running ones is due first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.referrals.domain.life import FRESH, Life
from services.referrals.domain.status import Status
from shared.clock import Calendar, Deadline, Pause, deadline, local_date, publicity_ends_at
from shared.clock.steps import PUBLICITY
from shared.text import Text

ASSIGN, ACKNOWLEDGE, ACCEPT, DECIDE = "assign", "acknowledge", "accept", "decide"
STEP, RETURN_DECISION = "step", "return-decision"
ANSWER_WITHDRAWAL = "answer-withdrawal"
"""Consent has ended, and the agency owes a word on what ground it keeps what it has: due at once on a working day."""

RUNNING: Mapping[Status, tuple[str, ...]] = MappingProxyType(
    {
        Status.PLANNED: (ASSIGN,),
        Status.ISSUED: (ACKNOWLEDGE, ACCEPT, DECIDE),
        Status.RECEIVED: (ACCEPT, DECIDE),
        Status.RETURN_PROPOSED: (RETURN_DECISION,),
        Status.AWAITING_DOCUMENTS: (),
        Status.ACCEPTED: (DECIDE,),
        Status.IN_PROGRESS: (DECIDE,),
        Status.TRANSFER_PROPOSED: (ACCEPT, DECIDE),
        Status.SUSPENDED: (),
        Status.RETURNED: (),
        Status.TRANSFERRED: (),
        Status.CLOSED: (),
        Status.CANCELLED: (),
    }
)
"""The clocks that can still be missed in each status: what the agency has done (signed for, accepted) no longer runs.

While a return is proposed the agency's own clocks stand still and the coordinator's runs. While a transfer is, they go
on as before, the time to accept as long as nobody has accepted. A step within the decision time has a day of its own,
which is told and explained; the referral's light is that of the clocks here.
"""

CLOCK_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        ASSIGN: Text("分派时限", "Time to assign"),
        ACKNOWLEDGE: Text("签收时限", "Time to acknowledge"),
        ACCEPT: Text("受理时限", "Time to accept"),
        STEP: Text("本步骤时限", "Time for this step"),
        DECIDE: Text("办结时限", "Time to decide"),
        RETURN_DECISION: Text("退回确认时限", "Time to settle the return"),
        ANSWER_WITHDRAWAL: Text("说明保存依据", "To state the ground for keeping the data"),
    }
)

UNIT_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "working_day": Text("个工作日", "working days"),
        "calendar_day": Text("个自然日", "calendar days"),
        "hour": Text("小时", "hours"),
    }
)

SPECIALIST, COORDINATOR = "specialist", "coordinator"

WHOSE: Mapping[str, str] = MappingProxyType({ASSIGN: SPECIALIST, RETURN_DECISION: COORDINATOR})
"""The clocks that are not the agency's own → who is late when they run out: no notice about them goes to the agency."""

_OF_THE_PLATFORM: Mapping[str, str] = MappingProxyType({ASSIGN: "assign", RETURN_DECISION: "return_decision"})
"""Clocks that no programme has: the district's own limits, counted from the status they run in."""

RELIEF_PAID = "relief-paid"
"""The step by which aid that comes first is given; its paperwork is due from then."""

SUPPLEMENT = "supplement"
"""The district's limit for what a person is asked to bring."""
SUSPENSION = "suspension"
"""The district's limit for how far ahead a day of review may lie."""
LONGEST_SUSPENSION: Mapping[str, Any] = MappingProxyType({"unit": "calendar_day", "total": 90})
"""That limit where the district has none; no statute sets it."""


class Starts(NamedTuple):
    """The moments a clock may start from; None is still to come. ``since`` is when the present status began."""

    issued: datetime | None
    received: datetime | None
    accepted: datetime | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """One running clock: its name, when it started and when it is due."""

    clock: str
    started_at: datetime
    due_at: datetime
    due_on: date
    yellow_at: datetime
    yellow_on: date


@dataclass(frozen=True, slots=True)
class Timetable:
    """What deadlines are reckoned with.

    The calendar of the district and its time zone, its own ``limits``, the ``escalation`` table (``at`` in working days
    after the due day), whether an agency's silence accepts, and for how many years ended cases are kept.
    """

    calendar: Calendar
    timezone: str
    limits: Mapping[str, Any] = field(default_factory=dict)
    escalation: Sequence[Mapping[str, Any]] = ()
    silence_accepts: bool = True
    keep_years: int = 5

    def due(
        self, rule: Mapping[str, Any], started_at: datetime, pauses: Sequence[Pause] = (), used: int = 0
    ) -> Deadline:
        """Work out one clock's deadline."""
        return deadline(rule, started_at, self.calendar, self.timezone, pauses, used)  # type: ignore[arg-type]

    def day_of(self, at: datetime) -> date:
        """Give the day of a moment in the district's own time."""
        return local_date(at, self.timezone)


def rule_of(
    name: str, rules: Mapping[str, Any], starts: Starts, life: Life, timetable: Timetable
) -> tuple[Mapping[str, Any], datetime] | None:
    """Give the rule by which a clock counts and the moment it starts; None if it has none or has not started."""
    started_at: datetime | None
    if name in _OF_THE_PLATFORM:
        rule = timetable.limits.get(_OF_THE_PLATFORM[name])
        started_at = starts.since
    elif name == STEP:
        rule = _rule_of_next_step(rules, life)
        started_at = _step_began(rules, starts, life, timetable)
    else:
        rule = rules["clocks"].get(name)
        started_at = None if rule is None else getattr(starts, rule["starts_on"])
        if rule is not None and name == DECIDE:
            rule, started_at = _decision(rule, started_at, rules, life)
    return None if rule is None or started_at is None else (rule, started_at)


def _decision(
    rule: Mapping[str, Any], started_at: datetime | None, rules: Mapping[str, Any], life: Life
) -> tuple[Mapping[str, Any], datetime | None]:
    """Give the decision's clock as it runs now.

    Extended, it has a larger total. Where aid comes first (社会救助暂行办法 48), it is the time to pay, and from the
    moment of payment the time for the paperwork that follows.
    """
    aid_first = rules.get("aid_first")
    if not aid_first:
        return (rule if life.decide_total is None else {**rule, "total": life.decide_total}), started_at
    paid_at = next((step.at for step in life.steps if step.step == RELIEF_PAID), None)
    if paid_at is None:
        return {**aid_first["pay_within"], "starts_on": rule["starts_on"]}, started_at
    return {**aid_first["papers_after"], "starts_on": RELIEF_PAID}, paid_at


def running_in(status: Status, *, accepted: bool) -> tuple[str, ...]:
    """Name the clocks that can still be missed in a status: to accept only while the agency has not accepted."""
    return tuple(name for name in RUNNING[status] if name != ACCEPT or not accepted)


def clock(
    name: str,
    rules: Mapping[str, Any],
    starts: Starts,
    timetable: Timetable,
    life: Life = FRESH,
) -> Running | None:
    """Give one clock; None if the referral has none of that name or it has not started."""
    found = rule_of(name, rules, starts, life, timetable)
    if found is None:
        return None
    rule, started_at = found
    used = life.days_used if name == DECIDE else 0
    due = timetable.due(rule, started_at, pauses_of(life), used)
    return Running(name, started_at, due.due_at, due.due_on, due.yellow_at, due.yellow_on)


def pauses_of(life: Life) -> tuple[Pause, ...]:
    """Give the pauses that are over; while one lasts no clock of the agency runs."""
    return tuple(Pause(each.start, each.end, each.kind) for each in life.pauses if each.end is not None)


def due_first(
    status: Status,
    rules: Mapping[str, Any],
    starts: Starts,
    timetable: Timetable,
    life: Life = FRESH,
) -> Running | None:
    """Give the running clock that is due first in a status; None while none runs.

    An answer that is owed to a withdrawn consent comes before all others, also while these stand still or have ended.
    """
    if owes_answer(life):
        return _owed_since(life.frozen.at, timetable) if life.frozen else None
    return first_of_its_own(status, rules, starts, timetable, life)


def owes_answer(life: Life) -> bool:
    """Tell whether consent has ended and the agency has not acknowledged it: that is due then, whatever its clocks.

    What has ended is no exception as long as the agency holds the packet.
    """
    frozen = life.frozen
    return frozen is not None and frozen.acknowledged_at is None and frozen.forgotten_at is None


def _owed_since(at: datetime, timetable: Timetable) -> Running:
    on = timetable.day_of(at)
    due_on = timetable.calendar.next_working_day(on)
    # On a day off nobody is there to answer: it is late from the beginning of the day on which offices open.
    opens = datetime.combine(due_on, time.min, ZoneInfo(timetable.timezone)).astimezone(UTC)
    return Running(ANSWER_WITHDRAWAL, at, at if due_on == on else opens, due_on, at, on)


def first_of_its_own(
    status: Status, rules: Mapping[str, Any], starts: Starts, timetable: Timetable, life: Life
) -> Running | None:
    """Give the clock of the status that is due first; None while none runs.

    Of two that are due at the same moment the one that stands first in ``RUNNING`` counts.
    """
    first: Running | None = None
    if stands_still(status, life):
        return None
    for name in running_in(status, accepted=starts.accepted is not None):
        running = clock(name, rules, starts, timetable, life)
        if running is not None and (first is None or running.due_at < first.due_at):
            first = running
    return first


def stands_still(status: Status, life: Life) -> bool:
    """Tell whether no time runs because the street has sent a planned leg back to the desk that filed it."""
    return status is Status.PLANNED and life.sent_back


def _step_began(
    rules: Mapping[str, Any], starts: Starts, life: Life, timetable: Timetable
) -> datetime | None:
    if not life.steps:
        return starts.accepted
    last = life.steps[-1]
    if last.step != PUBLICITY or not rules.get("publicity"):
        return last.at
    # What follows a public notice can begin only when that has hung long enough.
    return publicity_ends_at(rules["publicity"], last.at, timetable.calendar, timetable.timezone)


def _rule_of_next_step(rules: Mapping[str, Any], life: Life) -> Mapping[str, Any] | None:
    limits: Mapping[str, Any] = rules.get("step_limits") or {}
    if not limits:
        return None
    reached = {step.step for step in life.steps}
    following = next((step for step in rules["steps"] if step not in reached), None)
    return None if following is None else limits.get(following)
