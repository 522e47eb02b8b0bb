"""A whole pack from its folder: every file read, every shape and every cross-reference checked, then put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from shared.directory.assembly import assemble
from shared.directory.consistency import flaws_of
from shared.directory.csv_source import (
    CALENDAR_COLUMNS,
    UNIT_COLUMNS,
    Row,
    calendar_flaws,
    read_csv,
    unit_flaws,
)
from shared.directory.messages import MESSAGES
from shared.directory.pack import PackError
from shared.directory.pack_view import Pack
from shared.directory.programme_shapes import ProgrammesShape
from shared.directory.shapes import (
    AgenciesShape,
    DistrictShape,
    FieldsShape,
    NoticesShape,
    PostsShape,
)
from shared.directory.texts import CONSENT_FILES, read_consent
from shared.directory.yaml_source import Flaw, Path_, YamlSource, read_yaml

SHAPES: Mapping[str, type[Schema]] = {
    "district.yaml": DistrictShape,
    "agencies.yaml": AgenciesShape,
    "fields.yaml": FieldsShape,
    "programmes.yaml": ProgrammesShape,
    "posts.yaml": PostsShape,
    "texts/notices.yaml": NoticesShape,
}

_FILES = frozenset({*SHAPES, "units.csv", "calendar.csv", *CONSENT_FILES.values()})
_OURS = frozenset({".yaml", ".yml", ".csv", ".md"})


def read_pack(folder: Path) -> tuple[dict[str, Any], list[PackError]]:
    """Give the content of a pack and all that is wrong in it, by file and line; content is empty if anything is."""
    found: set[PackError] = set()
    sources: dict[str, YamlSource] = {}
    loaded: dict[str, Any] = {}
    for name, shape in SHAPES.items():
        source, flaws = read_yaml(folder / name)
        if source is not None:
            sources[name] = source
            try:
                loaded[name] = shape().load(source.plain)
            except ValidationError as error:
                flaws.extend(_shape_flaws(error.messages, source))
        found.update(_error(name, flaw) for flaw in flaws)

    units, flaws = read_csv(folder / "units.csv", UNIT_COLUMNS)
    plain = sources["district.yaml"].plain if "district.yaml" in sources else None
    district = str(plain.get("code", "")) if isinstance(plain, dict) else ""
    if units or not flaws:
        flaws.extend(unit_flaws(units, district))
    found.update(_error("units.csv", flaw) for flaw in flaws)
    days, flaws = read_csv(folder / "calendar.csv", CALENDAR_COLUMNS)
    found.update(_error("calendar.csv", flaw) for flaw in [*flaws, *calendar_flaws(days)])
    consent: dict[str, str] = {}
    for locale, name in CONSENT_FILES.items():
        consent[locale], flaws = read_consent(folder / name)
        found.update(_error(name, flaw) for flaw in flaws)

    found.update(_error(name, Flaw(1, "unknown-file", value=name)) for name in _strangers(folder))
    pack = Pack(sources, frozenset(_codes(units)))
    found.update(_error(name, flaw) for name, flaw in flaws_of(pack))
    if found:
        return {}, sorted(found, key=lambda error: (error.file, error.line, error.message.en))
    return assemble(loaded, units, days, consent), []


def _strangers(folder: Path) -> Iterator[str]:
    """Name the files that look as if they belonged to a pack and are never read: most often one is misspelt."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.suffix in _OURS and name not in _FILES and not name.startswith(".") and file.stem != "README":
            yield name


def _codes(units: list[Row]) -> Iterator[str]:
    return (row.values["code"] for row in units)


def _error(file: str, flaw: Flaw) -> PackError:
    message, remedy = MESSAGES[flaw.code]
    named = {"key": flaw.key, "value": flaw.value}
    return PackError(file, flaw.line, message.format(**named), remedy.format(**named))


def _shape_flaws(messages: Any, source: YamlSource, path: Path_ = (), key: str = "") -> Iterator[Flaw]:  # noqa: ANN401 - the library nests them freely
    """Turn the library's nested messages into flaws with lines."""
    if isinstance(messages, Mapping):
        for step, inner in messages.items():
            if step == "_schema":
                yield from _shape_flaws(inner, source, path, key)
            elif (
                step in {"key", "value"} and isinstance(inner, dict | list) and not _holds(source, path, step)
            ):
                # A map with free keys reports under "key" and "value", which are no keys of the file.
                yield from _shape_flaws(inner, source, path, key)
            else:
                yield from _shape_flaws(
                    inner, source, (*path, step), str(step) if isinstance(step, str) else key
                )
        return
    for message in messages:
        code, _, value = str(message).partition(":")
        yield Flaw(source.line(path), code, key, value)


def _holds(source: YamlSource, path: Path_, step: str) -> bool:
    """Tell whether the map at ``path`` truly has a key called ``step``."""
    value: Any = source.plain
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return False
    return isinstance(value, dict) and step in value
