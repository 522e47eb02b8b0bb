"""The State Council's holiday notice of one year: read from a table, checked as a whole, and laid over a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared.clock.statutory import holidays_by_law
from shared.directory.content import district_from, version_of
from shared.directory.csv_source import Row, read_csv
from shared.directory.messages import MESSAGES
from shared.directory.model import District
from shared.directory.pack import PackError
from shared.directory.yaml_source import Flaw
from shared.text import Text

COLUMNS = ("date", "day", "name_zh", "name_en")
"""The header of the table: a day, ``off`` or ``work``, and what it is called."""

NOTICE_MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "no-days": (
            Text("文件中没有任何一天。", "The file has no days."),
            Text(
                "请按通知逐日填写放假和上班的日期。", "List each day off and each day worked of the notice."
            ),
        ),
        "another-year": (
            Text("{value} 不属于 {key} 年的通知。", "{value} does not belong to the notice for {key}."),
            Text(
                "一个文件只写一年的通知；上一年的日期只能在 12 月。",
                "One file holds the notice of one year; of the year before it may mark days of December only.",
            ),
        ),
        "worked-anyway": (
            Text("{value} 不是周末，本来就上班。", "{value} is no weekend and is worked anyway."),
            Text(
                "请核对日期；调休上班只能是周六或周日。",
                "Check the date; only a Saturday or Sunday can be made a working day.",
            ),
        ),
        "holiday-worked": (
            Text(
                "{value} 是法定节假日（{key}），不能上班。",
                "{value} is a holiday by law ({key}), never worked.",
            ),
            Text("请核对日期，改为 off。", "Check the date, and write off."),
        ),
        "holiday-missing": (
            Text("缺少法定节假日 {value}（{key}）。", "The holiday {value} ({key}) is missing."),
            Text(
                "通知代表全年：未写的工作日一律上班。请补上这一天。",
                "The notice stands for its whole year: a weekday that it leaves out is worked. Add this day.",
            ),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class HolidayNotice:
    """One year's notice: its days in order, each as (day, worked, name), and where it comes from."""

    year: int
    days: tuple[tuple[date, bool, Text], ...]
    source: str


def read_notice(path: Path, source: str) -> tuple[HolidayNotice | None, list[PackError]]:
    """Read a notice and give it, or else everything that is wrong with the file, by line."""
    rows, flaws = read_csv(path, COLUMNS)
    flaws = [*flaws, *_flaws(rows)]
    if not rows and not flaws:
        flaws = [Flaw(1, "no-days")]
    if flaws:
        found = {_error(path.name, flaw) for flaw in flaws}
        return None, sorted(found, key=lambda error: (error.line, error.message.en))
    days = sorted(
        (
            (
                date.fromisoformat(row.values["date"]),
                row.values["day"] == "work",
                Text(row.values["name_zh"], row.values["name_en"]),
            )
            for row in rows
        ),
        key=lambda day: day[0],
    )
    return HolidayNotice(days[-1][0].year, tuple(days), source), []


def _flaws(rows: list[Row]) -> Iterator[Flaw]:
    days: dict[date, Row] = {}
    for row in rows:
        for column in COLUMNS:
            if not row.values[column]:
                yield Flaw(row.line, "empty", key=column)
        if row.values["day"] not in {"off", "work"}:
            yield Flaw(row.line, "not-one-of", key="day", value="off, work")
        try:
            on = date.fromisoformat(row.values["date"])
        except ValueError:
            yield Flaw(row.line, "not-date", key="date")
            continue
        if on in days:
            yield Flaw(row.line, "duplicate-day", value=on.isoformat())
        days[on] = row
    if days:
        yield from _flaws_of_days(days, max(days).year)


def _flaws_of_days(days: Mapping[date, Row], year: int) -> Iterator[Flaw]:
    by_law = holidays_by_law(year)
    for on, row in days.items():
        if on.year != year and on < date(year - 1, 12, 1):
            yield Flaw(row.line, "another-year", key=str(year), value=on.isoformat())
        elif row.values["day"] == "work" and on in by_law:
            yield Flaw(row.line, "holiday-worked", key=_both(by_law[on]), value=on.isoformat())
        elif row.values["day"] == "work" and on.weekday() < _SATURDAY:
            yield Flaw(row.line, "worked-anyway", value=on.isoformat())
    last = max(row.line for row in days.values())
    for on, name in by_law.items():
        if on not in days and on.weekday() < _SATURDAY:
            yield Flaw(last, "holiday-missing", key=_both(name), value=on.isoformat())


def _both(name: Text) -> str:
    return f"{name.zh} {name.en}"


def _error(file: str, flaw: Flaw) -> PackError:
    message, remedy = NOTICE_MESSAGES.get(flaw.code) or MESSAGES[flaw.code]
    named = {"key": flaw.key, "value": flaw.value}
    return PackError(file, flaw.line, message.format(**named), remedy.format(**named))


def imported_notices(district: District) -> list[HolidayNotice]:
    """Give the notices that were imported into a pack in force, by year."""
    return [_from_json(item) for item in _imported(district).get("notices", ())]


def with_notice(district: District, notice: HolidayNotice) -> District:
    """Lay a notice over a whole pack: a new version of it, in which the notice stands for its year.

    It takes the place of any other notice for that year, also of the pack's own. The district's own days stay over
    it. The same notice again gives the same version. Raises ``ValueError`` for a pack that was cut for a service.
    """
    if district.service not in {None, _WHOLE}:
        message = f"a pack cut for {district.service} is not whole"
        raise ValueError(message)
    kept = [other for other in imported_notices(district) if other.year != notice.year]
    return _laid(district, sorted([*kept, notice], key=lambda other: other.year))


def carried_over(district: District, in_force: District | None) -> District:
    """Lay the notices imported so far over a pack that was read from its folder, so that applying it keeps them."""
    notices = [] if in_force is None else imported_notices(in_force)
    return _laid(district, notices) if notices else district


def version_on_disk(district: District) -> str:
    """Give the version of the folder from which a pack in force was read, before any notice was laid over it."""
    version: str = _imported(district).get("over", district.version)
    return version


_SATURDAY = 5
_WHOLE = "intake"
_IMPORTED = "imported"


def _imported(district: District) -> Mapping[str, Any]:
    found: Mapping[str, Any] = district.content.get(_IMPORTED, {})
    return found


def _laid(district: District, notices: list[HolidayNotice]) -> District:
    items = [_to_json(notice) for notice in notices]
    years = {notice.year for notice in notices}
    own = [
        mark
        for mark in district.content["calendar"]
        if mark["layer"] != "notice" or mark["year"] not in years
    ]
    laid = [mark for item in items for mark in item["days"]]
    content = {
        **district.content,
        "calendar": [*own, *laid],
        _IMPORTED: {"over": version_on_disk(district), "notices": items},
    }
    return district_from(content, version=version_of(content), service=district.service)


def _to_json(notice: HolidayNotice) -> dict[str, Any]:
    return {
        "year": notice.year,
        "source": notice.source,
        "days": [
            {
                "date": on.isoformat(),
                "day": "work" if worked else "off",
                "name": {"zh": name.zh, "en": name.en},
                "layer": "notice",
                "year": notice.year,
                "source": notice.source,
            }
            for on, worked, name in notice.days
        ],
    }


def _from_json(item: Mapping[str, Any]) -> HolidayNotice:
    days = tuple(
        (date.fromisoformat(day["date"]), day["day"] == "work", Text(day["name"]["zh"], day["name"]["en"]))
        for day in item["days"]
    )
    return HolidayNotice(item["year"], days, item["source"])
