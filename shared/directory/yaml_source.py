"""One file of a pack as it was read: its values, and the line on which each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Path_ = tuple[str | int, ...]
"""Where a value stands in a file: keys and positions from the top."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in one place: a code of ``messages.py`` and what its sentence names."""

    line: int
    code: str
    key: str = ""
    value: str = ""


class YamlSource:
    """A YAML file with its lines. ``plain`` holds maps, lists, text, numbers and ISO dates only."""

    def __init__(self, node: Any) -> None:  # noqa: ANN401 - whatever the file holds
        self._node = node
        self.plain: Any = _plain(node)

    def line(self, path: Path_) -> int:
        """Give the line (from 1) of what stands at ``path``, or of the nearest thing above it."""
        node, line = self._node, 1
        for step in path:
            place = getattr(node, "lc", None)
            if place is None:
                break
            if isinstance(node, Mapping) and step in node:
                line = place.key(step)[0] + 1
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
                line = place.item(step)[0] + 1
            else:
                break
            node = node[step]
        return line

    def strings(self, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
        """Walk all text values in the file below ``path``, with their places."""
        value = self.plain
        for step in path:
            value = value[step]
        yield from _strings(value, path)


def read_yaml(path: Path) -> tuple[YamlSource | None, list[Flaw]]:
    """Read a file; what cannot be parsed at all gives no source, doubled keys give both a flaw and a source."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None, [Flaw(1, "file-missing")]
    except UnicodeDecodeError:
        return None, [Flaw(1, "file-not-text")]
    flaws: list[Flaw] = []
    try:
        try:
            return YamlSource(_parser().load(text)), flaws
        except DuplicateKeyError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            flaws.append(Flaw(line, "duplicate-key", value=_doubled(str(error.problem))))
            parser = _parser()
            parser.allow_duplicate_keys = True
            return YamlSource(parser.load(text)), flaws
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [*flaws, Flaw(line, "yaml", value=str(error.problem))]
    except YAMLError as error:
        return None, [*flaws, Flaw(1, "yaml", value=str(error).splitlines()[0])]


def _parser() -> YAML:
    return YAML(typ="rt")


def _doubled(problem: str) -> str:
    parts = problem.split('"')
    return parts[1] if len(parts) > 1 else problem


def _plain(node: Any) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_plain(item) for item in node]
    if node is None or isinstance(node, bool):
        return node
    # The parser's own kinds of text, number and date remember their spelling; here only the value counts.
    for kind, plain in _SCALARS:
        if isinstance(node, kind):
            return plain(node)
    return str(node)


_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str),
    (int, int),
    (float, float),
    (date, lambda node: node.isoformat()),
)


def _strings(value: Any, path: Path_) -> Iterator[tuple[Path_, str]]:  # noqa: ANN401 - any YAML
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))
