"""What a referral tells when a notice moves its due day is the golden example, to the byte."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.due_moves import moved
from services.referrals.domain.referral import Change, NewLeg, Referral, act, issue
from shared.clock import Calendar, DayMark
from shared.events import Event, example
from shared.text import Text
from tests.contracts.golden import assert_is_golden

NAME = Text("元旦", "New Year's Day")
BREAK = [
    DayMark(date(2027, 1, day), working=False, name=NAME, layer="notice", notice_year=2027)
    for day in (1, 4, 5)
]
BEFORE = Timetable(Calendar(), "Asia/Shanghai")
AFTER = Timetable(Calendar(BREAK), "Asia/Shanghai")


def in_progress(golden: Event) -> Referral:
    """Bring the first leg of the golden request to where the example finds it."""
    submitted: Any = example("request.submitted.v1")
    leg = submitted.data["legs"][0]
    referral = issue(
        NewLeg(
            id=leg["id"],
            number=leg["number"],
            request_id=submitted.subject,
            request_number=submitted.data["number"],
            agency=leg["agency"],
            programme=leg["programme"],
            unit=submitted.data["unit"],
            street=submitted.data["street"],
            urgency=submitted.data["urgency"],
            position=0,
            rules=leg["rules"],
        ),
        example("referral.issued.v1").time,
        BEFORE,
    )
    for action in ("acknowledge", "accept", "start"):
        referral = act(referral, action, {}, golden.time, BEFORE).after
    return referral


def test_a_moved_due_day_is_told_exactly() -> None:
    golden = example("referral.due-moved.v1")
    change = moved(in_progress(golden), golden.time, AFTER)
    assert isinstance(change, Change)
    data = events.changed(change, golden.time, by_post="clock")
    assert_is_golden(
        events.event(
            change.fact,
            change.after,
            data,
            id=golden.id,
            source=golden.source,
            at=golden.time,
            sequence=change.after.event_sequence,
        )
    )


def test_by_the_same_calendar_nothing_moves() -> None:
    assert (
        moved(in_progress(example("referral.due-moved.v1")), example("referral.due-moved.v1").time, BEFORE)
        is None
    )
