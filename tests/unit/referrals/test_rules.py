"""Every rule that can refuse has a problem type of its own, a status, and a sentence in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.referrals import __file__ as service
from services.referrals.domain import outcomes, wording
from services.referrals.domain.by_command import BY_COMMAND
from services.referrals.domain.doing import Doing, filled
from services.referrals.domain.errors import BadFields, FieldFault, NotYours, ReferralError, Rule
from services.referrals.domain.life import Frozen, Proposal, Step
from services.referrals.domain.referral import Referral, act
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.status import Status
from services.referrals.entrypoints.problems import problem_of
from services.referrals.use_cases.assign import check_officer
from services.referrals.use_cases.receivers import with_receiver
from shared.clock.steps import PUBLICITY
from tests.builders import the_district
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral, rules

Raising = Callable[[], object]

AID_FIRST = {
    "pay_within": {"unit": "hour", "total": 24, "starts_on": "issued"},
    "papers_after": {"unit": "working_day", "total": 10, "starts_on": "issued"},
}
LATER = MONDAY + timedelta(days=60)
AT_WORK = referral(Status.IN_PROGRESS)
CLOSED = referral(Status.CLOSED, outcome="withdrawn")
FROZEN = Frozen(at=MONDAY, reason="consent-withdrawn")
NOTICE = {"unit": "calendar_day", "total": 7, "counts": True}
PUBLISHED = replace(
    referral(Status.IN_PROGRESS, rules={**rules(), "publicity": NOTICE}),
    life=replace(AT_WORK.life, steps=(Step(PUBLICITY, MONDAY),)),
)
EXPLAINED = replace(AT_WORK, life=replace(AT_WORK.life, overdue_reason="other"))
HELD = referral(Status.IN_PROGRESS, assignee="officer")
RETURNING = Proposal("return", reason="not-our-duty", by="officer", confirmed=True)
REFUSED = {"outcome": "refused", "reason": "other"}


def _does(leg: Referral, action: str, at: Any = MONDAY, **fields: Any) -> Raising:
    return lambda: act(leg, action, fields, at, TIMETABLE, by="somebody")


def _beside(leg: Referral, action: str, **fields: Any) -> Raising:
    return lambda: side_act(leg, action, Doing(leg, fields, MONDAY, TIMETABLE, "somebody"))


def _raises(error: ReferralError) -> Raising:
    def raise_() -> None:
        raise error

    return raise_


def _hands_to(agency: str, programme: str | None = None) -> Raising:
    fields = {"to_agency": agency, "to_programme": programme}
    return lambda: with_receiver(
        lambda: None,  # type: ignore[arg-type, return-value] # what the action itself does is not looked at
        AT_WORK,
        "propose-transfer",
        fields,
        the_district(),
    )


def _extends(due_on: date | None = None, **clocks: Any) -> Raising:
    leg = referral(Status.IN_PROGRESS, rules=rules(**clocks))
    return _does(leg, "extend", reason="special-case", **({"due_on": due_on} if due_on else {}))


BROKEN: Mapping[str, tuple[int, Raising]] = {
    "urged-today": (409, _beside(replace(AT_WORK, life=replace(AT_WORK.life, urged_on=MONDAY.date())), "urge")),
    "already-claimed": (409, _beside(HELD, "claim")),
    "claimed-by-you": (409, _beside(replace(HELD, assignee="somebody"), "claim")),
    "appointment-stands": (
        409,
        _beside(
            replace(AT_WORK, life=replace(AT_WORK.life, appointment_on=date(2026, 12, 1))),
            "appointment",
            on=date(2026, 12, 1),
        ),
    ),
    "lent-already": (
        409,
        _beside(
            replace(HELD, delegated_to="somebody", delegated_until=date(2026, 12, 1)),
            "delegate",
            assignee="somebody",
            until=date(2026, 12, 1),
        ),
    ),
    "delay-explained": (
        409,
        lambda: side_act(
            EXPLAINED, "explain-delay", Doing(EXPLAINED, {"reason": "other"}, LATER, TIMETABLE, "somebody")
        ),
    ),
    "nobody-has-it": (409, _beside(AT_WORK, "reassign", assignee="somebody")),
    "return-too-late": (409, _does(referral(), "propose-return", LATER, reason="not-our-duty")),
    "no-withdrawal-pending": (409, _beside(AT_WORK, "acknowledge-withdrawal", ground="retention-law")),
    "reopened-without-consent": (
        409, _does(replace(CLOSED, life=replace(AT_WORK.life, frozen=FROZEN)), "reopen", reason="error"),
    ),
    "nobody-waits": (422, _does(CLOSED, "reopen", reason="place-free")),
    "papers-extended-once": (
        409,
        _beside(
            replace(
                referral(Status.AWAITING_DOCUMENTS),
                life=replace(AT_WORK.life, papers_due_on=MONDAY.date(), papers_extended=True),
            ),
            "more-time",
        ),
    ),
    "aid-first": (
        409,
        _does(
            referral(Status.ACCEPTED, rules={**rules(), "aid_first": AID_FIRST}),
            "request-documents",
            papers=["id-card"],
        ),
    ),
    "public-notice-hangs": (409, _does(PUBLISHED, "close", outcome="approved", amount=1, period="once")),
    "outcome-not-available": (409, _does(AT_WORK, "close", outcome="lapsed")),
    "not-by-hand": (403, _raises(NotYours("cancel", BY_COMMAND["cancel"]))),
    "not-in-hand": (403, _raises(NotYours("reassign", wording.NOT_IN_HAND))),
    "paper-not-on-the-list": (422, _does(AT_WORK, "request-documents", papers=["passport"])),
    "no-named-steps": (
        422, _does(referral(Status.ACCEPTED, rules={**rules(), "steps": []}), "start", step="survey"),
    ),
    "not-published": (422, _does(AT_WORK, "step", step="publicity")),
    "suspension-too-long": (
        422, _does(AT_WORK, "suspend", reason="hearing", review_on=date(2027, 12, 1)),
    ),
    "no-more-time": (422, _extends(decide={"unit": "working_day", "total": 30, "starts_on": "issued"})),
    "extension-not-later": (422, _extends(date(2026, 11, 25))),
    "extension-too-long": (422, _extends(date(2027, 12, 1))),
    "same-agency": (
        422, _does(AT_WORK, "propose-transfer", reason="other-agency-in-charge", to_agency="civil-affairs"),
    ),
    "successor-under-way": (
        422,
        _does(
            replace(referral(Status.RETURN_PROPOSED), life=replace(AT_WORK.life, proposal=RETURNING)),
            "confirm-return",
            next="reissue",
            to_agency="employment",
        ),
    ),
    "no-successor-wanted": (
        422,
        _does(referral(Status.RETURN_PROPOSED), "confirm-return", next="none", reason="other", to_agency="employment"),
    ),
    "same-officer": (422, _beside(HELD, "delegate", assignee="officer", until=date(2026, 12, 1))),
    "lent-too-long": (422, _beside(HELD, "delegate", assignee="somebody", until=date(2027, 11, 25))),
    "gone-for-good": (422, _raises(BadFields([FieldFault("until", wording.GONE_FOR_GOOD)]))),
    "not-an-officer": (422, lambda: check_officer(the_district(), AT_WORK, "nobody", "assignee")),
    "no-such-staff": (422, _raises(BadFields([FieldFault("from", filled(wording.NO_SUCH_STAFF, staff="x"))]))),
    "no-such-agency": (422, _hands_to("nobody")),
    "not-their-programme": (422, _hands_to("employment", "dibao")),
    "level-only-rises": (422, _beside(replace(AT_WORK, supervised="red"), "supervise", level="blue")),
    "supervised-today": (
        409,
        _beside(replace(AT_WORK, life=replace(AT_WORK.life, noticed_on=MONDAY.date())), "supervise", level="blue"),
    ),
    "level-by-level": (422, _beside(AT_WORK, "supervise", level="yellow")),
    "level-when-late": (422, _beside(replace(AT_WORK, supervised="blue"), "supervise", level="yellow")),
    "appointment-too-far": (422, _beside(AT_WORK, "appointment", on=date(2027, 11, 25))),
    "ends-before-it-begins": (422, _beside(AT_WORK, "appointment", on=date(2026, 11, 24), at="11:30-09:30")),
    "hour-has-passed": (422, _beside(AT_WORK, "appointment", on=MONDAY.date(), at="09:30")),
    "no-delay-to-explain": (409, _beside(AT_WORK, "explain-delay", reason="other")),
    "overdue-reason-needed": (422, _does(AT_WORK, "close", LATER, outcome="withdrawn")),
    "not-overdue": (422, _does(AT_WORK, "close", outcome="withdrawn", overdue_reason="other")),
    "refusal-reason-needed": (
        422, _does(referral(Status.IN_PROGRESS, rules={**rules(), "outcomes": ["refused"]}), "close",
                   outcome="refused"),
    ),
    "outcome-not-of-programme": (422, _does(AT_WORK, "close", outcome="enrolled")),
}  # fmt: skip
"""Rule → the status it refuses with, and what breaks it."""


def _known() -> Iterator[Rule]:
    yield from (said for said in vars(wording).values() if isinstance(said, Rule))
    yield from (said for said in vars(outcomes).values() if isinstance(said, Rule))
    yield from (said for said in outcomes._MISSING.values() if isinstance(said, Rule))
    yield from (outcome.withheld for outcome in outcomes.OUTCOMES.values() if outcome.withheld)
    yield BY_COMMAND["cancel"]


def test_every_rule_is_broken_here_and_no_two_share_a_type() -> None:
    found = [rule.id for rule in _known()]
    assert sorted(found) == sorted(BROKEN)


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_has_its_own_type_and_says_its_sentence_in_both_languages(rule: str) -> None:
    status, breaks = BROKEN[rule]
    with pytest.raises(ReferralError) as refused:
        breaks()
    problem = problem_of(refused.value)
    said: Any = problem.body("zh", "request")
    assert (problem.status, said["type"]) == (status, f"urn:aid:problem:{rule}")
    assert re.search("[\u4e00-\u9fff]", said["messages"]["zh"])
    assert not re.search("[\u4e00-\u9fff{}]", said["messages"]["en"].replace("，", ""))
    assert bool(said.get("errors")) == (status == 422)


def test_several_faults_at_once_are_bad_input_that_names_each() -> None:
    with pytest.raises(BadFields) as refused:
        act(AT_WORK, "close", {"outcome": "approved"}, LATER, TIMETABLE, by="somebody")
    said: Any = problem_of(refused.value).body("en", "request")
    assert said["type"] == "urn:aid:problem:bad-input"
    assert [error["field"] for error in said["errors"]] == ["amount", "period", "overdue_reason"]


def test_the_readme_lists_every_rule() -> None:
    written = (Path(service).parent / "README.md").read_text()
    assert [rule for rule in BROKEN if f"`{rule}`" not in written] == []
