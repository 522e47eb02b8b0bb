"""Scopes: how much of what its agency's desk may an outside system's token carries (RFC 6749 §3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

OPENING = frozenset(
    {"referrals.search", "referrals.open-badge", "referrals.open-packet", "referrals.open-paper"}
)
"""What is opened with the agency's key held here; never for an agency whose own system holds its key."""

GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "queue": frozenset({"referrals.read", "capacities.read"}),
        "badges": frozenset({"referrals.search", "referrals.open-badge"}),
        "packets": frozenset({"referrals.open-packet", "referrals.open-paper"}),
        "decisions": frozenset(
            f"referrals.{verb}"
            for verb in (
                "acknowledge",
                "accept",
                "request-documents",
                "start",
                "step",
                "suspend",
                "resume",
                "extend",
                "propose-return",
                "propose-transfer",
                "close",
                "decline",
            )
        ),
        "words": frozenset(
            f"referrals.{verb}"
            for verb in ("explain-delay", "note", "message", "appointment", "acknowledge-withdrawal")
        ),
    }
)
"""Names that stand for several actions of the policy."""

GRANTABLE = frozenset().union(*GROUPS.values())
"""Every action of the policy that an outside system can be given, each also by its own name.

Not among them: what puts a referral into an officer's hands, what the leader decides, and all that is another role's.
"""


@lru_cache(maxsize=1024)
def actions_of(scope: str) -> frozenset[str]:
    """Give the actions of the policy that a scope (names with spaces between them) covers; unknown names cover none."""
    names = scope.split()
    alone = GRANTABLE.intersection(names)
    return alone.union(*(GROUPS[name] for name in names if name in GROUPS))


def unknown_in(names: Iterable[str]) -> list[str]:
    """Give the names that are neither an action that can be granted nor a group."""
    return [name for name in names if name not in GRANTABLE and name not in GROUPS]


def opening_in(names: Iterable[str]) -> list[str]:
    """Give the names that cover something opened with a key held here."""
    return [name for name in names if actions_of(name) & OPENING]
