"""An appointment of a person at an agency: on a day to come, at an hour that there is; a day off is a warning."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from services.referrals.domain import wording
from services.referrals.domain.doing import Doing, Effect, filled, together
from services.referrals.domain.errors import BadFields, FieldFault, TooLate
from shared.text import Text

_HOUR = r"([01]?\d|2[0-3]):([0-5]\d)"
HOURS = rf"{_HOUR}(?: ?[-–] ?{_HOUR})?"
"""An hour, such as 09:30, or from when until when, such as 09:30-11:00."""
LONGEST_AHEAD = timedelta(days=366)
"""What lies further ahead is a slip of the pen: no calendar says yet which of those days are worked."""


def appoint(doing: Doing) -> Effect:
    """Note on which day somebody is to come; hour, place and what to bring go sealed to the help desk.

    Raises ``BadFields`` naming each field that cannot be, ``TooLate`` where this very appointment stands already.
    """
    on, _ = together(lambda: _day(doing), lambda: _check_hours(doing))
    life, marks = doing.referral.life, doing.marks
    if life.appointment_on == on and life.appointment_mark in (marks or (None,)):
        raise TooLate("appointment", doing.referral.status, wording.APPOINTED_ALREADY)
    after = replace(life, appointment_on=on, appointment_mark=marks[0] if marks else None)
    return Effect(after, codes={"on": on.isoformat()})


def day_off(on: date | None, today: date, is_working_day: Callable[[date], bool]) -> Text | None:
    """Give the warning about an appointment still to come on a day on which offices are closed; None for any other."""
    if on is None or on < today or is_working_day(on):
        return None
    return filled(wording.APPOINTMENT_ON_DAY_OFF, day=on.isoformat())


def _day(doing: Doing) -> date:
    on, today = doing.fields.get("on"), doing.timetable.day_of(doing.at)
    if not isinstance(on, date) or on < today:
        raise BadFields([FieldFault("on", wording.APPOINTMENT_NEEDED)])
    if on > today + LONGEST_AHEAD:
        latest = (today + LONGEST_AHEAD).isoformat()
        raise BadFields([FieldFault("on", filled(wording.APPOINTMENT_TOO_FAR, latest=latest))])
    return on


def _check_hours(doing: Doing) -> None:
    said = str(doing.fields.get("at") or "").strip()
    if not said:
        return
    found = re.fullmatch(HOURS, said)
    if found is None:
        raise BadFields([FieldFault("at", wording.HOUR_NEEDED)])
    hour, minute, *end = found.groups()
    begins = time(int(hour), int(minute))
    ends = time(int(end[0]), int(end[1])) if end[0] is not None else None
    if ends is not None and ends <= begins:
        raise BadFields([FieldFault("at", wording.ENDS_BEFORE_IT_BEGINS)])
    now = doing.at.astimezone(ZoneInfo(doing.timetable.timezone))
    if doing.fields.get("on") == now.date() and (ends or begins) <= now.time():
        raise BadFields([FieldFault("at", wording.HOUR_HAS_PASSED)])
