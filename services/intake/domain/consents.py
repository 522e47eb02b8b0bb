"""When a consent covers a leg, and what it lets an agency learn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.intake.domain.filing import Consent

INDISPENSABLE = "identity"
"""Without knowing who somebody is nobody can help; every other kind that is missing only shrinks the packet."""


def valid_on(consent: Consent, day: date) -> bool:
    """Tell whether the consent runs on ``day``; its first and its last day are included."""
    return consent.expires_on >= day and (consent.starts_on is None or consent.starts_on <= day)


def covered_kinds(consents: Iterable[Consent], agency: str, programme: str, day: date) -> frozenset[str]:
    """Collect the data kinds which ``agency`` may learn on ``day`` for ``programme``.

    Empty when no consent covers the leg: one that does includes ``identity`` (个人信息保护法 Art. 23, 29).
    """
    kinds: frozenset[str] = frozenset()
    for consent in consents:
        if (
            consent.agency == agency
            and programme in consent.programmes
            and INDISPENSABLE in consent.data_kinds
            and valid_on(consent, day)
        ):
            kinds |= consent.data_kinds
    return kinds
