"""What becomes of a referral whose person is erased: its codes stay, and nothing is done about it any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.referrals.domain.referral import Referral


def erased(referral: Referral, at: datetime) -> Referral:
    """Give a referral whose person was erased: counted on as by any change, and nothing waits for its leader."""
    return replace(
        referral,
        version=referral.version + 1,
        event_sequence=referral.event_sequence + 1,
        life=replace(referral.life, erased_at=at),
        pending=None,
    )
