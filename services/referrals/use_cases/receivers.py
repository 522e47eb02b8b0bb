"""To whom a referral may be handed: an agency of the district, and a programme that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.referrals.domain import wording
from services.referrals.domain.doing import one_of, together
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.referral import Change, Referral
from shared.directory import District

HANDS_OVER = frozenset({"propose-transfer", "confirm-return"})
"""Actions that name who goes on."""


def with_receiver(
    take: Callable[[], Change], referral: Referral, action: str, fields: Mapping[str, Any], district: District
) -> Change:
    """Take an action; where it names who goes on, its faults and theirs are told together.

    Raises ``BadFields`` and what the action raises.
    """
    if action not in HANDS_OVER:
        return take()
    change: Change = together(take, lambda: _check(referral, fields, district))[0]
    return change


def _check(referral: Referral, fields: Mapping[str, Any], district: District) -> None:
    agency, programme = fields.get("to_agency"), fields.get("to_programme")
    if not agency or agency == referral.agency or fields.get("next") == "none":
        return  # the action itself has told
    if agency not in district.agencies:
        others = {known: each.name for known, each in district.agencies.items() if known != referral.agency}
        raise BadFields([FieldFault("to_agency", one_of(wording.NO_SUCH_AGENCY, others))])
    theirs = {
        each.id: each.name for each in district.programmes.values() if each.agency == agency and each.offered
    }
    # What health agencies do goes by one neutral name here, and the help desk chooses among it.
    if programme and programme not in theirs:
        raise BadFields([FieldFault("to_programme", one_of(wording.NOT_THEIR_PROGRAMME, theirs))])
