"""Which application answers which path: the only table of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FRONT = "front"

PATHS: Mapping[str, str] = MappingProxyType(
    {
        # Exactly this path …
        "/asyncapi.json": FRONT,
        "/live": FRONT,
        "/ready": FRONT,
        # … or this path and everything below it …
        "/referrals/": "referrals",
        "/notifications/": "notifications",
        "/intake/": "intake",
        "/auth/": "intake",
        "/status/": "intake",
        "/apply/": "intake",
        "/static/": "intake",
        # … and whatever is left: the home page, and the page that says that there is no such page.
        "/": "intake",
    }
)
"""A path that ends in a slash covers itself without the slash and everything below; any other is meant exactly."""

UPLOADS: Mapping[str, str] = MappingProxyType(
    {
        r"^/intake/(api/v1/)?(requests|drafts)/[0-9a-f-]{36}/papers$": "intake",
        r"^/referrals/api/v1/referrals/[0-9a-f-]{36}/slips$": "referrals",
    }
)
"""Paths, as patterns, whose bodies carry a file, and which application answers them."""

DEFAULT_PORTS: Mapping[str, int] = MappingProxyType(
    {"intake": 8001, "referrals": 8002, "notifications": 8003, FRONT: 8004}
)
"""Where each application's web listens on loopback if nothing else is said."""


def owner_of(path: str) -> str:
    """Name the application that answers a path such as ``/referrals/api/v1/referrals``."""
    exact = PATHS.get(path) or PATHS.get(f"{path}/")
    if exact is not None:
        return exact
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return PATHS.get(f"/{first}/", PATHS["/"])
