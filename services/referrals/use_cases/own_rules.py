"""What is a leg's own programme's alone, where its rules list what several have that must not be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from services.referrals.domain.referral import Referral
from services.referrals.persistence import referrals
from services.referrals.use_cases.badges import Badge
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.words import holds_own_key
from shared.directory import District
from shared.directory.programmes import CLINICAL_OUTWARD


def as_its_agency_knows(referral: Referral, badge: Badge | None) -> Referral:
    """Give a leg whose rules list its own papers, steps and outcomes alone, as its opened badge tells them.

    For its agency only, and never to be stored: the rules that lie in the table tell no such leg from another.
    """
    if badge is None or badge.papers is None or badge.steps is None:
        return referral
    own: dict[str, Any] = {"papers": list(badge.papers), "steps": list(badge.steps)}
    if badge.outcomes is not None:
        own |= {"outcomes": list(badge.outcomes), "asks": dict(badge.outcomes)}
    return replace(referral, rules={**referral.rules, **own})


TELLING = frozenset({"step", "papers"})
"""Codes of which a treatment has as many as it needs: the third step is that of the only one with three."""


def as_others_know(referral: Referral) -> Referral:
    """Give a leg as whoever is not of its agency knows it; never to be stored.

    Of a clinical one that is without its steps and papers: how many there were would tell which treatment it is.
    """
    if referral.programme != CLINICAL_OUTWARD:
        return referral
    return replace(referral, step=None, life=replace(referral.life, steps=(), papers=()))


def codes_for_others(referral: Referral, codes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what an action says in codes as whoever is not of the leg's agency may read it."""
    if referral.programme != CLINICAL_OUTWARD:
        return codes
    return {name: code for name, code in codes.items() if name not in TELLING}


def held_to_its_own(
    context: Context, connection: Connection, referral: Referral, district: District
) -> Referral:
    """Give a leg on which its agency acts, by what is its own where the key to them is held here."""
    if referral.programme != CLINICAL_OUTWARD or holds_own_key(referral, district):
        return referral
    sealed = referrals.packet_of(connection, referral.id)
    if sealed is None:
        return referral
    badge = context.badges.open(context.keyring, referral.agency, referral.id, sealed.badge)
    return as_its_agency_knows(referral, badge)
