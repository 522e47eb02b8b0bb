"""A notice is imported: due days of open referrals move once, are told, and the rules they began with stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.calendar import put_in_force
from services.referrals.domain.due_moves import moved
from services.referrals.domain.reasons import SUSPEND_REASONS
from services.referrals.persistence import queries, referrals
from services.referrals.persistence.filters import Filter, Reach
from services.referrals.use_cases import move_due
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.erase import erase_request
from services.referrals.use_cases.move_due import SETTLED_AFTER, DueMover, move_all
from shared.directory import Directory
from shared.directory.holiday_notice import read_notice
from tests.builders import MONDAY, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of
from tests.unit.directory.notices import NOTICE_2027, write_notice

DECEMBER = datetime(2026, 12, 21, 1, 30, tzinfo=UTC)
"""A Monday from which 30 working days reach into February 2027."""


def import_notice(road: Road, folder: Path, rows: list[str] | None = None, *, again: bool = False) -> Context:
    """Import a notice, and give the context of a process that has seen it."""
    notice, errors = read_notice(write_notice(folder, rows), "test")
    assert notice is not None, errors
    installation = road.installation
    current = installation.directory("intake").current()
    put_in_force(installation.databases, current, notice, installation.clock.now(), replace=again)
    road.parts = replace(road.parts, directory=installation.directory("referrals"))
    return road.parts


def accepted(road: Road, *programmes: str) -> str:
    """File and accept the first of these at civil affairs, so that only its decision clock runs."""
    leg = leg_of(road.file(*programmes))
    road.act(leg, "acknowledge", 1)
    road.act(leg, "accept", 2)
    return leg


def due_on(road: Road, leg: str) -> date | None:
    """Read the due day of a referral as it stands."""
    with road.parts.database.read() as connection:
        return referrals.load(connection, [leg])[leg].due_on


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation in December, whose clocks run into the next year."""
    return Road(an_installation(database, now=DECEMBER))


