"""What a referral may be closed with, and what each outcome must say."""

from __future__ import annotations

import pytest

from services.referrals.domain.errors import BadFields, IllegalTransition
from services.referrals.domain.outcomes import OUTCOMES, check_outcome, choices
from services.referrals.domain.status import Status


def faults(fields: dict[str, object]) -> list[str]:
    with pytest.raises(BadFields) as wrong:
        check_outcome(fields, Status.IN_PROGRESS)
    return [fault.field for fault in wrong.value.faults]


def test_the_outcomes_are_those_of_the_life_cycle() -> None:
    assert set(OUTCOMES) == {
        "approved",
        "enrolled",
        "service-delivered",
        "waitlisted",
        "refused",
        "withdrawn",
        "terminated",
        "unreachable",
        "lapsed",
    }


def test_closing_needs_an_outcome() -> None:
    assert faults({}) == ["outcome"]
    assert faults({"outcome": "no-such-outcome"}) == ["outcome"]


def test_an_approval_needs_amount_and_period() -> None:
    assert faults({"outcome": "approved"}) == ["amount", "period"]
    assert faults({"outcome": "approved", "amount": 0}) == ["period"]
    assert (
        check_outcome({"outcome": "approved", "amount": 0, "period": "once"}, Status.ACCEPTED) == "approved"
    )


def test_another_outcome_has_no_amount() -> None:
    assert faults({"outcome": "enrolled", "amount": 5}) == ["amount"]


@pytest.mark.parametrize(
    "code", sorted(code for code, outcome in OUTCOMES.items() if outcome.withheld is None)
)
def test_every_other_outcome_closes(code: str) -> None:
    given = {"amount": "1", "period": "1", "reason": "income-above-limit"}
    fields = {"outcome": code} | {name: given[name] for name in OUTCOMES[code].required}
    assert check_outcome(fields, Status.IN_PROGRESS) == code


def test_nobody_chooses_that_a_referral_lapses() -> None:
    with pytest.raises(IllegalTransition) as refused:
        check_outcome({"outcome": "lapsed"}, Status.IN_PROGRESS)
    assert refused.value.reason is not None
    assert "lapsed" not in choices([])


@pytest.mark.parametrize("reason", [None, "", "because"])
def test_a_refusal_names_one_of_the_reasons(reason: str | None) -> None:
    assert faults({"outcome": "refused", "reason": reason}) == ["reason"]


def test_the_programmes_own_outcomes_are_offered_first() -> None:
    assert choices(["withdrawn", "enrolled"])[:2] == ("enrolled", "withdrawn")
    assert set(choices(["withdrawn"])) == set(choices([]))
