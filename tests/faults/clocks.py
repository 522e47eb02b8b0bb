"""A wrong clock for one process, from outside: to be set before anything that tells the time is imported."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

FOLDER = "clocks"


def set_wrong(file: Path) -> None:
    """Shift this process's clock by the number of seconds in ``file``, if there is one.

    What measures durations (``time.monotonic``) stays right, as it does on a machine whose clock is wrong.
    """
    if not file.exists():
        return
    seconds = float(file.read_text())
    right, right_time = dt.datetime, time.time

    class Kind(type):
        """Takes every moment for one of its own."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, right)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, right)

    class Wrong(right, metaclass=Kind):  # type: ignore[misc, valid-type] # a base known only here
        """Makes moments of the usual class, so that nobody can tell them from others."""

        def __new__(cls, *values: Any, **named: Any) -> Any:
            return right(*values, **named)

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return right.now(tz) + dt.timedelta(seconds=seconds)

        @classmethod
        def utcnow(cls) -> Any:
            return right.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=seconds)

    dt.datetime = Wrong  # type: ignore[misc]
    time.time = lambda: right_time() + seconds
