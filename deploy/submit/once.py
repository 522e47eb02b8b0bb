"""Keys under which commands file a request exactly once, however often the command is run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson

from services.intake.use_cases.context import Context
from shared.clock import SystemClock
from shared.http.idempotency import KeyedOnce

KEPT = timedelta(days=3652)
"""A file lies in a folder for longer than a browser waits: these keys are kept for ten years, not for seven days."""
CREATED = 201


def once(
    context: Context, staff: str, *key: str, body: object, render: Callable[[Any], Any] | None = None
) -> KeyedOnce:
    """Give what makes one filing take effect once; ``key`` names it, ``body`` is what is filed.

    ``render`` gives what is remembered of its result: of a filing, its ids.
    """
    name = "\n".join(("command", staff, *key))
    return KeyedOnce(
        key=hashlib.sha256(name.encode()).digest(),
        fingerprint=hashlib.sha256(canonical(body)).digest(),
        status=CREATED,
        render=render or _render,
        keyring=context.keyring,
        # The age of a key is reckoned from here, so a date ahead is a longer life.
        now=SystemClock().now() + KEPT,
    )


def canonical(body: object) -> bytes:
    """Write a JSON value so that equal values are equal bytes."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _render(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": result["id"],
        "number": result["number"],
        "legs": [{"id": leg["id"], "programme": leg["programme"]} for leg in result["legs"]],
    }
