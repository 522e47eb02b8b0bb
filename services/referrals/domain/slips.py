"""Slips: scans of what an agency answered on paper, without which nobody takes down its decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.referrals.domain.errors import ReferralError

RECORDED = (
    "acknowledge",
    "accept",
    "request-documents",
    "start",
    "step",
    "suspend",
    "resume",
    "propose-return",
    "propose-transfer",
    "close",
    "acknowledge-withdrawal",
)
"""What an agency may have answered on paper, whoever takes it down; what its leader must agree to bears the leader's
signature there. More time is asked for by whoever signs for it, and no answer to the person."""
BESIDE_THE_STATUS = frozenset({"acknowledge-withdrawal"})
"""Those of them that are side actions: they are taken down for whoever has handed the referral on, too."""
MOST_SLIPS = 20
"""Slips of one referral at most, as papers of one leg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One scan: ``media`` and ``size`` (bytes) are its content's; ``added_by`` is a staff id, or the help desk's name.

    ``id`` names its blob, where the coordinator took it in; the help desk's lies where its papers do.
    """

    id: str
    referral_id: str
    media: str
    size: int
    added_at: datetime
    added_by: str


class NoSuchSlip(ReferralError):
    """The referral has no such slip, or none that the asker may open."""


class SlipMissing(ReferralError):
    """A decision is to be taken down without a slip that was uploaded for this referral."""


class SlipSpent(ReferralError):
    """A decision was taken down by this slip already."""


class TooManySlips(ReferralError):
    """The referral has as many slips as it may."""
