"""How often one address may ask, at the door, for what can be guessed at or costs much: the only table of it.

A whole office sits behind one address, so these bounds are far above what people do and far below what a program can.
What one account may do is counted by the applications themselves, also where there is no nginx.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests a minute in the long run, and ``burst`` of them at once."""

    per_minute: int
    burst: int


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        # Signing in and renewing: an office of 200 opens its pages at nine o'clock.
        "sign_in": Limit(per_minute=600, burst=200),
        # Receipt codes have 60 bits; who tries them is stopped long before chance helps.
        "guessing": Limit(per_minute=60, burst=30),
        # A room full of scanners; how many are under way at once is bounded, too.
        "uploads": Limit(per_minute=1200, burst=120),
    }
)
LIMITED: Mapping[str, str] = MappingProxyType(
    {"/auth/": "sign_in", "/status/": "guessing", "/apply/": "guessing"}
)
"""Path of the front door's table → its limit; paths that carry files have ``uploads``."""
