"""What can go wrong in this service's own terms."""

from __future__ import annotations


class NoSuchMessage(Exception):
    """There is no such message in the inboxes of the reader's posts."""

    def __init__(self, message: str) -> None:
        super().__init__(f"no message {message} in these inboxes")
        self.message = message
