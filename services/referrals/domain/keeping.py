"""What an agency may still read after consent has ended: what it keeps on a ground of its own, and nothing else."""

from __future__ import annotations

from services.referrals.domain.life import Life

CONSENT_WITHDRAWN = "consent-withdrawn"
"""Why a leg is cancelled or frozen: the person has taken the consent back."""
DELETED = "deleted"
"""The ground of an agency that has kept nothing."""
NEVER_ACCEPTED = "never-accepted"
"""Stands for the ground of an agency that had not accepted when consent was taken back: it has none."""
NOTHING_KEPT = frozenset({DELETED, NEVER_ACCEPTED})


def has_deleted(life: Life) -> bool:
    """Tell whether the agency keeps nothing: it has answered so, or it never took the person's matter on."""
    return life.frozen is not None and life.frozen.ground in NOTHING_KEPT


def may_be_read(life: Life) -> bool:
    """Tell whether the packet may be opened.

    个人信息保护法 Art. 47: where a law has it kept, it is stored and used for nothing else.
    """
    frozen = life.frozen
    return frozen is None or (frozen.acknowledged_at is not None and not has_deleted(life))
