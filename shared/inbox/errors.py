"""What a handler may say about an event it cannot apply."""

from __future__ import annotations

from shared.text import Text


class Refused(Exception):
    """This event can never be applied; it is kept as a dead letter with the reason."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class NotYet(Exception):
    """This event cannot be applied yet (its district pack is unknown, say); it waits and is tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
