"""Whose a referral is, as a grant of the policy sees it: everybody's who may follow it, or one's own agency's."""

from __future__ import annotations

from services.referrals.domain.referral import Referral
from shared.identity import Grant


def reaches(grant: Grant, referral: Referral) -> bool:
    """Tell whether a grant reaches a referral: by where it was filed, or by its agency or counter."""
    return grant.reaches(unit=referral.unit, street=referral.street) or is_own(grant, referral)


def is_own(grant: Grant, referral: Referral) -> bool:
    """Tell whether a referral is that of the grant's own agency or counter, wherever it was filed.

    One that waits for the street's check, or was cancelled while it did, is nobody's yet.
    """
    mine = referral.agency in grant.agencies or (referral.agency, referral.desk_street) in grant.counters
    return mine and referral.has_been_issued
