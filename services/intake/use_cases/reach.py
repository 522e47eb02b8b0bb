"""How far somebody may see cases: those of their desk or street, and their own lists of tasks."""

from __future__ import annotations

from services.intake.persistence.reach import lists_of
from shared.db.reach import reach
from shared.identity import Forbidden, Grant, Principal, allow

_NOTHING = Grant(everything=False, agencies=frozenset(), units=frozenset(), streets=frozenset(), posts=())


def reach_of(principal: Principal, _grant: Grant) -> bytes:
    """Write down a principal's reach, which is the same whatever they are about to do.

    It is never everything: nobody reads the cases of the whole district. What has to look further says so.
    """
    read = _granted(principal, "requests.read")
    listed = _granted(principal, "tasks.read")
    return reach(everything=False, units=read.units, streets=read.streets, lists=lists_of(listed.posts))


def _granted(principal: Principal, action: str) -> Grant:
    try:
        return allow(principal, action)
    except Forbidden:
        return _NOTHING
