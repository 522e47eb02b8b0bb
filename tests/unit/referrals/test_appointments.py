"""The hour of an appointment is one that there is."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from services.referrals.schemas.actions import Appointment


@pytest.mark.parametrize("hour", ["09:30", "9:30", "23:59", "09:30-11:00", "14:00 – 15:30"])
def test_an_hour_or_from_when_until_when_is_taken(hour: str) -> None:
    assert Appointment().load({"at": hour}) == {"at": hour}


@pytest.mark.parametrize("hour", ["25:99", "24:00", "09:60", "soon", "09:30-25:00", "09:30\n"])
def test_an_hour_that_there_is_not_is_refused_with_an_example(hour: str) -> None:
    with pytest.raises(ValidationError, match="09:30"):
        Appointment().load({"at": hour})
