"""What an outcome asks for is told before it is chosen, and is what closing then demands."""

from __future__ import annotations

import pytest

from services.referrals.domain.errors import BadFields
from services.referrals.domain.outcome_needs import OutcomeNeeds, outcome_needs
from services.referrals.domain.outcomes import check_outcome, check_words
from services.referrals.domain.status import Status
from services.referrals.schemas.closing import Close
from shared.details import DETAIL_TEXTS

RULES = {
    "outcomes": ["approved", "service-delivered", "refused"],
    "asks": {"approved": ["post", "amount"], "service-delivered": ["sessions"], "refused": ["reason"]},
}


@pytest.mark.parametrize("code", RULES["outcomes"])
def test_what_is_told_to_be_needed_is_what_a_bare_outcome_is_refused_for(code: str) -> None:
    missing = set()
    for check in (
        lambda: check_outcome({"outcome": code}, Status.ACCEPTED, RULES),
        lambda: check_words({"outcome": code}, RULES),
    ):
        try:
            check()
        except BadFields as error:
            missing |= {fault.field for fault in error.faults}
    assert missing == set(outcome_needs(RULES, clinical=False, own_key=False)[code].needed)


def test_words_are_not_asked_of_whoever_cannot_write_them_here_nor_of_how_a_treatment_went() -> None:
    sealed_there = outcome_needs(RULES, clinical=False, own_key=True)
    assert sealed_there["approved"] == OutcomeNeeds(("amount",), ("post", "period"))
    treated = outcome_needs(RULES, clinical=True, own_key=False)
    assert treated["service-delivered"] == OutcomeNeeds((), ("sessions",))
    assert treated["approved"].needed == ("post", "amount")


def test_the_description_of_closing_names_every_usual_detail() -> None:
    listed = Close._declared_fields
    assert [
        name for name in DETAIL_TEXTS if name not in listed and f"`{name}`" not in str(Close.__doc__)
    ] == []
