"""How producers and consumers are held to the golden examples; each service's tests say with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema

from shared.events import Event, example, example_bytes


def assert_is_golden(produced: Event) -> None:
    """Insist that a producer wrote exactly the example of the event's type, to the byte.

    Make the event from the example's own facts by the code that makes it in earnest.
    """
    written, golden = produced.internal(), example_bytes(produced.type)
    # As objects first: that shows which attribute differs. Then the bytes, which hold their order too.
    assert orjson.loads(written) == orjson.loads(golden)
    assert written == golden


def assert_has_golden_shape(produced: Event) -> None:
    """Insist that an event has the attributes and kinds of values of its type's example, whatever they are.

    What is ``null`` on either side, or an empty list, has no kind to compare; an attribute the example lacks or has
    in excess is a difference.
    """
    written, golden = orjson.loads(produced.internal()), orjson.loads(example_bytes(produced.type))
    assert _differences(written["data"], golden["data"], "data") == []


def assert_reads(schema: Schema, type_: str) -> Any:
    """Insist that a consumer's schema reads the example, also with attributes added; gives what it read."""
    data = example(type_).data
    schema.load(_grown(data))
    return schema.load(data)


def _grown(value: Any) -> Any:
    """Add an attribute nobody knows to every object, save in the rules, whose clocks go by any name."""
    if isinstance(value, Mapping):
        grown = {name: inner if name == "rules" else _grown(inner) for name, inner in value.items()}
        return grown | {"added_by_a_later_release": ["x"]}
    return [_grown(inner) for inner in value] if isinstance(value, list) else value


def _differences(written: Any, golden: Any, path: str) -> list[str]:
    if written is None or golden is None:
        return []
    if isinstance(written, dict) and isinstance(golden, dict):
        found = [f"{path}.{name}: only on one side" for name in sorted(written.keys() ^ golden.keys())]
        for name in sorted(written.keys() & golden.keys()):
            found += _differences(written[name], golden[name], f"{path}.{name}")
        return found
    if isinstance(written, list) and isinstance(golden, list):
        return [
            difference
            for index, item in enumerate(written if golden else [])
            for difference in _differences(item, golden[0], f"{path}.{index}")
        ]
    return (
        []
        if type(written) is type(golden)
        else [f"{path}: {type(written).__name__}, not {type(golden).__name__}"]
    )
