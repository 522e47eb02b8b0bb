"""What each timer does to a referral when it runs out, as changes like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain import timers
from services.referrals.domain.clocks import STEP, WHOSE, Timetable, clock
from services.referrals.domain.doing import Doing
from services.referrals.domain.life import Told
from services.referrals.domain.referral import Change, Referral, act
from services.referrals.domain.side_actions import side_act

NOTICES: Mapping[str, str] = MappingProxyType(
    {"blue-notice": "blue", "yellow-notice": "yellow", "red-notice": "red"}
)
"""What a level of the escalation table does → the supervision notice it gives."""

_NO_CODES: Mapping[str, Any] = MappingProxyType({})

Deed = Callable[[Referral, datetime, Timetable], Change]


def _accept(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    # Silence counts from delivery; whoever signed for it after its time had run out is not put before that.
    at = min(now, max(referral.timer_at or now, referral.status_since))
    return act(referral, "accept", {"deemed": True}, at, reckoning)


def _escalate(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    level = timers.next_level(referral, reckoning)
    row: Mapping[str, Any] = next(
        (row for row in reckoning.escalation if level is not None and int(row["at"]) == level), {}
    )
    told = timers.level_told(referral, level or 0)
    notice = next((NOTICES[deed] for deed in row.get("do", ()) if deed in NOTICES), None)
    due_on = referral.due_on.isoformat() if referral.due_on else None
    whose = WHOSE.get(referral.clock or "")
    if whose is not None:
        # The agency may not even know of it: they who are late hear of it, and it stands on nobody else's record.
        codes: dict[str, Any] = {"whose": whose, **({"level": notice} if notice else {})}
        about = "overdue" if row.get("at", 0) > 0 else "due-soon"
        return _remind(referral, now, reckoning, about, due_on, _after(referral, told), codes)
    if notice is None:
        copies = list(row.get("copy_to", ()))
        codes = {"copy_to": copies} if copies else {}
        return _remind(referral, now, reckoning, "due-soon", due_on, _after(referral, told), codes)
    fields = {"level": notice, "cause": "clock", "told": told}
    return side_act(referral, "supervise", Doing(referral, fields, now, reckoning, None))


def _remind_papers(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    life = referral.life
    changes = {
        "papers_reminders": life.papers_reminders + 1,
        "papers_reminded_on": reckoning.day_of(now),
    }
    due_on = life.papers_due_on.isoformat() if life.papers_due_on else None
    return _remind(referral, now, reckoning, "papers", due_on, changes)


def _lapse(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    return act(referral, "lapse", {}, now, reckoning)


def _review(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    on = referral.life.review_on
    changes = _after(referral, timers.review_told(on)) if on else {}
    return _remind(referral, now, reckoning, "review", on.isoformat() if on else None, changes)


def _step(referral: Referral, now: datetime, reckoning: Timetable) -> Change:
    step = clock(STEP, referral.rules, referral.starts, reckoning, referral.life)
    if step is None:
        return _remind(referral, now, reckoning, "step", None, {})
    changes = _after(referral, timers.step_told(step.due_on, len(referral.life.steps)))
    return _remind(referral, now, reckoning, "step", step.due_on.isoformat(), changes)


def _after(referral: Referral, told: Told) -> Mapping[str, Any]:
    return {"told": referral.life.after_telling(told).told}


def _remind(
    referral: Referral,
    now: datetime,
    reckoning: Timetable,
    about: str,
    on: str | None,
    life: Mapping[str, Any],
    codes: Mapping[str, Any] = _NO_CODES,
) -> Change:
    fields = {"about": about, "on": on, "life": life, **codes}
    return side_act(referral, "remind", Doing(referral, fields, now, reckoning, None))


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        timers.ACCEPT_ON_SILENCE: _accept,
        timers.ESCALATE: _escalate,
        timers.REMIND_PAPERS: _remind_papers,
        timers.LAPSE: _lapse,
        timers.REVIEW: _review,
        timers.STEP_DUE: _step,
    }
)
"""By timer, what it does; the rest (forgetting, working out anew) changes nothing that is told."""
