"""Every rule that a history must keep, by the name under which a breach of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from tests.faults.history.book import Book
from tests.faults.history.rules import chains

Breach = tuple[str, str]
"""What it is about (an id, or empty) and one sentence that says how the rule is broken."""
Rule = Callable[[Book], Iterable[Breach]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "sequences of aggregates": chains.of_aggregates,
        "sequences of consumers": chains.of_consumers,
    }
)
