"""By which scan an answer on paper is taken down: it is there, serves no other decision, and reaches the agency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.referrals.domain.referral import Referral
from services.referrals.domain.slips import Slip, SlipMissing, SlipSpent
from services.referrals.persistence import slips
from services.referrals.use_cases.record import By
from services.referrals.use_cases.words import holds_own_key
from shared.db import UnitOfWork
from shared.directory import District
from shared.identity import Role, outward_role

HELP_DESK = outward_role(Role.HUT)
"""Who has taken in a slip that came with a command."""


def require_unspent(uow: UnitOfWork, referral: Referral, slip: str, by: By) -> None:
    """Object to a slip that is not there, or by which something was taken down before.

    Raises ``SlipMissing`` or ``SlipSpent``.
    """
    # Whoever signs in here uploads here; a slip of the desk's lies with its request, where it was looked up.
    if by.actor is not None and slip not in {one.id for one in slips.of(uow.connection, referral.id)}:
        raise SlipMissing(referral.id)
    spent = slips.recorded(uow.connection, referral.id)
    # The desk's comes with its decision: known here already, it has served one, of this leg or of another.
    if slip in spent or (by.actor is None and slips.known(uow.connection, [slip])):
        raise SlipSpent(slip)


def keep(
    uow: UnitOfWork,
    referral: Referral,
    given: Mapping[str, Any],
    by: By,
    district: District,
    at: datetime,
) -> Mapping[str, str] | None:
    """Keep the slip that came with a command, for the agency to open; gives what its own system has to be told of it.

    ``given`` is the command's data. What was uploaded here is kept already.
    """
    scan: Mapping[str, Any] | None = given.get("scan")
    if scan is None or by.actor is not None:
        return None
    slip = Slip(
        id=str(given["slip"]),
        referral_id=referral.id,
        media=scan["type"],
        size=scan["size"],
        added_at=at,
        added_by=by.role,
    )
    slips.add(uow.connection, slip, scan["sealed"].encode())
    return {"scan": scan["sealed"]} if holds_own_key(referral, district) else None
