"""Clean histories made wrong at random, one wrong each: what the checker must be seen to catch."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.faults.history.book import Book
from tests.faults.history.mutations import cutting, doubling, dropping, leaking, skipping, swapping
from tests.faults.history.mutations.draft import Draft

Mutation = Callable[[Draft, random.Random], str | None]
"""Makes a draft wrong and says how in one sentence; None where this history offers nothing to do so with."""

MUTATIONS: Mapping[str, tuple[Mutation, ...]] = MappingProxyType(
    {
        "drop": (dropping.a_line, dropping.a_row_and_its_effects, dropping.an_event, dropping.a_dead_letter),
        "double": (doubling.a_line, doubling.an_effect, doubling.a_request),
        "swap": (
            swapping.sequences,
            swapping.receipts,
            swapping.steps,
            swapping.statuses,
            swapping.client_lines,
            swapping.outcomes,
            swapping.effects,
        ),
        "skip a state": (skipping.a_step, skipping.a_step_without_a_trace, skipping.to_the_end),
        "leak": (
            leaking.a_message,
            leaking.a_copy,
            leaking.a_packet,
            leaking.a_referral,
            leaking.an_event,
            leaking.a_queue,
            leaking.a_join,
        ),
        "cut the tail": (cutting.a_file, cutting.a_database, cutting.the_clients),
    }
)


def mutate(book: Book, kind: str, chance: random.Random) -> tuple[Book, str]:
    """Give a copy of a history with one wrong of this kind, and what it is; ``book`` stays as it is.

    Raises ``LookupError`` where the history offers no place for any of this kind.
    """
    ways = list(MUTATIONS[kind])
    chance.shuffle(ways)
    for way in ways:
        draft = Draft(book)
        said = way(draft, chance)
        if said is not None:
            return Book(draft.files), f"{way.__module__.rpartition('.')[2]} {way.__name__}: {said}"
    raise LookupError(f"nothing in this history to {kind}")
