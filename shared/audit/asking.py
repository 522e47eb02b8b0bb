"""Who asks in this thread: what every entry of theirs says beside it, and whether a refusal of theirs is written."""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass

ACTING_FOR = "acting_for"
"""The fact of an entry's ``detail`` that names the colleague for whom somebody acted."""


@dataclass(slots=True)
class Asking:
    """One signed-in sender of one request.

    ``acting_for`` is the colleague whose posts ``staff`` has taken up; ``refused`` tells whether a refusal has been
    written to the log since, by whichever use case noticed it.
    """

    staff: str
    acting_for: str | None = None
    refused: bool = False


_present: ContextVar[Asking | None] = ContextVar("asking", default=None)


def ask(asking: Asking) -> Token[Asking | None]:
    """Say who asks from now on in this thread, until ``answered``."""
    return _present.set(asking)


def answered(token: Token[Asking | None]) -> None:
    """Forget what ``ask`` has said."""
    _present.reset(token)


def asking() -> Asking | None:
    """Give who asks in this thread; None in workers, timers and commands."""
    return _present.get()
