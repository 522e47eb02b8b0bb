"""Consent that is taken back or given anew, and a wish to withdraw: what each does to a referral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.referrals.domain import reasons, wording
from services.referrals.domain.doing import Doing, Effect, coded
from services.referrals.domain.errors import TooLate
from services.referrals.domain.life import Frozen


def freeze(doing: Doing) -> Effect:
    """Freeze what the agency holds, from the moment consent was taken back."""
    reason = doing.fields["reason"]
    return Effect(
        replace(doing.referral.life, frozen=Frozen(at=doing.at, reason=reason)), codes={"reason": reason}
    )


def unfreeze(doing: Doing) -> Effect:
    """Go on with it on a new consent."""
    # What the agency has answered to the withdrawal stands in the history; a new consent is a new ground.
    return Effect(
        replace(doing.referral.life, frozen=None),
        codes={"rev": doing.fields["rev"]},
        sets=whom(doing),
    )


def acknowledge(doing: Doing) -> Effect:
    """Take the agency's answer: on what ground of its own it keeps what it has, or that it kept nothing."""
    frozen = doing.referral.life.frozen
    if frozen is None or frozen.acknowledged_at is not None:
        raise TooLate("acknowledge-withdrawal", doing.referral.status, wording.NOT_FROZEN)
    ground = coded(doing.fields, "ground", reasons.KEEPING_GROUNDS)
    settled = replace(frozen, acknowledged_at=doing.at, ground=ground)
    return Effect(replace(doing.referral.life, frozen=settled), codes={"ground": ground})


def ask(doing: Doing) -> Effect:
    """Note since when the person wishes to withdraw what the agency had accepted."""
    asked = replace(doing.referral.life, withdrawal_asked_at=doing.at)
    return Effect(asked, codes={"reason": doing.fields["reason"]})


def whom(doing: Doing) -> Mapping[str, Any]:
    """Say whom it counts for by what the help desk has told with a new packet."""
    # It may turn out to be for somebody else; who nobody can tell any more stays counted as before.
    told = doing.fields.get("counts_as")
    return {"counts_as": told} if told else {}
