"""How many wrong passwords are forgiven, and how long one waits after more: by the name given, and by address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

KEPT = timedelta(days=1)
"""What lies further back counts for nothing and is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """``free`` wrong tries cost no time; the next ones ``first``, and twice as long each time, up to ``longest``.

    One wrong try is forgiven ``every`` so often.
    """

    free: int
    first: timedelta
    longest: timedelta
    every: timedelta


BY_NAME = Allowance(
    free=4, first=timedelta(seconds=30), longest=timedelta(minutes=15), every=timedelta(hours=1)
)
"""Whether there is such an account or not: who guesses names learns nothing from a pause."""
BY_ADDRESS = Allowance(
    free=100, first=timedelta(seconds=30), longest=timedelta(minutes=5), every=timedelta(minutes=1)
)
"""A whole office sits behind one address, and each of its clerks may err."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries under one name or from one address: how many, when last, and until when nothing is checked."""

    count: int
    last_at: datetime
    paused_until: datetime | None


def after_one_more(known: Tries | None, allowance: Allowance, now: datetime) -> Tries:
    """Count one more wrong try; a pause grows with every one beyond those that are free."""
    before = 0
    if known is not None:
        forgiven = int((now - known.last_at) / allowance.every) if now > known.last_at else 0
        before = max(0, known.count - forgiven)
    count = before + 1
    beyond = count - allowance.free
    if beyond <= 0:
        return Tries(count, now, None)
    doublings = min(beyond - 1, 30)  # beyond that the longest pause is reached by any measure
    return Tries(count, now, now + min(allowance.first * 2**doublings, allowance.longest))


def place_of(address: str) -> str:
    """Give what counts as one address: of version 6 the first half, of which anybody has all the rest."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> 64 << 64)}/64"
