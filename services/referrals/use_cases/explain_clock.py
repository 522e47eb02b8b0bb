"""How a referral's time is counted, day by day: pauses, extension, public notice, and what is not final yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, cast

from services.referrals.domain.clocks import (
    ANSWER_WITHDRAWAL,
    CLOCK_TEXTS,
    DECIDE,
    Timetable,
    clock,
    first_of_its_own,
    pauses_of,
    rule_of,
    running_in,
    stands_still,
)
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import PAUSED
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.read import read_shown
from services.referrals.use_cases.views import ReferralView
from shared.clock import (
    ClockRule,
    ExplainedDay,
    Pause,
    StepDue,
    explain,
    publicity_ends_at,
    remaining,
    step_dues,
)
from shared.clock.steps import PUBLICITY
from shared.identity import Principal
from shared.text import Text

WHY_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "counted": Text("计入", "counts"),
        "day-off": Text("非工作日", "not a working day"),
        "paused": Text("暂停计时", "clock stopped"),
        "stopped-on-last-day": Text(
            "最后一日停止计时，恢复后重新计算该日", "stopped on its last day, which is had again afterwards"
        ),
        "rolled": Text("届满日遇非工作日，顺延", "the last day was no working day, so it runs on"),
        "past-due": Text("已超期", "overdue"),
    }
)
PAUSE_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "papers": Text("等待补正材料", "waiting for papers"),
        "suspension": Text("中止", "suspended"),
        "return": Text("退回待确认", "return proposed"),
        "publicity": Text("公示（不计入时限）", "public notice, whose days do not count"),
        "closed": Text("办结至重新办理", "closed, then reopened"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One clock of a referral: its rule, when it started and is due, and whether it still runs.

    ``total`` is the total that holds; ``extended_from`` the one before an extension, ``days_used`` what a predecessor
    had used of it. ``days`` explains the clock due first (while the referral is paused, the decision's) day by day,
    from the first that can count to the due day, or to today while that is not known; ``left`` is what it has left
    after today, in whole units (None for hours).
    """

    clock: str
    name: Text
    unit: str
    total: int
    extended_from: int | None
    days_used: int
    starts_on: str | None
    started_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    yellow_on: date | None
    running: bool
    days: Sequence[ExplainedDay] = ()
    left: int | None = None


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """A public notice: from when it hangs until when, and whether its days count in the agency's time."""

    start: datetime
    end: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a referral's time is counted: its clocks, its pauses (open where ``end`` is None), notice and steps."""

    view: ReferralView
    clocks: Sequence[ClockView]
    pauses: Sequence[tuple[str, datetime, datetime | None]]
    notice: PublicNotice | None
    steps: Sequence[StepDue]
    provisional: bool


def explain_clock(
    context: Context, principal: Principal, referral_id: str, *, with_badge: bool = False
) -> Explanation:
    """Explain how a referral's time is counted. Raises as ``read_referral``."""
    shown = read_shown(context, principal, referral_id, with_badge=with_badge)
    referral = shown.referral
    table = timetable(context.directory.current())
    now = context.clock.now()
    clocks = [*_owed(referral), *(_explained(referral, name, table, now) for name in _names(referral, table))]
    return Explanation(
        view=shown,
        clocks=clocks,
        pauses=[(pause.kind, pause.start, pause.end) for pause in referral.life.pauses],
        notice=_notice(referral, table),
        steps=_steps(referral, table),
        provisional=any(day.day.provisional for each in clocks for day in each.days),
    )


def _names(referral: Referral, table: Timetable) -> list[str]:
    """Name the clocks of the rules, and after them the district's own that run now."""
    travelled: Mapping[str, Any] = referral.rules["clocks"]
    own = [name for name in running_in(referral.status, accepted=referral.accepted) if name not in travelled]
    return [*travelled, *(name for name in own if _ruled(referral, name, table))]


