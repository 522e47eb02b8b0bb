"""How many days a line tells, and to whom it tells who it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.life import Life, Pause
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence.referrals import Line
from services.referrals.persistence.timeline import step_by_step
from services.referrals.use_cases.case_facts import facts_of_case
from services.referrals.use_cases.case_timeline import Entry, days_used, timeline
from services.referrals.use_cases.views import view
from shared import ids
from shared.text import Text
from tests.builders import STREET, a_principal, the_district
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

DAY = timedelta(days=1)


def line(role: str, actor: str | None, at: datetime = MONDAY, number: int = 1) -> Line:
    return Line(
        id=f"019aae10-4c01-7c42-8a10-00000000000{number}",
        referral_id=referral().id,
        at=at,
        action="note",
        from_status=Status.ISSUED,
        to_status=Status.ISSUED,
        actor=actor,
        role=role,
        fields={"reason": "other", "amount": 560, "period": "monthly"},
    )


def told(lines: list[Line], role: str, leg: Referral | None = None) -> list[Entry]:
    reader = a_principal(role)
    shown = view(leg or referral(), reader, the_district(), MONDAY)
    entries = timeline([shown], {shown.referral.id: lines}, reader, TIMETABLE)
    return [entry for entry in entries if entry.leg is not None]


def test_days_are_those_of_the_decision_clock_up_to_the_moment_told() -> None:
    assert [days_used(referral(), MONDAY + n * DAY, TIMETABLE) for n in (0, 1, 4, 5, 6, 7)] == [
        0,
        1,
        4,
        4,
        4,
        5,
    ]


def test_days_in_which_the_clock_stood_still_are_not_used_even_while_it_still_does() -> None:
    over = replace(referral(), life=Life(pauses=(Pause("papers", MONDAY + DAY, MONDAY + 3 * DAY),)))
    lasting = replace(referral(), life=Life(pauses=(Pause("papers", MONDAY + DAY),)))
    assert days_used(over, MONDAY + 4 * DAY, TIMETABLE) == 2
    assert days_used(lasting, MONDAY + 4 * DAY, TIMETABLE) == 1


def test_days_a_predecessor_used_are_told_from_the_beginning() -> None:
    successor = replace(referral(), life=Life(days_used=7))
    (delivered,) = told([], "coordinator", successor)
    assert delivered.days_used == 7
    assert days_used(successor, MONDAY + 2 * DAY, TIMETABLE) == 9


def test_after_the_end_no_days_are_used() -> None:
    ended = replace(referral(Status.CLOSED), ended_at=MONDAY + 2 * DAY)
    assert days_used(ended, MONDAY + 30 * DAY, TIMETABLE) == 2


@given(st.lists(st.integers(0, 60), min_size=2, max_size=2), st.integers(0, 40), st.integers(0, 30))
def test_days_used_never_go_back(moments: list[int], since: int, long: int) -> None:
    pause = Pause("suspension", MONDAY + since * DAY, MONDAY + (since + long) * DAY)
    paused = replace(referral(), life=Life(pauses=(pause,)))
    earlier, later = (days_used(paused, MONDAY + n * DAY, TIMETABLE) for n in sorted(moments))
    assert 0 <= earlier <= later <= max(moments)


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("coordinator", [None, "coordinator-1", None, None]),
        ("hut", [None, None, "hut-1", None]),
        ("specialist", [None, None, "hut-1", "specialist-1"]),
    ],
)
def test_staff_are_told_to_their_own_side_alone(reader: str, seen: list[str | None]) -> None:
    roles = ("desk", "coordinator", "intake-desk", "specialist")
    staff = ("desk-1", "coordinator-1", "hut-1", "specialist-1")
    lines = [line(role, actor, number=n) for n, (role, actor) in enumerate(zip(roles, staff, strict=True))]
    entries = told(lines, reader)[1:]
    assert [entry.staff for entry in entries] == seen
    assert [entry.by_agency for entry in entries] == ["civil-affairs", None, None, None]
    assert [entry.by_unit for entry in entries] == [None, None, referral().unit, STREET]


def test_what_is_no_code_is_not_told() -> None:
    assert told([line("desk", "desk-1")], "coordinator")[1].codes == {"reason": "other"}


def test_a_leg_that_waits_for_its_check_begins_as_planned() -> None:
    (planned,) = told([], "coordinator", referral(Status.PLANNED))
    assert (planned.action, planned.to_status) == ("plan", Status.PLANNED)


def of_case(
    legs: list[Referral], lines: dict[str, list[Line]]
) -> list[tuple[str, datetime, str, dict[str, Any]]]:
    return [(fact.action, fact.at, fact.unit, dict(fact.codes)) for fact in facts_of_case(legs, lines)]


def test_a_case_is_filed_once_added_to_and_moved_as_a_whole() -> None:
    first, second = referral(), replace(referral(), id=ids.at(MONDAY), number="SB-2026-00000002")
    later = replace(referral(), id=ids.at(MONDAY + DAY), number="RS-2026-00000003", issued_at=MONDAY + DAY)
    moved = replace(
        line("intake-desk", None, MONDAY + 2 * DAY), action="move", fields={"from_unit": "530103004001"}
    )
    lines = {leg.id: [moved] for leg in (first, second, later)}
    assert of_case([first, second, later], lines) == [
        ("file", MONDAY, "530103004001", {}),
        ("add-legs", MONDAY + DAY, "530103004001", {"legs": ["RS-2026-00000003"]}),
        ("move", MONDAY + 2 * DAY, first.unit, {"from_unit": "530103004001", "to_unit": first.unit}),
    ]


def test_a_leg_is_told_step_by_step_whichever_moment_each_step_began_at() -> None:
    early = replace(
        line("intake-desk", None, MONDAY, 1),
        action="reseal", from_status=Status.RETURN_PROPOSED, to_status=Status.RETURN_PROPOSED,
    )  # fmt: skip
    late = replace(
        line("desk", "d", MONDAY + DAY, 2), action="propose-return", to_status=Status.RETURN_PROPOSED
    )
    after = replace(late, action="refuse-return", from_status=late.to_status, to_status=Status.ISSUED)
    assert [each.action for each in step_by_step([early, late, after])] == [
        "propose-return", "reseal", "refuse-return",
    ]  # fmt: skip


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(seconds=2)])
def test_a_cause_is_told_before_its_effect_also_where_another_clock_was_behind(behind: timedelta) -> None:
    first, at = referral(), MONDAY + DAY
    ends = [
        replace(line("desk", "d", at, n), action=action, fields=fields)
        for n, (action, fields) in enumerate(
            [("propose-transfer", {}), ("complete-transfer", {"successor": ids.at(MONDAY)})], 1
        )
    ]
    successor = replace(
        first,
        id=str(ends[1].fields["successor"]),
        number="RS-2026-00000003",
        issued_at=at - behind,
        life=Life(predecessor=first.id),
    )
    reader = a_principal("coordinator")
    legs = [view(leg, reader, the_district(), at) for leg in (first, successor)]
    entries = timeline(legs, {first.id: ends, successor.id: []}, reader, TIMETABLE)
    assert [entry.action for entry in entries] == [
        "file", "issue", "propose-transfer", "add-legs", "issue", "complete-transfer",
    ]  # fmt: skip


def test_what_the_street_sent_back_was_filed_before_it_was_issued() -> None:
    leg = replace(referral(), id=ids.at(MONDAY), issued_at=MONDAY + 3 * DAY)
    steps = [
        replace(line("specialist", None, MONDAY + n * DAY), action=action)
        for n, action in enumerate(("send-back", "resubmit", "issue"), 1)
    ]
    assert [(fact[0], fact[1]) for fact in of_case([leg], {leg.id: steps})] == [
        ("file", MONDAY),
        ("send-back", MONDAY + DAY),
        ("resubmit", MONDAY + 2 * DAY),
    ]


def test_what_was_taken_down_is_told_with_what_it_was() -> None:
    recorded = replace(line("coordinator", "c"), action="record-on-behalf", fields={"action": "accept"})
    assert told([recorded], "coordinator")[1].name == Text("代录书面答复：受理", "Record on behalf: Accept")
