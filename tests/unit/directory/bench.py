"""A pack read once, in whose files tests change one value at a time and put it back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from shared.directory.assembly import assemble
from shared.directory.consistency import flaws_of
from shared.directory.csv_source import CALENDAR_COLUMNS, UNIT_COLUMNS, Row, read_csv
from shared.directory.pack_view import Pack
from shared.directory.reading import SHAPES, _shape_flaws
from shared.directory.texts import CONSENT_FILES, read_consent
from shared.directory.yaml_source import Flaw, Path_, YamlSource, read_yaml

Told = list[tuple[str, Flaw]]


@dataclass
class Bench:
    """A pack read once, in whose files one value at a time is changed and put back."""

    folder: Path
    nodes: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, YamlSource] = field(default_factory=dict)
    loaded: dict[str, Any] = field(default_factory=dict)
    units: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)
    consent: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, shape in SHAPES.items():
            source, _ = read_yaml(self.folder / name)
            assert source is not None
            self.nodes[name], self.sources[name] = source._node, source
            self.loaded[name] = shape().load(source.plain)
        self.units, _ = read_csv(self.folder / "units.csv", UNIT_COLUMNS)
        self.days, _ = read_csv(self.folder / "calendar.csv", CALENDAR_COLUMNS)
        self.consent = {locale: read_consent(self.folder / name)[0] for locale, name in CONSENT_FILES.items()}

    def check(self, file: str) -> tuple[Told, Any]:
        """Look at a file again, and at the pack with it; gives what is wrong, or else what was loaded of the file."""
        source = YamlSource(self.nodes[file])
        found: Told = []
        loaded = self.loaded
        try:
            loaded = {**loaded, file: SHAPES[file]().load(source.plain)}
        except ValidationError as error:
            found.extend((file, flaw) for flaw in _shape_flaws(error.messages, source))
        codes = frozenset(row.values["code"] for row in self.units)
        found.extend(flaws_of(Pack({**self.sources, file: source}, codes)))
        if not found:
            assemble(loaded, self.units, self.days, self.consent)
        return found, loaded[file]

    def change(self, file: str, path: Path_, change: Callable[[Any, Any], None]) -> tuple[Told, Any]:
        """Change the map around one key, check, and put the map back as it was."""
        *above, key = path
        parent = self.nodes[file]
        for step in above:
            parent = parent[step]
        kept = copy.copy(parent)
        try:
            change(parent, key)
            return self.check(file)
        finally:
            parent.clear()
            for name, value in kept.items():
                parent[name] = value

    def places(self) -> Iterator[tuple[str, Path_]]:
        """Walk every key of every file."""
        for file, node in self.nodes.items():
            yield from ((file, path) for path in _keys(node, ()))

    def value(self, file: str, path: Path_) -> Any:
        """Give what stands at a place."""
        value = self.sources[file].plain
        for step in path:
            value = value[step]
        return value


def _keys(node: Any, path: Path_) -> Iterator[Path_]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield (*path, key)
            yield from _keys(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _keys(value, (*path, index))