def test_due_days_move_by_the_notice_and_each_is_listed_and_told_once(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    assert due_on(road, leg) == date(2027, 2, 2)
    context = import_notice(road, tmp_path)
    moves = list(move_all(context))
    # December 22-25, Sunday 27, 28-31, January 4-8, 11-15, 18-22, 25-29, Sunday 31: both Sundays are worked now.
    assert [(move.was_on, move.due_on) for move in moves] == [(date(2027, 2, 2), date(2027, 1, 31))]
    assert due_on(road, leg) == date(2027, 1, 31)
    told = road.told(leg)[-1]
    assert told.type == "referral.due-moved.v1"
    assert (told.data["was_on"], told.data["due_on"]) == ("2027-02-02", "2027-01-31")
    assert [record.object_id for record in road.audited("referral.move-due")] == [leg]
    assert list(move_all(context)) == []
    assert road.told(leg)[-1] == told


def test_a_process_that_still_counts_by_the_calendar_before_takes_nothing_back(
    road: Road, tmp_path: Path
) -> None:
    leg = accepted(road, "dibao")
    late = replace(road.parts, directory=Directory(road.parts.database, fresh_for=float("inf")))
    late.directory.current()
    assert len(list(move_all(import_notice(road, tmp_path)))) == 1
    assert list(move_all(late)) == []
    assert due_on(road, leg) == date(2027, 1, 31)
    assert [event.type for event in road.told(leg)].count("referral.due-moved.v1") == 1


def test_an_overdue_or_early_referral_that_no_changed_day_touches_stays_as_it_is(
    road: Road, tmp_path: Path
) -> None:
    leg = leg_of(road.file("dibao"))
    before = due_on(road, leg)
    assert before == date(2026, 12, 23)
    assert list(move_all(import_notice(road, tmp_path))) == []
    assert due_on(road, leg) == before
    assert [event.type for event in road.told(leg)] == ["referral.issued.v1"]


def test_an_ended_referral_is_left_alone(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    road.act(leg, "close", 3, {"outcome": "unreachable"})
    count = len(road.told(leg))
    assert list(move_all(import_notice(road, tmp_path))) == []
    assert len(road.told(leg)) == count


def test_of_whoever_was_erased_nothing_is_due_also_where_the_referral_is_open(
    road: Road, tmp_path: Path
) -> None:
    filed = road.file("dibao")
    leg = leg_of(filed)
    road.act(leg, "accept", 1)
    with road.parts.database.unit_of_work() as uow:
        erase_request(road.parts, uow, filed["id"], road.installation.clock.now())
    assert list(move_all(import_notice(road, tmp_path))) == []
    assert road.told(leg)[-1].type == "referral.erased.v1"
    with road.parts.database.read() as connection:
        assert referrals.load(connection, [leg])[leg].timer is None


def test_the_walk_goes_through_any_number_and_every_status(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_due, "BATCH", 2)
    monkeypatch.setattr(move_due, "LOCKED", 1)
    moving = {accepted(road, "dibao") for _ in range(5)}
    waiting = leg_of(road.file("dibao"))
    moves = list(move_all(import_notice(road, tmp_path)))
    assert len(moves) == len(moving)
    assert {due_on(road, leg) for leg in moving} == {date(2027, 1, 31)}
    assert due_on(road, waiting) == date(2026, 12, 23)


def test_a_walk_that_was_cut_short_goes_on_where_it_is_needed(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_due, "LOCKED", 1)
    monkeypatch.setattr(move_due, "BATCH", 2)
    legs = [accepted(road, "dibao") for _ in range(4)]
    context = import_notice(road, tmp_path)
    walk = move_all(context)
    next(walk)
    walk.close()
    assert {due_on(road, leg) for leg in legs} == {date(2027, 1, 31), date(2027, 2, 2)}
    list(move_all(context))
    assert {due_on(road, leg) for leg in legs} == {date(2027, 1, 31)}
    assert all([event.type for event in road.told(leg)].count("referral.due-moved.v1") == 1 for leg in legs)


def test_the_worker_moves_what_the_command_did_not_and_then_rests(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    context = import_notice(road, tmp_path)
    mover = DueMover(context)
    assert len(mover.tick()) == 1
    assert due_on(road, leg) == date(2027, 1, 31)
    assert road.audited("calendar.dues-moved") == []  # others may still reckon by the calendar before
    road.installation.clock.move_to(DECEMBER + SETTLED_AFTER + timedelta(seconds=1))
    mover.tick()
    mover.tick()
    marks = road.audited("calendar.dues-moved")
    assert [mark.detail["moved"] for mark in marks] == [1]
    assert DueMover(context).tick() == ()
    assert mover.tick() == ()
    assert len(road.audited("calendar.dues-moved")) == 1


def test_what_a_process_reckoned_by_the_calendar_before_is_put_right_too(road: Road, tmp_path: Path) -> None:
    late = replace(road.parts, directory=Directory(road.parts.database, fresh_for=float("inf")))
    late.directory.current()
    context = import_notice(road, tmp_path)
    mover = DueMover(context)
    mover.tick()
    road.parts = late  # has not seen the notice yet
    leg = accepted(road, "dibao")
    assert due_on(road, leg) == date(2027, 2, 2)
    road.installation.clock.move_to(DECEMBER + SETTLED_AFTER + timedelta(seconds=1))
    while not road.audited("calendar.dues-moved"):
        mover.tick()
    assert due_on(road, leg) == date(2027, 1, 31)


def test_a_corrected_notice_moves_them_back(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    list(move_all(import_notice(road, tmp_path)))
    corrected = [row for row in NOTICE_2027 if not row.startswith("2026-12-27")]
    moves = list(move_all(import_notice(road, tmp_path, corrected, again=True)))
    assert [(move.was_on, move.due_on) for move in moves] == [(date(2027, 1, 31), date(2027, 2, 1))]
    assert due_on(road, leg) == date(2027, 2, 1)


def test_the_rules_a_referral_began_with_stay(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    with road.parts.database.read() as connection:
        before = referrals.load(connection, [leg])[leg]
    list(move_all(import_notice(road, tmp_path)))
    with road.parts.database.read() as connection:
        after = referrals.load(connection, [leg])[leg]
    assert after.rules == before.rules
    assert (after.status, after.status_since) == (before.status, before.status_since)
    assert after.version == before.version + 1


def test_a_request_filed_before_the_notice_and_delivered_after_it_is_reckoned_by_the_notice(
    road: Road, tmp_path: Path
) -> None:
    road.installation.clock.move_to(datetime(2026, 12, 25, 1, 30, tzinfo=UTC))
    import_notice(road, tmp_path)
    leg = leg_of(road.file("dibao"))
    assert due_on(road, leg) == date(2026, 12, 28)  # after Sunday the 27th, which is worked


def test_a_person_asked_for_papers_never_has_less_time_by_a_notice(road: Road, tmp_path: Path) -> None:
    leg = accepted(road, "dibao")
    papers = _papers(road, leg)
    road.act(leg, "request-documents", 3, {"papers": papers[:1], "note": "请补交"})
    with road.parts.database.read() as connection:
        before = referrals.load(connection, [leg])[leg].life.papers_due_on
    list(move_all(import_notice(road, tmp_path)))
    with road.parts.database.read() as connection:
        after = referrals.load(connection, [leg])[leg].life.papers_due_on
    assert before is not None
    assert after is not None
    assert after >= before


def _papers(road: Road, leg: str) -> list[str]:
    with road.parts.database.read() as connection:
        papers: list[str] = referrals.load(connection, [leg])[leg].rules["papers"]
    return papers


def test_by_the_calendar_they_were_reckoned_by_nothing_is_written_in_any_status(road: Road) -> None:
    steps: list[list[tuple[str, dict[str, object]]]] = [
        [],
        [("acknowledge", {})],
        [("accept", {})],
        [("accept", {}), ("start", {"step": "home-visit"})],
        [("accept", {}), ("request-documents", {"papers": ["id-card"], "note": "请补交"})],
        [
            ("accept", {}),
            ("suspend", {"reason": next(iter(SUSPEND_REASONS)), "review_on": date(2027, 1, 20)}),
            ("resume", {}),
        ],
    ]
    for taken in steps:
        leg = leg_of(road.file("dibao"))
        for version, (action, fields) in enumerate(taken, 1):
            road.act(leg, action, version, fields)
    district = road.parts.directory.current()
    with road.parts.database.read() as connection:
        everything = queries.listing(
            connection,
            Filter(reach=Reach(everything=True), now=MONDAY, today=MONDAY.date()),
            limit=50,
            after=None,
        )
    later = road.installation.clock.now() + timedelta(days=1)
    assert [moved(referral, later, timetable(district)) for referral in everything] == [None] * len(steps)
