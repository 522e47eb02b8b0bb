"""What comes of handing something to a channel, and what a channel is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How handing over ended.

    ``NOT_TAKEN``: certainly not sent, and may be tried again. ``REFUSED``: certainly not sent, and would be refused
    again. ``UNKNOWN``: it may have been sent; to try again could send it twice.
    """

    SENT = "sent"
    NOT_TAKEN = "not-taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome with its reason, a code that names nobody; ``away`` when the channel as a whole cannot be reached."""

    outcome: Outcome
    reason: str = ""
    away: bool = False


class Channel(Protocol):
    """Hands a short text to one address."""

    def send(self, key: str, address: str, subject: str, text: str) -> Result:
        """Send a text once; ``key`` is the same whenever the same text is meant. Raises nothing about the other end."""
