"""An appointment is on a day to come, at an hour that there is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError

from services.referrals.domain.doing import Doing
from services.referrals.domain.errors import BadFields
from services.referrals.domain.side_actions import side_act
from services.referrals.domain.status import Status
from services.referrals.schemas.actions import Appointment
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral

TODAY = date(2026, 11, 23)  # half past nine


def faults(**fields: Any) -> list[str]:
    """Make an appointment; gives the fields that cannot be."""
    leg = referral(Status.IN_PROGRESS)
    try:
        side_act(leg, "appointment", Doing(leg, fields, MONDAY, TIMETABLE, "an"))
    except BadFields as error:
        return [fault.field for fault in error.faults]
    return []


@pytest.mark.parametrize("hour", ["09:31", "09:00-11:00", "9:45 – 10:00"])
def test_an_hour_of_today_that_is_still_to_come_is_taken(hour: str) -> None:
    assert faults(on=TODAY, at=hour) == []


@pytest.mark.parametrize("hour", ["09:30", "08:00-09:30"])
def test_an_hour_of_today_that_has_passed_is_refused(hour: str) -> None:
    assert faults(on=TODAY, at=hour) == ["at"]
    assert faults(on=date(2026, 11, 24), at=hour) == []


@pytest.mark.parametrize("hour", ["11:30-09:30", "09:30-9:30"])
def test_what_ends_before_it_begins_is_refused(hour: str) -> None:
    assert faults(on=date(2026, 11, 24), at=hour) == ["at"]


@pytest.mark.parametrize("on", [None, date(2026, 11, 22), date(2027, 11, 25)])
def test_a_day_that_has_gone_by_or_is_more_than_a_year_ahead_is_refused_with_all_else_that_is_wrong(
    on: date | None,
) -> None:
    assert faults(on=on, at="11:30-09:30") == ["on", "at"]


def test_a_day_within_a_year_is_taken() -> None:
    assert faults(on=date(2027, 11, 24)) == []


@pytest.mark.parametrize("hour", ["09:30", "9:30", "23:59", "09:30-11:00", "14:00 – 15:30"])
def test_an_hour_or_from_when_until_when_is_taken(hour: str) -> None:
    assert Appointment().load({"at": hour}) == {"at": hour}


@pytest.mark.parametrize("hour", ["25:99", "24:00", "09:60", "soon", "09:30-25:00", "09:30\n"])
def test_an_hour_that_there_is_not_is_refused_with_an_example(hour: str) -> None:
    with pytest.raises(ValidationError, match="09:30"):
        Appointment().load({"at": hour})
