"""What has happened is told in words in both languages: every fact and every code there is has some."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.intake.domain import changes
from services.intake.domain.leg_facts import MEANINGS, fact_of
from services.intake.entrypoints import answer_labels, fact_labels, story
from services.intake.use_cases import reissue, withdraw_consent
from services.intake.use_cases.commands import ASKING
from services.notifications.domain.words import ABOUT
from services.referrals.domain import reasons
from services.referrals.domain.approvals import NEEDS_LEADER
from services.referrals.domain.handing_over import NEXT
from services.referrals.domain.outcomes import OUTCOMES
from services.referrals.domain.slips import RECORDED
from services.referrals.domain.supervision import LEVELS
from shared.details import DETAIL_TEXTS
from shared.text import Text
from tests.builders import the_district

ROOT = Path(story.__file__).parents[2]
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LATIN = re.compile(r"[a-z]")
_WRITTEN = (
    r'\.line\(\s*\w+, "([a-z-]+)"',
    r'\bnote\(\s*"([a-z-]+)"',
    r'fact="([a-z-]+)"',
    r'"fact": "([a-z-]+)"',
    r'else "(call-[a-z]+)"',
)
_ASKED = r'\bask\(\s*\w+, "([a-z-]+)"'
_REFUSED = (
    r'CannotCarryOut\(\s*"([a-z-]+)"',
    r'"(already-[a-z]+|not-[a-z-]+|papers-not-[a-z]+)"',
    r'"(waits-[a-z-]+|bad-fields|too-late|slip-spent)"',
)


def found(service: str, *patterns: str) -> set[str]:
    sources = [path.read_text("utf-8") for path in (ROOT / service / "use_cases").glob("*.py")]
    return {code for source in sources for pattern in patterns for code in re.findall(pattern, source)}


def every_fact() -> set[str]:
    asked = {*ASKING, *found("intake", _ASKED), "cancel"}
    told = {fact_of(type_) for type_ in MEANINGS}
    written = found("intake", *_WRITTEN) | {withdraw_consent.REASON}
    return told | written | {f"{verb}-requested" for verb in asked}


def line(fact: str, detail: Mapping[str, Any] | None = None, words: object = None) -> story.Line:
    leg = {"id": "x", "number": "MZ-2026-AAAA", "agency": "civil-affairs", "programme": "dibao"}
    told = {"fact": fact, "at": NOON, "staff": "hut", "leg": leg, "detail": detail or {}, "words": words}
    return story.story([told], the_district())[0]


def test_every_fact_has_a_name_in_both_languages() -> None:
    facts = every_fact()
    assert {"submitted", "call-tried", "messaged", "reopen-done", "freeze-requested"} <= facts
    names = {fact: line(fact).name for fact in facts}
    nameless = [
        fact
        for fact, name in names.items()
        if name == fact_labels.UNKNOWN_FACT or LATIN.search(name.zh) or name.en == fact
    ]
    assert nameless == []


def test_what_an_agency_has_deleted_is_not_told_as_kept() -> None:
    told = line("withdrawal-acknowledged", {"ground": "deleted"})
    assert (told.name, told.details) == (fact_labels.NOTHING_KEPT, ())
    kept = line("withdrawal-acknowledged", {"ground": "retention-law"})
    assert (kept.name, len(kept.details)) == (fact_labels.FACTS["withdrawal-acknowledged"], 1)


def test_a_fact_or_code_newer_than_the_words_is_never_shown_by_its_code() -> None:
    new = line("brand-new-fact", {"reason": "brand-new-reason", "papers": ["brand-new"], "step": "new-step"})
    assert "brand-new" not in str(new)
    assert "new-step" not in str(new)


def test_every_code_that_is_told_with_a_fact_is_put_into_words_or_left_out_on_purpose() -> None:
    shown = {name for meaning in MEANINGS.values() for name in meaning.shows}
    assert shown - set(story.DETAILS) - story.SILENT == set()


@pytest.mark.parametrize(
    ("said_there", "said_here"),
    [
        *(
            (getattr(reasons, name), fact_labels.REASONS)
            for name in dir(reasons)
            if name.endswith("_REASONS")
        ),
        (reasons.KEEPING_GROUNDS, fact_labels.GROUNDS),
        (OUTCOMES, fact_labels.OUTCOMES),
        (LEVELS, fact_labels.LEVELS),
        (NEXT, fact_labels.NEXT),
        ({*RECORDED, *NEEDS_LEADER}, fact_labels.ACTIONS),
        (set(DETAIL_TEXTS) - {"reason"}, answer_labels.SAID),
    ],
)
def test_whatever_the_agencies_side_says_in_codes_has_its_words_here(
    said_there: Mapping[str, Any], said_here: Mapping[str, Text]
) -> None:
    inside = set(reasons.HANDOVER_REASONS)
    assert set(said_there) - set(said_here) - inside == set()


def test_every_reason_for_which_something_asked_for_is_refused_has_its_words() -> None:
    refused = found("referrals", *_REFUSED)
    assert {"coordinator-decides", "already-extended", "bad-fields"} <= refused
    assert refused - set(fact_labels.REASONS) == set()


def test_what_a_reminder_is_about_has_its_words_at_the_desk_and_in_messages() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "referrals" / "domain").glob("*.py")]
    patterns = (r'"about": "([a-z-]+)"', r'reckoning, "([a-z-]+)"')
    about = {code for source in sources for pattern in patterns for code in re.findall(pattern, source)}
    assert {"papers", "due-soon", "papers-extended"} <= about
    assert about - set(fact_labels.ABOUT) == set()
    assert set(fact_labels.ABOUT) == set(ABOUT)


def test_a_refusal_says_its_reason_and_what_the_agency_wrote() -> None:
    answer = {
        "action": "close",
        "fields": {"outcome": "refused", "reason": "income-above-limit"},
        "note": "可再申请",
    }
    told = line("closed", {"outcome": "refused"}, answer)
    assert [(each.label.zh, each.words.zh) for each in (*told.details, *told.said)] == [
        ("结果", "不予同意"),
        ("原因", "收入超过标准"),
        ("附言", "可再申请"),
    ]


def test_an_appointment_says_when_where_and_what_to_bring() -> None:
    fields = {"on": "2026-11-25", "at": "上午九点", "place": "民政局二楼", "bring": "身份证"}
    told = line("appointment-made", {"on": "2026-11-25"}, {"action": "appointment", "fields": fields})
    assert [each.words.zh for each in (*told.details, *told.said)] == [
        "2026年11月25日 周三",
        "上午九点",
        "民政局二楼",
        "身份证",
    ]


def test_an_appointment_on_a_day_off_is_told_with_a_warning() -> None:
    told = line("appointment-made", {"on": "2026-11-28"})
    assert [each.label.zh for each in told.details] == ["日期", "请注意"]


@pytest.mark.parametrize("cause", ["return", "transfer"])
def test_what_goes_on_at_another_agency_says_why_and_where(cause: str) -> None:
    told = line("reissue-requested", {"cause": cause, "agency": "employment"})
    assert fact_labels.UNKNOWN_CODE not in [each.words for each in told.details]
    assert {"reissue-requested", "reissue-done", "reissue-refused"} <= every_fact()


def test_why_an_agency_is_late_is_told_and_is_no_note_of_its_colleagues() -> None:
    told = line("noted", {"reason": "staff-short"})
    assert (told.name.zh, told.details[0].words.zh) == ("单位说明超期原因", "人手不足")
    assert line("noted").name.zh == "单位内部备注"


def test_every_reason_for_which_there_is_no_successor_has_its_words_where_that_is_decided_again() -> None:
    here = {*changes.REFUSALS, reissue.CANNOT_BE_ADDED, reissue.REQUEST_ENDED, reissue.WITHDRAWAL_UNDER_WAY}
    assert here == set(reasons.SUCCESSOR_REFUSALS)


def test_that_the_coordinator_decides_again_is_no_reminder_of_a_day() -> None:
    told = line("reminded", {"about": "reissue-refused"})
    assert told.name == fact_labels.DECIDED_ANEW
    assert [each.words.en for each in told.details] == ["No successor was made"]
    assert line("reminded", {"about": "review"}).name == fact_labels.FACTS["reminded"]


def test_a_message_says_from_which_side_it_came() -> None:
    assert line("messaged", {"to": "intake-desk"}).name.en == "Message from the agency"
    assert line("messaged", {"to": "desk"}).name.en == "The agency has the desk's message"
