"""The order in which the history of legs is told: by moment, and at one moment no effect before its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeVar

from shared.ordering import causes_first

_PROPOSED = ("return-proposed", "transfer-proposed")
_REQUESTED, _DONE, _REFUSED = ("reissue-requested",), ("reissue-done",), ("reissue-refused",)
_CAUSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reissue-requested": _PROPOSED,
        "reissue-done": _REQUESTED,
        "reissue-refused": _REQUESTED,
        "transfer-refused": _REFUSED,
        "reminded": _REFUSED,
    }
)
"""What follows from what about one and the same leg."""
_LET_GO = frozenset({"returned", "transferred"})

Line = TypeVar("Line", bound=Mapping[Any, Any])


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Put lines that come by moment so that what follows from another at the same moment is told after it.

    Both sides write the same moment where one answers the other at once. Each leg's own facts stay in their sequence; a
    successor is issued after it was made, and before its predecessor is let go.
    """
    return [
        line for _, moment in groupby(lines, key=itemgetter("at")) for line in _causes_first(list(moment))
    ]


def _causes_first(lines: Sequence[Line]) -> list[Line]:
    by_id = {line["id"]: line for line in lines}
    order = causes_first(by_id, lambda id_: [cause["id"] for cause in _causes(by_id[id_], lines)])
    return [by_id[id_] for id_ in order]


def _causes(line: Line, lines: Sequence[Line]) -> list[Line]:
    wanted = _CAUSES.get(line["fact"], ())
    return [
        other
        for other in lines
        if (other["leg_id"] == line["leg_id"] and (other["fact"] in wanted or _is_before(other, line)))
        or (line["fact"] == "issued" and other["fact"] in _DONE and _names(other, line))
        or (line["fact"] in _LET_GO and other["fact"] == "issued" and _names(line, other))
    ]


def _is_before(other: Mapping[Any, Any], line: Mapping[Any, Any]) -> bool:
    # What the desk itself has written has no place in the sequence of the leg's facts.
    return bool(0 < other["sequence"] < line["sequence"])


def _names(line: Mapping[Any, Any], successor: Mapping[Any, Any]) -> bool:
    return bool((line["detail"] or {}).get("successor") == successor["leg_id"])
