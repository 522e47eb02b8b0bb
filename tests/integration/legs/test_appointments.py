"""An appointment is made at the agency's desk, and the help desk tells the person the newest one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.intake.entrypoints.task_words import with_words
from services.intake.schemas.messages import READERS
from services.intake.use_cases.mirror_legs import mirror_legs
from services.intake.use_cases.tasks import ListTasks, finish_task, list_tasks
from tests.integration.legs.both_ways import HUT, BothWays

MADE = "referral.appointment-made.v1"
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)


def make(ways: BothWays, leg: str, on: date) -> None:
    """Make an appointment at the agency's desk."""
    ways.at_desk(leg, "appointment", {"on": on, "at": "09:30", "place": "民政局二楼"})


def open_tasks(ways: BothWays) -> list[dict[str, Any]]:
    """Give the help desk's open tasks about appointments."""
    return list_tasks(ways.intake, HUT, ListTasks(kinds=["appointment"]))


def days(ways: BothWays) -> list[tuple[str, date]]:
    """Give the day that each open task tells, and by when it is to be done."""
    return [(task["detail"]["on"], task["due_on"]) for task in open_tasks(ways)]


def test_the_task_to_tell_the_person_follows_the_newest_appointment(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    make(ways, filed[1], MONDAY)
    make(ways, filed[1], FRIDAY)
    assert days(ways) == [(FRIDAY.isoformat(), FRIDAY)]
    finish_task(ways.intake, HUT, open_tasks(ways)[0]["id"])
    assert open_tasks(ways) == []
    make(ways, filed[1], MONDAY)
    assert days(ways) == [(MONDAY.isoformat(), MONDAY)]


def test_whoever_tells_the_person_of_a_day_off_is_warned(ways: BothWays, filed: tuple[str, str]) -> None:
    district = ways.intake.directory.current()
    make(ways, filed[1], date(2026, 11, 28))
    assert "not a working day" in with_words(open_tasks(ways)[0], district)["explained"]["en"]
    make(ways, filed[1], MONDAY)
    assert "not a working day" not in with_words(open_tasks(ways)[0], district)["explained"]["en"]


@pytest.mark.parametrize("ending", ["withdrawn", "returned", "closed"])
def test_nobody_is_to_be_told_of_an_appointment_once_the_leg_has_ended(
    ways: BothWays, filed: tuple[str, str], ending: str
) -> None:
    request, leg = filed
    make(ways, leg, MONDAY)
    ways.at_desk(leg, "message", {"text": "材料已收到"})
    if ending == "withdrawn":
        ways.withdraw(request, leg)
        ways.carry()
    elif ending == "returned":
        ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
        ways.at_desk(leg, "confirm-return", {"next": "none", "reason": "not-our-duty"}, role="coordinator")
    else:
        ways.at_desk(leg, "accept")
        ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    assert ways.leg(request, leg)["ended_at"] is not None
    assert open_tasks(ways) == []
    assert "message" in ways.tasks(request)


def test_an_appointment_that_is_told_late_does_not_take_the_place_of_a_newer_one(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    for on in (MONDAY, FRIDAY):
        fields = {"on": on, "at": "09:30", "place": "民政局二楼"}
        ways.act(filed[1], "appointment", ways.referral(filed[1]).version, fields)
    older, newer = [event for event in ways.told(filed[1]) if event.type == MADE]
    for event in (newer, older):
        with ways.intake.database.unit_of_work() as uow:
            mirror_legs(uow, [replace(event, data=READERS[MADE].load(dict(event.data)))])
    assert days(ways) == [(FRIDAY.isoformat(), FRIDAY)]
