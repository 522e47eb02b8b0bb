"""Events between services: the envelope, the catalogue of types, and a golden example of each."""

from __future__ import annotations

from shared.events.catalogue import CATALOGUE, COMMANDS, EventType, types_of
from shared.events.envelope import CONTENT_TYPE, JOINS, PARTITIONS, Event, partition, timestamp
from shared.events.golden import example, example_bytes
from shared.events.parsing import SIZE_LIMIT, Malformed, UnknownType, parse

__all__ = [
    "CATALOGUE",
    "COMMANDS",
    "CONTENT_TYPE",
    "JOINS",
    "PARTITIONS",
    "SIZE_LIMIT",
    "Event",
    "EventType",
    "Malformed",
    "UnknownType",
    "example",
    "example_bytes",
    "parse",
    "partition",
    "timestamp",
    "types_of",
]
