"""The two tables of a pack, the grid and the calendar, read row by row with their lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.directory.files import Flaw, read_text

UNIT_COLUMNS = ("code", "name", "parent", "level", "source", "year")
CALENDAR_COLUMNS = ("date", "day", "name_zh", "name_en", "layer", "year", "source")

_LEVEL_ABOVE = {"street": "district", "community": "street"}
_DIGITS = {"district": 6, "street": 9, "community": 12}
_CODE = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
_MANGLED = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.[0-9]*|['`‘][0-9]+|[０-９]+")
"""What spreadsheets and typing make of a code: 5.30103E+11, 530103004007.0, '530103004007, ５３０１０３."""
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line on which it begins."""

    line: int
    values: dict[str, str]


def read_csv(path: Path, columns: tuple[str, ...]) -> tuple[list[Row], list[Flaw]]:
    """Read a table whose header must be ``columns``; rows that are not as wide are flaws and left out.

    Every row is one line: a quote that is never closed spoils its own line alone.
    """
    text, flaws = read_text(path)
    if flaws:
        return [], flaws
    lines = text.split("\n")
    if tuple(cell.strip() for cell in next(csv.reader(lines[:1]), ())) != columns:
        return [], [Flaw(1, "columns", value=",".join(columns))]
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True), ())]
        except csv.Error:
            flaws.append(Flaw(number, "csv-quote"))
            continue
        if not any(cells):
            continue
        if len(cells) != len(columns):
            flaws.append(Flaw(number, "row-length"))
            continue
        rows.append(Row(number, dict(zip(columns, cells, strict=True))))
    return rows, flaws


def code_flaw(row: Row, column: str) -> Flaw | None:
    """Check that a column holds a division code, and tell what a spreadsheet has done to one."""
    code = row.values[column]
    if _CODE.fullmatch(code):
        return None
    mangled = _MANGLED.fullmatch(code) is not None
    return Flaw(row.line, "spreadsheet-code" if mangled else "bad-code", value=code)


def unit_flaws(rows: list[Row], district: str) -> Iterator[Flaw]:
    """Check the grid: codes, one district row, each unit under a parent of the level above."""
    levels = {row.values["code"]: row.values["level"] for row in rows}
    seen: set[str] = set()
    for row in rows:
        code = row.values["code"]
        flaw = code_flaw(row, "code")
        if flaw is not None:
            yield flaw
        elif district and not code.startswith(district):
            yield Flaw(row.line, "foreign-code", key=district, value=code)
        if code in seen:
            yield Flaw(row.line, "duplicate-id", value=code)
        seen.add(code)
        for column in ("name", "source"):
            if not row.values[column]:
                yield Flaw(row.line, "empty", key=column)
        if not _YEAR.fullmatch(row.values["year"]):
            yield Flaw(row.line, "not-a-year", key="year", value=row.values["year"] or "–")
        yield from _level_flaws(row, district, levels)
    if list(levels.values()).count("district") != 1:
        yield Flaw(1, "district-row", value=district)


def _level_flaws(row: Row, district: str, levels: dict[str, str]) -> Iterator[Flaw]:
    code, level, parent = (row.values[name] for name in ("code", "level", "parent"))
    if level not in _DIGITS:
        yield Flaw(row.line, "not-one-of", key="level", value=", ".join(_DIGITS))
    elif _CODE.fullmatch(code) and len(code) != _DIGITS[level]:
        yield Flaw(row.line, "level-code", key=level, value=str(_DIGITS[level]))
    if level == "district":
        if code != district or parent:
            yield Flaw(row.line, "district-row", value=district)
    elif level in _LEVEL_ABOVE and levels.get(parent) != _LEVEL_ABOVE[level]:
        flaw = code_flaw(row, "parent") if parent else None
        spoilt = flaw is not None and flaw.code == "spreadsheet-code"
        yield flaw if flaw is not None and spoilt else Flaw(row.line, "parent", value=parent or "–")


def calendar_flaws(rows: list[Row]) -> Iterator[Flaw]:
    """Check the marked days: real dates, known words, no day twice in one layer."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        on, layer = row.values["date"], row.values["layer"]
        try:
            date.fromisoformat(on)
        except ValueError:
            yield Flaw(row.line, "not-date", key="date")
        if row.values["day"] not in {"off", "work"}:
            yield Flaw(row.line, "not-one-of", key="day", value="off, work")
        if layer not in {"notice", "override"}:
            yield Flaw(row.line, "not-one-of", key="layer", value="notice, override")
        if not _YEAR.fullmatch(row.values["year"]):
            yield Flaw(row.line, "not-a-year", key="year", value=row.values["year"] or "–")
        for column in ("name_zh", "name_en"):
            if not row.values[column]:
                yield Flaw(row.line, "empty", key=column)
        if (layer, on) in seen:
            yield Flaw(row.line, "duplicate-day", value=on)
        seen.add((layer, on))
