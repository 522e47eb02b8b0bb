"""How far somebody may see rows while a request of theirs is answered, as the database's second line is told it."""

from __future__ import annotations

from collections.abc import Callable

from shared.db.reach import reach
from shared.identity import Forbidden, Grant, Principal, allow


def by_grant(reading: str) -> Callable[[Principal, Grant], bytes]:
    """Make what tells a reach: as far as a principal may read, by this action, and do what they are about to.

    Only who may read everything sees everything: an action on all of something else lifts no limit.
    """

    def told(principal: Principal, grant: Grant) -> bytes:
        grants = [grant]
        try:
            grants.append(allow(principal, reading))
        except Forbidden:
            # An outside system's token may cover an action alone.
            return _together(grants, everything=False)
        return _together(grants, everything=grants[-1].everything)

    return told


def _together(grants: list[Grant], *, everything: bool) -> bytes:
    return reach(
        everything=everything,
        agencies={agency for grant in grants for agency in grant.agencies},
        units={unit for grant in grants for unit in grant.units},
        streets={street for grant in grants for street in grant.streets},
        counters={f"{agency}/{street}" for grant in grants for agency, street in grant.counters},
    )
