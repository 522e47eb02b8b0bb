"""Who has said no to passing data on is not asked again for a while; they may say yes on any day (网数条例 Art. 22)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

COOLDOWN = "reask_cooldown_days"
"""The option of the pack, under ``consent``: for so many calendar days nobody asks again."""
FACT = "consent-refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A person's no: for one agency and one of its programmes, or for all of them where ``programme`` is None."""

    agency: str
    programme: str | None
    at: datetime

    def is_about(self, agency: str, programme: str | None) -> bool:
        """Tell whether asking for a consent for that agency and programme would be asking for the same again."""
        return self.agency == agency and self.programme in {None, programme}


def standing(
    refusals: Iterable[Refusal], agency: str, programme: str | None, *, since: datetime | None = None
) -> Refusal | None:
    """Find the last refusal about an agency and programme; ``since`` a consent was given after it, it is lifted."""
    about = [
        one for one in refusals if one.is_about(agency, programme) and (since is None or one.at >= since)
    ]
    return max(about, key=lambda one: one.at, default=None)
