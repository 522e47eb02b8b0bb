"""What the ``holidays`` package knows of a year in China: days off, make-up workdays, and how final that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from shared.text import Text


@dataclass(frozen=True, slots=True)
class StatutoryYear:
    """One year as the package has it.

    ``provisional`` is true while the package lists the statutory days alone: the State Council's notice,
    which moves rest days about, comes out only in the autumn before (and no package guesses it).
    """

    off: dict[date, Text]
    work: frozenset[date]
    provisional: bool


@lru_cache(maxsize=256)
def statutory_year(year: int) -> StatutoryYear:
    """Read one year out of the package; a few milliseconds once, then from memory."""
    import holidays  # noqa: PLC0415 - a tenth of a second that only who needs a calendar should pay

    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    made_up = frozenset(day for day in chinese.weekend_workdays if day.year == year)
    off = {
        day: Text(name, english.get(day) or name)
        for day, name in chinese.items()
        if day.year == year and day not in made_up
    }
    return StatutoryYear(off=off, work=made_up, provisional=not made_up)


@lru_cache(maxsize=16)
def holidays_by_law(year: int) -> dict[date, Text]:
    """Give the days that the law itself makes holidays (放假办法 Art. 2), without any that a notice moves or adds."""
    import holidays  # noqa: PLC0415 - as above

    chinese = holidays.country_holidays("CN", years=year, language="zh_CN", observed=False)
    english = holidays.country_holidays("CN", years=year, language="en_US", observed=False)
    return {
        day: Text(name, english[day])
        for day, name in sorted(chinese.items())
        if day.year == year and day in english and not english[day].startswith(_MOVED)
    }


_MOVED = "Day off"  # what the package calls a rest day that a notice has moved
