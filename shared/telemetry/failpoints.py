"""Named places where a test may kill a process: a no-op that only the fault tests' own launcher arms."""

from __future__ import annotations

from collections.abc import Callable

hook: Callable[[str], None] | None = None


def failpoint(name: str) -> None:
    """Tell the armed hook, if there is one, that execution has come to ``name``."""
    if hook is not None:
        hook(name)
