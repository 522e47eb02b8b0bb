"""What each outcome of a referral asks for, told before it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.referrals.domain.outcomes import DETAILS, OUTCOMES, asked, choices, is_grant


@dataclass(frozen=True, slots=True)
class OutcomeNeeds:
    """The fields without which an outcome is refused, and those that may be told with it beside the words of all."""

    needed: tuple[str, ...]
    optional: tuple[str, ...]


def outcome_needs(rules: Mapping[str, Any], *, clinical: bool, own_key: bool) -> dict[str, OutcomeNeeds]:
    """Name the fields of each outcome that a desk may choose by the rules a referral began with, as closing does.

    Words are not asked of an agency with a key of its own (``own_key``), which alone can seal them; nor, of a
    ``clinical`` leg, more than how it came out and what was granted.
    """

    def needs(code: str) -> OutcomeNeeds:
        in_words = not own_key and (not clinical or is_grant(code))
        of_code = asked(rules, code)
        needed = tuple(name for name in of_code if name in DETAILS or in_words)
        rest = dict.fromkeys((*of_code, *OUTCOMES[code].may))
        return OutcomeNeeds(needed, tuple(name for name in rest if name not in needed))

    return {code: needs(code) for code in choices(rules)}
