"""Whose a referral is, as a grant of the policy sees it: everybody's who may follow it, or one's own agency's."""

from __future__ import annotations

from services.referrals.domain.referral import Referral
from shared.identity import Grant


def reaches(grant: Grant, referral: Referral) -> bool:
    """Tell whether a grant reaches a referral: by its agency or counter, or by where it was filed."""
    return grant.reaches(
        agency=referral.agency,
        unit=referral.unit,
        street=referral.street,
        counter=referral.desk_street,
    )


def is_own(grant: Grant, referral: Referral) -> bool:
    """Tell whether a referral is that of the grant's own agency or counter, wherever it was filed."""
    return referral.agency in grant.agencies or (referral.agency, referral.desk_street) in grant.counters
