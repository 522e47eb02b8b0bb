"""One file of a pack as it was read: its values, and the line on which each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.tokens import TagToken

from shared.directory.files import Flaw, read_text

__all__ = ["Flaw", "Path_", "YamlSource", "read_yaml"]

Path_ = tuple[str | int, ...]
"""Where a value stands in a file: keys and positions from the top."""


class YamlSource:
    """A YAML file with its lines. ``plain`` holds maps, lists, text, numbers and ISO dates only."""

    def __init__(self, node: Any) -> None:  # noqa: ANN401 - whatever the file holds
        self._node = node
        self.plain: Any = _plain(node)

    def line(self, path: Path_) -> int:
        """Give the line (from 1) of what stands at ``path``, or of the nearest thing above it."""
        node, line = self._node, 1
        for part in path:
            step: Any = part
            place = getattr(node, "lc", None)
            if place is None:
                break
            if isinstance(node, Mapping):
                # A key that is no text is told by how it is written.
                key = next((key for key in node if key == step or str(key) == step), None)
                if key not in node:
                    break
                step, line = key, place.key(key)[0] + 1
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
    """Read a file, which must hold keys and values; a source comes back whenever there is something to look at.

    Keys written twice give flaws and a source with the last of them. Tags and repeated nodes are refused: a pack is
    read by people, and one written whole says what it says where it stands.
    """
    text, flaws = read_text(path)
    if flaws:
        return None, flaws
    node, flaws = _parsed(text)
    if not isinstance(node, Mapping) and not flaws:
        return None, [Flaw(1, "not-a-map", key=path.name)]
    odd = list(_oddities(node, set()))
    return (None if odd or node is None else YamlSource(node)), [*flaws, *odd]


@lru_cache(maxsize=32)
def _parsed(text: str) -> tuple[Any, list[Flaw]]:
    # A command reads a pack more than once, and of its files one changes at a time; nobody writes into a node.
    try:
        tags = list(_tags(text))
        return (None, tags) if tags else _loaded(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [Flaw(line, "yaml", value=str(error.problem))]
    except YAMLError as error:
        return None, [Flaw(1, "yaml", value=str(error).splitlines()[0])]
    except RecursionError:
        return None, [Flaw(1, "yaml-too-deep")]


def _loaded(text: str) -> tuple[Any, list[Flaw]]:
    try:
        return _parser().load(text), []
    except DuplicateKeyError:
        # The parser stops at the first; whoever wrote one has often copied several.
        doubled = list(_doubled(_parser().compose(text)))
        parser = _parser()
        parser.allow_duplicate_keys = True
        return parser.load(text), doubled


def _tags(text: str) -> Iterator[Flaw]:
    """Find every tag before anything is made of what it stands at."""
    if "!" in text:
        for token in _parser().scan(text):
            if isinstance(token, TagToken):
                handle, suffix = token.value
                yield Flaw(token.start_mark.line + 1, "yaml-tag", value=f"{handle or ''}{suffix or ''}")


class _Constructor(RoundTripConstructor):
    """Leaves as text what looks like a date or number and is none: its field then says what it wants, and where."""

    def construct_yaml_timestamp(self, node: Node, values: Any = None) -> Any:  # noqa: ANN401 - as the library's own
        return self._or_text(partial(super().construct_yaml_timestamp, node, values), node)

    def construct_yaml_int(self, node: Node) -> Any:  # noqa: ANN401 - as the library's own
        return self._or_text(partial(super().construct_yaml_int, node), node)

    @staticmethod
    def _or_text(made: Callable[[], Any], node: Node) -> Any:  # noqa: ANN401 - as the library's own
        try:
            return made()
        except ValueError:
            return str(node.value)


for _kind, _made in (
    ("timestamp", _Constructor.construct_yaml_timestamp),
    ("int", _Constructor.construct_yaml_int),
):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_kind}", _made)


def _parser() -> YAML:
    parser = YAML(typ="rt")
    parser.Constructor = _Constructor
    return parser


def _doubled(node: Node) -> Iterator[Flaw]:
    if isinstance(node, MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield Flaw(key.start_mark.line + 1, "duplicate-key", value=str(key.value))
            if isinstance(key.value, str):
                seen.add(key.value)
            yield from _doubled(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _doubled(item)


def _oddities(node: Any, seen: set[int], line: int = 1) -> Iterator[Flaw]:  # noqa: ANN401 - any YAML
    """Find what is no plain YAML: one node that stands in several places by an alias."""
    if not isinstance(node, Mapping | Sequence) or isinstance(node, str):
        return
    if id(node) in seen:
        yield Flaw(line, "yaml-alias")
        return
    seen.add(id(node))
    place = getattr(node, "lc", None)
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _oddities(value, seen, place.key(key)[0] + 1 if place else line)
    else:
        for index, value in enumerate(node):
            yield from _oddities(value, seen, place.item(index)[0] + 1 if place else line)


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
