"""A made-up holiday notice for 2027, the first year for which the package knows no make-up workdays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from shared.clock.statutory import holidays_by_law

HEADER = "date,day,name_zh,name_en"
NOTICE_2027 = [
    "2026-12-27,work,元旦调休上班,Make-up day for New Year's Day",
    "2027-01-01,off,元旦,New Year's Day",
    *(f"2027-02-{day:02},off,春节,Spring Festival" for day in range(5, 13)),
    "2027-01-31,work,春节调休上班,Make-up day for the Spring Festival",
    "2027-02-20,work,春节调休上班,Make-up day for the Spring Festival",
    *(f"2027-04-{day:02},off,清明节,Tomb-Sweeping Day" for day in (3, 4, 5)),
    *(f"2027-05-{day:02},off,劳动节,Labour Day" for day in range(1, 6)),
    "2027-05-08,work,劳动节调休上班,Make-up day for Labour Day",
    "2027-06-09,off,端午节,Dragon Boat Festival",
    "2027-09-15,off,中秋节,Mid-Autumn Festival",
    *(f"2027-10-{day:02},off,国庆节,National Day" for day in range(1, 8)),
    "2027-09-26,work,国庆节调休上班,Make-up day for National Day",
    "2027-10-09,work,国庆节调休上班,Make-up day for National Day",
]
"""Nobody knows the true one yet: this one makes a Sunday of December 2026 a working day, as real ones have done."""


def write_notice(folder: Path, rows: list[str] | None = None, header: str = HEADER) -> Path:
    """Write a notice as a district office would save it."""
    file = folder / "notice.csv"
    file.write_text("\n".join([header, *(NOTICE_2027 if rows is None else rows), ""]), encoding="utf-8-sig")
    return file


def write_notice_with(folder: Path, off: date) -> Path:
    """Write a notice for the year of a day, whenever that is, in which this day is off."""
    days = sorted({*holidays_by_law(off.year), off})
    return write_notice(folder, [f"{day},off,放假,Day off" for day in days])
