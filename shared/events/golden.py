"""The golden examples: one event of each type, written exactly by its producer, read by each consumer."""

from __future__ import annotations

from functools import cache
from importlib import resources

import orjson

from shared.events.envelope import Event
from shared.events.parsing import parse


@cache
def example_bytes(type_: str) -> bytes:
    """Give the golden example of a type in its internal form, as it travels.

    Raises ``FileNotFoundError`` when there is none.
    """
    file = resources.files("shared.events").joinpath("examples", f"{type_}.json")
    return orjson.dumps(orjson.loads(file.read_bytes()))


def example(type_: str) -> Event:
    """Give the golden example of a type such as ``referral.issued.v1``."""
    return parse(example_bytes(type_))
