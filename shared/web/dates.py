"""Dates as people write them: 2026年11月23日 周一, Mon 23 Nov 2026; moments in the district's own time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written_date(day: dt.date, language: str) -> str:
    """Write a date with its weekday."""
    weekday, date = day.weekday(), plain_date(day, language)
    return f"{_EN_DAYS[weekday]} {date}" if language == "en" else f"{date} 周{_ZH_DAYS[weekday]}"


def plain_date(day: dt.date, language: str) -> str:
    """Write a date without its weekday, which is of no interest in a date of birth."""
    if language == "en":
        return f"{day.day} {_EN_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def short_date(day: dt.date, language: str) -> str:
    """Write a date without year and weekday, for narrow columns."""
    return f"{day.day} {_EN_MONTHS[day.month - 1]}" if language == "en" else f"{day.month}月{day.day}日"


def written_moment(moment: dt.datetime, language: str, timezone: str) -> str:
    """Write an aware moment as date and time of day in the district's time zone."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{written_date(local.date(), language)} {local:%H:%M}"


def as_date(value: dt.date | dt.datetime | str, timezone: str) -> dt.date:
    """Give the local date of a date, an aware moment or an ISO text of either."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
    return value.astimezone(ZoneInfo(timezone)).date() if isinstance(value, dt.datetime) else value
