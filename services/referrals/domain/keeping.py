"""What an agency may still read after consent has ended: what it keeps on a ground of its own, and nothing else."""

from __future__ import annotations

from services.referrals.domain.life import Life

DELETED = "deleted"
"""The ground of an agency that has kept nothing."""


def has_deleted(life: Life) -> bool:
    """Tell whether the agency has answered that it deleted what it held."""
    return life.frozen is not None and life.frozen.ground == DELETED


def may_be_read(life: Life) -> bool:
    """Tell whether the packet may be opened.

    个人信息保护法 Art. 47: where a law has it kept, it is stored and used for nothing else.
    """
    frozen = life.frozen
    return frozen is None or (frozen.acknowledged_at is not None and not has_deleted(life))
