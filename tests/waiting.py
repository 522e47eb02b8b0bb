"""Waiting for an outcome: with a deadline that only a failure ever meets."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(happened: Callable[[], object], *, seconds: float = 30, what: str = "what was waited for") -> None:
    """Return as soon as ``happened()`` is true; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds:g} s")
        time.sleep(0.02)
