"""What moves a due day without anybody acting: a calendar that changes, or data that are removed in the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.referrals.domain.clocks import SUPPLEMENT, Timetable, owes_answer
from services.referrals.domain.referral import Change, Referral, changed, reckoned
from services.referrals.domain.status import ENDED, Status

MOVE_DUE = "move-due"
FACT = "referral.due-moved.v1"


@dataclass(frozen=True, slots=True)
class Retimed:
    """A referral whose days all stay, but at which time will do something at another moment than was planned."""

    before: Referral
    after: Referral


def moved(referral: Referral, at: datetime, timetable: Timetable) -> Change | Retimed | None:
    """Reckon a referral of which something is due anew by a calendar; None where nothing follows from it.

    The time a person has for papers only ever moves later: no calendar turns against them. Of whoever was erased
    nothing is due, also where an older copy of the tables has opened the referral again.
    """
    if referral.life.erased_at is not None:
        return None
    if referral.status in ENDED and not owes_answer(referral.life):
        return None
    papers_due_on = _papers_due_on(referral, timetable)
    kept = replace(referral, life=replace(referral.life, papers_due_on=papers_due_on))
    after = reckoned(kept, at, timetable)
    if _days(after) != _days(referral):
        return changed(referral, kept, MOVE_DUE, FACT, _codes(referral, after), at, timetable)
    return Retimed(referral, after) if after != referral else None


def owed_no_more(referral: Referral, at: datetime, timetable: Timetable) -> Change | None:
    """Note that what an answer was owed for is removed, however late: nothing is due then; None where none is owed."""
    frozen = referral.life.frozen
    if frozen is None or not owes_answer(referral.life):
        return None
    kept = replace(referral, life=replace(referral.life, frozen=replace(frozen, forgotten_at=at)))
    return changed(
        referral, kept, MOVE_DUE, FACT, _codes(referral, reckoned(kept, at, timetable)), at, timetable
    )


def _days(referral: Referral) -> tuple[object, ...]:
    return (
        referral.clock,
        referral.due_at,
        referral.due_on,
        referral.yellow_at,
        referral.life.papers_due_on,
    )


def _codes(before: Referral, after: Referral) -> dict[str, Any]:
    codes: dict[str, Any] = {"was_on": before.due_on.isoformat() if before.due_on else None}
    if after.life.papers_due_on is not None and after.life.papers_due_on != before.life.papers_due_on:
        codes["papers_due_on"] = after.life.papers_due_on.isoformat()
    return codes


def _papers_due_on(referral: Referral, timetable: Timetable) -> date | None:
    known, rule = referral.life.papers_due_on, timetable.limits.get(SUPPLEMENT)
    asked_at = next((pause.start for pause in referral.life.pauses if pause.end is None), None)
    if known is None or rule is None or asked_at is None or referral.status is not Status.AWAITING_DOCUMENTS:
        return known
    due_on = timetable.due(rule, asked_at).due_on
    if referral.life.papers_extended:
        due_on = timetable.calendar.add_working_days(due_on, rule["total"])
    return max(known, due_on)
