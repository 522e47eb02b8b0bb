"""Due days of 2024 to 2027 that were reckoned by hand from the State Council's notices, not by any program.

Each row says how it was counted: the days that count, with the worked weekends by name and the breaks left out.
2027 has no notice yet, so its rows stand on the statutory days alone and say what is provisional.
"""

from __future__ import annotations

from datetime import date

import pytest

from shared.clock import Calendar, ClockRule, deadline
from tests.unit.clock.test_deadlines import ZONE, at

STATUTORY = Calendar()

WORKING_DAYS = [
    # 2024: Spring Festival 10-17 February (worked: Sunday 4, Sunday 18), Qingming 4-6 April (Sunday 7),
    # Labour Day 1-5 May (Sunday 28 April, Saturday 11 May), 10 June, Mid-Autumn 15-17 September (Saturday 14),
    # National Day 1-7 October (Sunday 29 September, Saturday 12 October).
    (
        "2024-01-02",
        30,
        "2024-02-18",
    ),  # January 3-5, 8-12, 15-19, 22-26, 29-2: 23; Sunday 4, 5-9: 29; Sunday 18
    ("2024-01-29", 10, "2024-02-09"),  # 30, 31, 1, 2, Sunday 4, 5-9; New Year's Eve was no holiday yet
    ("2024-02-08", 5, "2024-02-21"),  # 9, Sunday 18, 19, 20, 21
    ("2024-04-01", 5, "2024-04-09"),  # 2, 3, Sunday 7, 8, 9
    ("2024-04-26", 5, "2024-05-07"),  # Sunday 28, 29, 30, 6, 7
    ("2024-05-06", 10, "2024-05-17"),  # 7-10, Saturday 11, 13-17
    ("2024-06-07", 3, "2024-06-13"),  # 11, 12, 13
    ("2024-09-13", 2, "2024-09-18"),  # Saturday 14, 18
    ("2024-09-27", 3, "2024-10-08"),  # Sunday 29, 30, 8
    ("2024-10-08", 5, "2024-10-14"),  # 9-11, Saturday 12, 14
    ("2024-12-31", 2, "2025-01-03"),  # 2, 3
    # 2025: Spring Festival 28 January - 4 February (Sunday 26 January, Saturday 8 February), Qingming 4-6 April,
    # Labour Day 1-5 May (Sunday 27 April), Dragon Boat 31 May - 2 June, National Day and Mid-Autumn 1-8 October
    # (Sunday 28 September, Saturday 11 October).
    ("2025-01-20", 10, "2025-02-08"),  # 21-24, Sunday 26, 27, 5-7, Saturday 8
    ("2025-04-03", 1, "2025-04-07"),
    ("2025-04-24", 5, "2025-04-30"),  # 25, Sunday 27, 28-30
    ("2025-04-30", 1, "2025-05-06"),
    ("2025-05-30", 1, "2025-06-03"),
    ("2025-09-25", 5, "2025-10-09"),  # 26, Sunday 28, 29, 30, 9
    ("2025-10-09", 5, "2025-10-15"),  # 10, Saturday 11, 13-15
    ("2025-12-15", 20, "2026-01-13"),  # 16-19, 22-26, 29-31: 12; Sunday 4 January, 5-9: 18; 12, 13
    # 2026: New Year 1-3 January (Sunday 4), Spring Festival 15-23 February (Saturday 14, Saturday 28), Qingming
    # 4-6 April, Labour Day 1-5 May (Saturday 9), Dragon Boat 19-21 June, Mid-Autumn 25-27 September, National Day
    # 1-7 October (Sunday 20 September, Saturday 10 October).
    ("2026-01-01", 2, "2026-01-05"),  # filed on a holiday: Sunday 4, 5
    ("2026-02-11", 5, "2026-02-25"),  # 12, 13, Saturday 14, 24, 25
    ("2026-02-24", 5, "2026-03-02"),  # 25-27, Saturday 28, 2
    ("2026-04-03", 2, "2026-04-08"),  # 7, 8
    ("2026-05-06", 5, "2026-05-12"),  # 7, 8, Saturday 9, 11, 12
    ("2026-06-18", 1, "2026-06-22"),
    ("2026-09-17", 5, "2026-09-23"),  # 18, Sunday 20, 21-23
    ("2026-09-23", 5, "2026-10-08"),  # 24, 28-30, 8
    ("2026-10-08", 3, "2026-10-12"),  # 9, Saturday 10, 12
    # 2-4, 7-11, 14-18: 13; Sunday 20, 21-24: 18; 28-30: 21; 8, 9, Saturday 10: 24; 12-16, 19-23, 26-30: 39;
    # November 2-6: 44; 9
    ("2026-09-01", 45, "2026-11-09"),
    ("2026-11-23", 30, "2027-01-05"),  # 24-27, 30-4, 7-11, 14-18, 21-25, 28-31: 28; 4, 5 January
    # 2027, provisional: 1 January; Spring Festival 5-8 February with 9 and 10 for the weekend days in it; 5 April;
    # Labour Day with 3 and 4 May for its weekend; 9 June; 15 September; National Day with 4 and 5 October likewise.
    # 28 in 2026; 4-8, 11-15, 18-22, 25-29: 48; February 1-4: 52; 11, 12, 15-19: 59; 22
    ("2026-11-23", 60, "2027-02-22"),
    ("2027-04-29", 10, "2027-05-17"),  # 30, 5-7, 10-14, 17
    ("2027-06-04", 5, "2027-06-14"),  # 7, 8, 10, 11, 14
    ("2027-09-10", 10, "2027-09-27"),  # 13, 14, 16, 17, 20-24, 27
    ("2027-09-29", 5, "2027-10-11"),  # 30, 6-8, 11
]

CALENDAR_DAYS = [
    ("2024-02-08", 7, "2024-02-18"),  # the 15th is off; the next day worked is the Sunday
    ("2024-04-27", 7, "2024-05-06"),  # 4 May is off until Monday
    ("2025-01-21", 7, "2025-02-05"),  # 28 January is the first day of the festival
    ("2025-09-21", 7, "2025-09-28"),  # a Sunday that is worked
    ("2026-02-07", 7, "2026-02-14"),  # a Saturday that is worked
    ("2026-02-09", 7, "2026-02-24"),  # the 16th is off until the 24th
    ("2026-08-04", 60, "2026-10-08"),  # 60 days to apply for review: 3 October, off until the 8th
    ("2026-09-13", 7, "2026-09-20"),  # a Sunday that is worked
    ("2026-10-03", 7, "2026-10-10"),  # a Saturday that is worked
    ("2026-12-25", 7, "2027-01-04"),  # New Year's Day, then a weekend
    ("2027-01-29", 7, "2027-02-11"),  # provisional: 5-10 February are off
]

HOURS = [
    ("2024-02-10", 24, "2024-02-11"),  # hours run through the festival
    ("2025-10-03", 48, "2025-10-05"),
    ("2026-02-14", 24, "2026-02-15"),
    ("2026-12-31", 24, "2027-01-01"),
]


@pytest.mark.parametrize(
    ("unit", "start", "total", "due"),
    [
        *(("working_day", *row) for row in WORKING_DAYS),
        *(("calendar_day", *row) for row in CALENDAR_DAYS),
        *(("hour", *row) for row in HOURS),
    ],
)
def test_a_due_day_is_the_one_that_was_counted_by_hand(unit: str, start: str, total: int, due: str) -> None:
    rule: ClockRule = {"unit": unit, "total": total}  # type: ignore[typeddict-item]
    assert deadline(rule, at(start), STATUTORY, ZONE).due_on == date.fromisoformat(due)
