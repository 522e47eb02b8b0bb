"""Whoever is erased or forgotten while they wait for a place keeps none from those behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.erase import erase_request
from services.referrals.use_cases.tick import tick
from tests.integration.referrals.desk import Caller, Road
from tests.integration.referrals.test_capacity import FIGURES, JOBS, accepted, offered, places, put


def erase(road: Road, leg: str) -> None:
    with road.parts.database.unit_of_work() as uow:
        of_leg = sa.select(referrals.c.request_id).where(referrals.c.id == leg)
        request = uow.connection.execute(of_leg).scalar_one()
        erase_request(road.parts, uow, request, road.installation.clock.now())


def forget(road: Road, leg: str) -> None:
    with road.parts.database.unit_of_work() as uow:
        over = {"timer": "forget", "timer_at": road.installation.clock.now()}
        uow.connection.execute(sa.update(referrals).where(referrals.c.id == leg).values(**over))
    tick(road.parts)


@pytest.mark.parametrize("go", [erase, forget])
def test_the_place_goes_to_whoever_is_behind(road: Road, go: Callable[[Road, str], None]) -> None:
    app = road.app()
    officer: Caller = road.caller(app, "desk", agency="employment")
    put(road.caller(app, "leader", agency="employment"), FIGURES, 0)
    gone, behind = accepted(road), accepted(road)
    for leg in (gone, behind):
        road.act(leg, "close", 2, {"outcome": "waitlisted"}, **JOBS)
    assert offered(road) == []
    go(road, gone)
    assert [row["id"] for row in places(officer)["line"]] == [behind]
    assert offered(road) == [behind]
    told = road.told("pub-job")[-1]
    assert (told.data["free"], told.data["waiting"]) == (1, 1)
    again = {"reason": "place-free"}
    road.act(behind, "reopen", 4, again, role="coordinator", agency=None)
