"""What each outcome of a referral asks for, told before it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.referrals.domain.outcomes import DETAILS, OUTCOMES, asked, choices, words_needed


@dataclass(frozen=True, slots=True)
class OutcomeNeeds:
    """The fields without which an outcome is refused, and those that may be told with it beside the words of all."""

    needed: tuple[str, ...]
    optional: tuple[str, ...]


def outcome_needs(rules: Mapping[str, Any], *, clinical: bool, own_key: bool) -> dict[str, OutcomeNeeds]:
    """Name the fields of each outcome that a desk may choose by the rules a referral began with, as closing does.

    ``clinical`` and ``own_key`` decide whether words are among them, as ``words_needed`` says.
    """

    def needs(code: str) -> OutcomeNeeds:
        in_words = words_needed(code, clinical=clinical, own_key=own_key)
        of_code = asked(rules, code)
        needed = tuple(name for name in of_code if name in DETAILS or in_words)
        rest = dict.fromkeys((*of_code, *OUTCOMES[code].may))
        return OutcomeNeeds(needed, tuple(name for name in rest if name not in needed))

    return {code: needs(code) for code in choices(rules)}
