"""The two tables of a pack, the grid and the calendar, read row by row with their lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.directory.yaml_source import Flaw

UNIT_COLUMNS = ("code", "name", "parent", "level", "source", "year")
CALENDAR_COLUMNS = ("date", "day", "name_zh", "name_en", "layer", "year", "source")

_LEVEL_ABOVE = {"street": "district", "community": "street"}
_DIGITS = {6, 9, 12}


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line on which it begins."""

    line: int
    values: dict[str, str]


def read_csv(path: Path, columns: tuple[str, ...]) -> tuple[list[Row], list[Flaw]]:
    """Read a table whose header must be ``columns``; rows of another length are flaws and left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [Flaw(1, "file-missing")]
    except UnicodeDecodeError:
        return [], [Flaw(1, "file-not-text")]
    reader = csv.reader(text.splitlines())
    if tuple(next(reader, ())) != columns:
        return [], [Flaw(1, "columns", value=",".join(columns))]
    rows: list[Row] = []
    flaws: list[Flaw] = []
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(columns):
            flaws.append(Flaw(reader.line_num, "row-length"))
            continue
        rows.append(
            Row(reader.line_num, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
        )
    return rows, flaws


def unit_flaws(rows: list[Row], district: str) -> Iterator[Flaw]:
    """Check the grid: codes, one district row, each unit under a parent of the level above."""
    levels = {row.values["code"]: row.values["level"] for row in rows}
    seen: set[str] = set()
    for row in rows:
        code = row.values["code"]
        if not code.isdigit() or len(code) not in _DIGITS:
            yield Flaw(row.line, "bad-code", value=code)
        if code in seen:
            yield Flaw(row.line, "duplicate-id", value=code)
        seen.add(code)
        if not row.values["name"]:
            yield Flaw(row.line, "empty", key="name")
        if not row.values["year"].isdigit():
            yield Flaw(row.line, "not-number", key="year")
        yield from _level_flaws(row, district, levels)
    if rows and list(levels.values()).count("district") != 1:
        yield Flaw(1, "district-row", value=district)


def _level_flaws(row: Row, district: str, levels: dict[str, str]) -> Iterator[Flaw]:
    level, parent = row.values["level"], row.values["parent"]
    if level == "district":
        if row.values["code"] != district or parent:
            yield Flaw(row.line, "district-row", value=district)
    elif level not in _LEVEL_ABOVE:
        yield Flaw(row.line, "not-one-of", key="level", value="district, street, community")
    elif levels.get(parent) != _LEVEL_ABOVE[level]:
        yield Flaw(row.line, "parent", value=parent)


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
        if not row.values["year"].isdigit():
            yield Flaw(row.line, "not-number", key="year")
        for column in ("name_zh", "name_en"):
            if not row.values[column]:
                yield Flaw(row.line, "empty", key=column)
        if (layer, on) in seen:
            yield Flaw(row.line, "duplicate-day", value=on)
        seen.add((layer, on))
