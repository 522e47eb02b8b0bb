"""What is written down before it is filed: how a change is merged into it, and how long it may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DESK, LEAD = "desk", "lead"
"""Where a draft comes from: it was begun at the desk, or a grid worker has met somebody."""

Body = Mapping[str, Any]


def merged(body: Body, patch: Body) -> dict[str, Any]:
    """Merge a change into a draft (RFC 7396): objects member by member, lists whole, null takes a member away."""
    result = dict(body)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def has_consent(body: Body) -> bool:
    """Tell whether a consent stands in a draft, so that it is kept beyond the days of one without."""
    return any(consent.get("agency") and consent.get("given_by") for consent in body.get("consents") or ())
