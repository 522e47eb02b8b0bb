"""What time alone does to referrals: accept, remind, notify, lapse, forget; each once, on however many machines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.referrals.persistence.tables import history, messages, packets, referrals
from services.referrals.use_cases.tick import tick
from tests.builders import MONDAY, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of

NEVER = datetime(2031, 12, 1, tzinfo=UTC)


def at(road: Road, moment: str) -> None:
    """Put the clock to a moment of the district's own time."""
    road.installation.clock.move_to(datetime.fromisoformat(f"{moment}+08:00"))


def row(road: Road, leg: str) -> Any:
    with road.parts.database.read() as connection:
        return connection.execute(sa.select(referrals).where(referrals.c.id == leg)).one()


def facts(road: Road, leg: str) -> list[str]:
    return [event.type.split(".")[1] for event in road.told(leg)]


@pytest.fixture
def leg(road: Road) -> str:
    """A referral delivered on Monday, 23 November 2026: to be signed for by Wednesday, accepted by Monday."""
    return leg_of(road.file("dibao"))


def test_silence_accepts_at_the_end_of_the_fifth_working_day(road: Road, leg: str) -> None:
    at(road, "2026-11-30T23:59:58")
    tick(road.parts)
    assert row(road, leg).status == "issued"
    at(road, "2026-12-03T10:00:00")
    tick(road.parts)
    accepted = row(road, leg)
    assert (accepted.status, accepted.accepted_at) == (
        "accepted",
        datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC),
    )
    told = next(event for event in road.told(leg) if event.type == "referral.accepted.v1")
    assert told.data["deemed"] is True
    with road.parts.database.read() as connection:
        line = connection.execute(sa.select(history).where(history.c.action == "accept")).one()
    assert (line.actor, line.role) == (None, "clock")


def test_an_agency_that_signs_and_then_says_nothing_is_deemed_to_have_accepted_too(
    road: Road, leg: str
) -> None:
    road.act(leg, "acknowledge", 1)
    at(road, "2026-12-01T00:30:00")
    tick(road.parts)
    assert row(road, leg).status == "accepted"


def test_what_comes_due_is_told_once_by_the_escalation_table(road: Road, leg: str) -> None:
    levels = []
    for moment in (
        "2026-11-25T09:00:00",
        "2026-11-25T18:00:00",
        "2026-11-26T08:31:00",
        "2026-11-27T09:00:00",
    ):
        at(road, moment)
        tick(road.parts)
        tick(road.parts)
        levels.append(
            [event.data["level"] for event in road.told(leg) if event.type == "referral.supervised.v1"]
        )
    assert levels == [["blue"], ["blue"], ["blue", "yellow"], ["blue", "yellow"]]


def test_an_extended_day_is_told_anew(road: Road, leg: str) -> None:
    road.act(leg, "accept", 1)
    at(road, "2027-01-05T09:00:00")
    tick(road.parts)
    before = facts(road, leg)
    assert "supervised" in before
    version = row(road, leg).version
    road.act(leg, "extend", version, {"reason": "special-case"}, role="leader")
    tick(road.parts)
    assert facts(road, leg) == [*before, "extended"]
    at(road, "2027-02-01T09:00:00")
    tick(road.parts)
    assert facts(road, leg).count("supervised") > before.count("supervised")


def test_papers_lapse_only_after_reminders_and_fair_warning(road: Road, leg: str) -> None:
    road.act(leg, "acknowledge", 1)
    road.act(leg, "request-documents", 2, {"papers": ["id-card"], "note": "请补交"})
    asked = row(road, leg)
    assert (asked.status, asked.due_on, asked.life["papers_due_on"]) == (
        "awaiting-documents",
        None,
        "2026-12-07",
    )
    # The worker was away until long after the day: the person is reminded first, and has a day more.
    at(road, "2026-12-21T09:00:00")
    tick(road.parts)
    assert facts(road, leg).count("reminded") == 3
    assert row(road, leg).status == "awaiting-documents"
    at(road, "2026-12-23T00:30:00")
    tick(road.parts)
    lapsed = row(road, leg)
    assert (lapsed.status, lapsed.outcome) == ("closed", "lapsed")


def test_a_suspended_referral_is_looked_at_again_on_its_day_and_its_clock_stands_still(
    road: Road, leg: str
) -> None:
    road.act(leg, "accept", 1)
    due_on = row(road, leg).due_on
    review = datetime(2026, 12, 7, tzinfo=UTC).date()
    road.act(leg, "suspend", 2, {"reason": "hearing", "review_on": review})
    at(road, "2026-12-07T09:00:00")
    tick(road.parts)
    tick(road.parts)
    assert facts(road, leg).count("reminded") == 1
    road.act(leg, "resume", row(road, leg).version)
    assert row(road, leg).due_on > due_on


def test_what_ended_years_ago_is_forgotten_but_for_its_codes(road: Road, leg: str) -> None:
    road.act(leg, "accept", 1)
    road.act(leg, "note", 0, {"text": "已电话核实"})
    road.act(leg, "close", 3, {"outcome": "withdrawn"})
    at(road, "2031-11-01T09:00:00")
    tick(road.parts)
    assert row(road, leg).index_name is not None
    road.installation.clock.move_to(NEVER)
    tick(road.parts)
    with road.parts.database.read() as connection:
        kept = [
            row
            for table in (packets, messages)
            for row in connection.execute(sa.select(table).where(table.c.referral_id == leg)).all()
        ]
    after = row(road, leg)
    assert (kept, after.index_name, after.outcome, after.timer_at) == ([], None, "withdrawn", None)
    assert [line.object_id for line in road.audited("referral.forget")] == [leg]


def test_a_referral_of_a_release_without_timers_gets_its_own(road: Road, leg: str) -> None:
    with road.parts.database.unit_of_work() as uow:
        uow.connection.execute(sa.update(referrals).values(timer="reckon", timer_at=MONDAY))
    tick(road.parts)
    assert row(road, leg).timer == "escalate"
    assert facts(road, leg) == ["issued"]


@pytest.mark.parametrize("wrong", [{"rules": {}}, {"life": {"proposal": {"kind": "return"}}}])
def test_one_that_does_not_work_holds_up_no_other(road: Road, wrong: dict[str, Any]) -> None:
    broken, sound = leg_of(road.file("dibao")), leg_of(road.file("dibao"))
    with road.parts.database.unit_of_work() as uow:
        uow.connection.execute(sa.update(referrals).where(referrals.c.id == broken).values(wrong))
    at(road, "2026-12-01T00:30:00")
    tick(road.parts)
    assert row(road, sound).status == "accepted"
    put_off = row(road, broken)
    assert (put_off.status, put_off.timer) == ("issued", "reckon")
    assert put_off.timer_at == road.installation.clock.now() + timedelta(minutes=10)


@pytest.mark.postgres
def test_several_machines_at_once_do_each_timer_once(postgres_database: MakeDatabase) -> None:
    road = Road(an_installation(postgres_database))
    legs = [leg_of(road.file("dibao")) for _ in range(60)]
    at(road, "2026-12-01T00:30:00")
    with ThreadPoolExecutor(4) as machines:
        list(machines.map(lambda _: tick(road.parts), range(8)))
    for leg in legs:
        told = facts(road, leg)
        assert told.count("accepted") == 1
        assert [event.sequence for event in road.told(leg)] == list(range(1, len(told) + 1))
