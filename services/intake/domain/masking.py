"""How a person is named where only a hint is needed: rows of a queue, lists, slips."""

from __future__ import annotations

HEAD, TAIL = 6, 4


def mask_name(name: str) -> str:
    """Keep the first character: ``李明华`` becomes ``李**``, whatever its length."""
    return name[:1] + "**"


def mask_id_number(id_number: str | None) -> str | None:
    """Keep the first six and the last four characters: ``990000********1234``."""
    if id_number is None:
        return None
    return f"{id_number[:HEAD]}********{id_number[-TAIL:]}"
