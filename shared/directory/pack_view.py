"""A pack as far as it could be read, for the checks that look across its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.directory.yaml_source import Flaw, Path_, YamlSource

AGENCIES, DISTRICT, FIELDS = "agencies.yaml", "district.yaml", "fields.yaml"
PROGRAMMES, POSTS, NOTICES = "programmes.yaml", "posts.yaml", "texts/notices.yaml"

Found = Iterator[tuple[str, Flaw]]


class _AnyId(set[str]):
    """The ids of an unreadable file: its own flaw is told already, and must not make every mention of it one."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass(frozen=True)
class Pack:
    """What could be read of a pack; anything in it may be missing or of the wrong shape."""

    sources: dict[str, YamlSource]
    units: frozenset[str]

    def items(self, file: str, *path: str) -> Iterator[tuple[Path_, dict[str, Any]]]:
        """Walk the maps of a list, with their places; nothing if there is no such list."""
        source = self.sources.get(file)
        value = source.plain if source is not None else None
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield (*path, index), item

    def ids(self, file: str, *path: str) -> set[str]:
        """Give the ids of the maps of a list; of a file that could not be read, any id may be one."""
        if file not in self.sources:
            return _AnyId()
        return {item["id"] for _, item in self.items(file, *path) if isinstance(item.get("id"), str)}

    def flaw(
        self, file: str, path: Path_, code: str, *, key: str = "", value: object = ""
    ) -> tuple[str, Flaw]:
        """Make a flaw at a place of a file."""
        return file, Flaw(self.sources[file].line(path), code, key, str(value))


def texts_of(item: dict[str, Any], key: str) -> list[tuple[int, str]]:
    """Give the texts of a list under ``key`` with their positions, whatever else may be in there."""
    value = item.get(key)
    return (
        [(n, each) for n, each in enumerate(value) if isinstance(each, str)]
        if isinstance(value, list)
        else []
    )


def maps_of(item: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """Give the maps of a list under ``key`` with their positions, whatever else may be in there."""
    value = item.get(key)
    return (
        [(n, each) for n, each in enumerate(value) if isinstance(each, dict)]
        if isinstance(value, list)
        else []
    )
