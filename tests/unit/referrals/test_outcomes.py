"""What a referral may be closed with, and what each outcome must say."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.domain.errors import BadFields, IllegalTransition
from services.referrals.domain.outcomes import OUTCOMES, check_outcome, check_words, choices
from services.referrals.domain.referral import act
from services.referrals.domain.status import Status
from shared.directory import load_pack
from shared.directory.rules import detail_choices
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral, rules

EVERY = {
    "outcomes": [code for code in OUTCOMES if code not in {"withdrawn", "unreachable"}],
    "asks": {"approved": ["amount", "period"], "terminated": ["reason"]},
}
JOB = {
    "outcomes": ["approved", "refused", "waitlisted"],
    "asks": {"approved": ["post", "employer"], "refused": ["reason"], "waitlisted": []},
}
OLD = {"outcomes": ["approved", "refused", "terminated"]}


def faults(fields: dict[str, object], rules: dict[str, Any] = EVERY) -> list[str]:
    with pytest.raises(BadFields) as wrong:
        check_outcome(fields, Status.IN_PROGRESS, rules)
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
    given = {"outcome": "approved", "amount": 0, "period": "once"}
    assert check_outcome(given, Status.ACCEPTED, EVERY) == "approved"


def test_rules_begun_before_they_named_fields_ask_for_the_usual_ones() -> None:
    assert faults({"outcome": "approved"}, OLD) == ["amount", "period"]
    assert faults({"outcome": "terminated"}, OLD) == ["reason"]


def test_another_outcome_has_no_amount() -> None:
    assert faults({"outcome": "enrolled", "amount": 5}) == ["amount"]


@pytest.mark.parametrize(
    "code", sorted(code for code, outcome in OUTCOMES.items() if outcome.withheld is None)
)
def test_every_other_outcome_closes(code: str) -> None:
    given = {"amount": "1", "period": "1", "reason": "income-above-limit"}
    needed = (*OUTCOMES[code].required, *OUTCOMES[code].usual)
    fields = {"outcome": code} | {name: given[name] for name in needed}
    assert check_outcome(fields, Status.IN_PROGRESS, EVERY) == code


def test_nobody_chooses_that_a_referral_lapses() -> None:
    with pytest.raises(IllegalTransition) as refused:
        check_outcome({"outcome": "lapsed"}, Status.IN_PROGRESS, EVERY)
    assert refused.value.reason is not None
    assert "lapsed" not in choices(EVERY)


@pytest.mark.parametrize("reason", [None, "", "because"])
@pytest.mark.parametrize("code", ["refused", "terminated"])
def test_what_ends_aid_against_somebodys_will_names_one_of_the_reasons(code: str, reason: str | None) -> None:
    assert faults({"outcome": code, "reason": reason}) == ["reason"]
    assert OUTCOMES[code].by_leader


def test_the_programmes_own_outcomes_are_offered_first_and_then_those_of_every_programme() -> None:
    assert choices(JOB) == ("approved", "refused", "waitlisted", "withdrawn", "unreachable")


@pytest.mark.parametrize("code", ["enrolled", "service-delivered", "terminated"])
def test_what_the_programme_does_not_have_is_no_way_to_close(code: str) -> None:
    assert faults({"outcome": code, "reason": "other"}, JOB) == ["outcome"]


def test_the_details_a_programme_asks_for_are_needed_and_no_others_taken() -> None:
    given = {"outcome": "approved", "post": "保洁员", "employer": "某社区"}
    assert check_outcome(given, Status.ACCEPTED, JOB) == "approved"
    check_words(given, JOB)
    check_words({"outcome": "approved"}, JOB, complete=False)
    with pytest.raises(BadFields) as wrong:
        check_words({"outcome": "approved", "post": "保洁员", "lawyer": "x"}, JOB)
    assert [fault.field for fault in wrong.value.faults] == ["employer", "lawyer"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("sessions", value) for value in (-1, 0, "x", 10**9, "9" * 5000, 2.5, "1.5", True)),
        *(("passed", value) for value in (-5, 0.5, "-6", "…")),
        *(("share", value) for value in (-1, 101, "250%", True)),
    ],
)
def test_a_detail_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadFields) as wrong:
        check_words({"outcome": "service-delivered", name: value}, {"asks": {"service-delivered": [name]}})
    assert [fault.field for fault in wrong.value.faults] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [("sessions", 6), ("sessions", " 12 "), ("passed", False), ("passed", "合格"), ("share", "70%")],
)
def test_a_detail_that_can_be_is_taken(name: str, value: object) -> None:
    check_words({"outcome": "service-delivered", name: value}, {"asks": {"service-delivered": [name]}})


def test_a_detail_that_the_pack_offers_a_choice_for_is_one_of_these() -> None:
    rules, offered = {"asks": {"approved": ["category"]}}, detail_choices(load_pack("530103"), "hard-emp")
    for said in ("long-term", "长期失业", "long without work"):
        check_words({"outcome": "approved", "category": said}, rules, choices=offered)
    with pytest.raises(BadFields) as wrong:
        check_words({"outcome": "approved", "category": "戒毒人员"}, rules, choices=offered)
    (fault,) = wrong.value.faults
    assert fault.field == "category"
    assert "长期失业（long-term）" in fault.message.zh


def test_a_grant_told_by_amount_and_period_needs_no_words() -> None:
    told = {"outcome": "approved", "amount": 0, "period": "12个月"}
    assert check_outcome(told, Status.ACCEPTED, JOB) == "approved"
    check_words(told, JOB)


def test_opened_again_a_referral_bears_the_reason_of_its_refusal_no_more() -> None:
    rules_with_refusals = {**rules(), "outcomes": ["approved", "refused"]}
    accepted = act(referral(rules=rules_with_refusals), "accept", {}, MONDAY, TIMETABLE).after
    refusal = {"outcome": "refused", "reason": "criteria-not-met"}
    refused = act(accepted, "close", refusal, MONDAY, TIMETABLE).after
    assert refused.reason == "criteria-not-met"
    again = act(refused, "reopen", {"reason": "appeal"}, MONDAY, TIMETABLE)
    assert (again.after.reason, again.after.outcome, again.after.outcome_fields) == (None, None, None)
    assert again.fields["reason"] == "appeal"