def _owed(referral: Referral) -> list[ClockView]:
    """Give the answer that is owed to a withdrawn consent; it has no time that could be counted."""
    frozen = referral.life.frozen
    if referral.clock != ANSWER_WITHDRAWAL or frozen is None:
        return []
    return [
        ClockView(
            clock=ANSWER_WITHDRAWAL,
            name=CLOCK_TEXTS[ANSWER_WITHDRAWAL],
            unit="working_day",
            total=0,
            extended_from=None,
            days_used=0,
            starts_on=None,
            started_at=frozen.at,
            due_at=referral.due_at,
            due_on=referral.due_on,
            yellow_on=referral.yellow_on,
            running=True,
        )
    ]


def _due_first(referral: Referral, table: Timetable) -> str | None:
    """Name the clock that is explained day by day."""
    if referral.status in PAUSED:
        return DECIDE
    first = first_of_its_own(referral.status, referral.rules, referral.starts, table, referral.life)
    return first.clock if first else None


def _ruled(referral: Referral, name: str, table: Timetable) -> tuple[Mapping[str, Any], datetime] | None:
    return rule_of(name, referral.rules, referral.starts, referral.life, table)


def _explained(referral: Referral, name: str, table: Timetable, now: datetime) -> ClockView:
    ruled = _ruled(referral, name, table)
    travelled: Mapping[str, Any] = referral.rules["clocks"].get(name) or {}
    rule = ruled[0] if ruled else travelled
    paused = referral.status in PAUSED
    waiting = paused or stands_still(referral.status, referral.life)
    counted = clock(name, referral.rules, referral.starts, table, referral.life)
    # While a pause lasts nobody knows the day.
    due = None if waiting else counted
    used = referral.life.days_used if name == DECIDE else 0
    days: list[ExplainedDay] = []
    if counted is not None and name == _due_first(referral, table):
        until = table.day_of(now) if due is None else due.due_on
        days = explain(
            cast("ClockRule", rule),
            counted.started_at,
            until,
            table.calendar,
            table.timezone,
            _pauses(referral, now),
            used,
        )
    return ClockView(
        clock=name,
        name=CLOCK_TEXTS[name],
        unit=rule["unit"],
        total=rule["total"],
        extended_from=travelled["total"] if name == DECIDE and referral.life.decide_total else None,
        days_used=used,
        # Where aid came first the rule that holds is another than the one that travelled.
        starts_on=rule.get("starts_on") if travelled else None,
        started_at=counted.started_at if counted else None,
        due_at=due.due_at if due else None,
        due_on=due.due_on if due else None,
        yellow_on=due.yellow_on if due else None,
        running=due is not None and name in running_in(referral.status, accepted=referral.accepted),
        days=days,
        left=_left(cast("ClockRule", rule), used, days, table.day_of(now)) if days else None,
    )


def _pauses(referral: Referral, now: datetime) -> list[Pause]:
    """Give every pause, the one that lasts as it is by now."""
    return [
        Pause(each.start, max(now, each.start) if each.end is None else each.end, each.kind)
        for each in referral.life.pauses
    ]


def _left(rule: ClockRule, used: int, days: Sequence[ExplainedDay], today: date) -> int | None:
    if rule["unit"] == "hour":
        return None
    gone = sum(day.units for day in days if day.day.on <= today)
    return int(max(remaining(rule, used) - gone, 0))


def _notice(referral: Referral, table: Timetable) -> PublicNotice | None:
    rule = referral.rules.get("publicity")
    put_up = next((step.at for step in reversed(referral.life.steps) if step.step == PUBLICITY), None)
    if not rule or put_up is None:
        return None
    return PublicNotice(
        put_up, publicity_ends_at(rule, put_up, table.calendar, table.timezone), bool(rule["counts"])
    )


def _steps(referral: Referral, table: Timetable) -> list[StepDue]:
    limits = referral.rules.get("step_limits")
    if not limits or referral.accepted_at is None:
        return []
    return step_dues(
        referral.rules["steps"],
        limits,
        referral.accepted_at,
        {step.step: step.at for step in referral.life.steps},
        table.calendar,
        table.timezone,
        publicity=referral.rules.get("publicity"),
        pauses=pauses_of(referral.life),
    )
