"""What referrals tells of places is its golden example to the byte."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.referrals.domain.capacity import Capacity, changed_event
from shared.events import example
from tests.contracts.golden import assert_is_golden


def test_a_change_of_places_is_dumped_exactly() -> None:
    golden = example("capacity.changed.v1")
    told: Any = golden.data
    capacity = Capacity(
        programme=told["programme"],
        agency=str(golden.agency),
        places=told["places"],
        free=told["free"],
        as_of=date.fromisoformat(told["as_of"]),
        version=golden.sequence,
    )
    assert_is_golden(
        changed_event(capacity, told["waiting"], id=golden.id, source=golden.source, at=golden.time)
    )
