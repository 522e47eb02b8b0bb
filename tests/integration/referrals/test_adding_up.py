"""Differences are added up once, whoever does it and whenever they stop; what was there before is counted too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from services.referrals.persistence import figure_sums
from services.referrals.persistence.figure_tables import backlog, deltas, figures, people, shown, withheld
from services.referrals.use_cases import add_up_figures
from services.referrals.use_cases.add_up_figures import add_up
from services.referrals.use_cases.figure_rows import Row
from services.referrals.use_cases.figure_views import WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from tests.builders import a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of
from tests.integration.referrals.recount import counted, counted_people, recounted
from tests.integration.referrals.recount import people as recounted_people

COORDINATOR: dict[str, Any] = {"role": "coordinator", "agency": None}
APPROVED = {"outcome": "approved", "amount": 560, "period": "monthly"}


def figures_of(road: Road, programme: str = "dibao", **asked: Any) -> Row:
    view = read_statistics(road.parts, a_principal("coordinator"), WantedFigures(**asked))
    return next(row.figures for row in view.programmes if row.programme == programme)


def granted(road: Road, *, amount: int = 560) -> str:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    road.act(leg, "close", 2, {**APPROVED, "amount": amount})
    return leg


def rows(road: Road, table: sa.Table) -> int:
    with road.parts.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_the_answer_is_the_same_before_and_after_adding_up(road: Road) -> None:
    granted(road)
    road.file("dibao")
    before = figures_of(road)
    assert (before.received, before.people, before.granted_people, before.amount) == (2, 2, 1, Decimal(560))
    assert add_up(road.parts) > 0
    assert rows(road, deltas) == 0
    assert figures_of(road) == before
    granted(road)
    assert figures_of(road).granted_people == 2
    assert add_up(road.parts) > 0
    assert (figures_of(road).granted_people, figures_of(road).amount) == (2, Decimal(1120))


def test_who_stops_before_the_end_has_added_up_nothing(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    granted(road)
    waiting, before = rows(road, deltas), figures_of(road)
    add = figure_sums.add

    def stop(*given: Any) -> None:
        add(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(figure_sums, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            add_up(road.parts)
    assert (rows(road, deltas), rows(road, figures), rows(road, people)) == (waiting, 0, 0)
    add_up(road.parts)
    assert figures_of(road) == before


def test_several_machines_that_add_up_at_once_count_everything_once(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        granted(road)
    monkeypatch.setattr(add_up_figures, "AT_ONCE", 2)
    before = figures_of(road)
    with ThreadPoolExecutor(4) as machines:
        for done in [machines.submit(add_up, road.parts) for _ in range(4)]:
            done.result()
    while add_up(road.parts):
        pass
    assert rows(road, deltas) == 0
    assert figures_of(road) == before
    assert (before.granted_people, before.granted) == (6, 6)


def test_somebody_is_one_person_in_two_referrals_and_the_child_another(road: Road) -> None:
    beneficiary = {"relation": "child", "name": "李小明", "birth_date": "2015-05-01"}
    legs = [
        {"programme": "dibao"},
        {"programme": "temp-spend"},
        {"programme": "temp-spend"} | {"beneficiary": beneficiary},
    ]
    person = a_person()
    for _ in range(2):
        road.file("dibao", "temp-spend", legs=legs, person=person)
    found = figures_of(road, "temp-spend")
    assert (found.received, found.people) == (4, 2)
    add_up(road.parts)
    assert figures_of(road, "temp-spend") == found


def test_without_a_number_all_referrals_of_one_request_are_one_person(road: Road) -> None:
    for _ in range(2):
        road.file("psy", "smi", person=a_person(id_number=None, birth_date=None))
    assert (figures_of(road, "health-service").received, figures_of(road, "health-service").people) == (4, 2)


def test_referrals_from_before_the_figures_are_counted_as_if_they_had_always_been(
    database: MakeDatabase, tmp_path: Any
) -> None:
    road = Road(an_installation(database))
    for _ in range(3):
        granted(road)
    opened = leg_of(road.file("dibao"))
    expected = figures_of(road)
    _back_to_before_the_figures(road)
    assert figures_of(road).received == 0
    assert not read_statistics(road.parts, a_principal("coordinator"), WantedFigures()).complete
    # What changes before it has been counted is counted all the same, and once.
    road.act(opened, "accept", 1)
    road.act(opened, "close", 2, APPROVED)
    while add_up(road.parts):
        pass
    assert rows(road, backlog) == 0
    found = figures_of(road)
    assert (found.received, found.granted_people) == (expected.received, 4)
    assert (expected.granted_people, found.people) == (3, 4)
    assert read_statistics(road.parts, a_principal("coordinator"), WantedFigures()).complete


def _back_to_before_the_figures(road: Road) -> None:
    """Leave the tables as the migration leaves those of an earlier release."""
    with road.parts.database.unit_of_work() as uow:
        for table in (deltas, figures, people, withheld, shown, backlog):
            uow.connection.execute(sa.delete(table))
        uow.connection.exec_driver_sql(
            "insert into figure_backlog (referral_id, unit, street, status, received_at, accepted_at, ended_at,"
            " outcome, outcome_fields) select id, unit, street, status, received_at, accepted_at, ended_at, outcome,"
            " outcome_fields from referrals"
        )


def test_whatever_happens_to_referrals_the_figures_are_those_of_their_states(road: Road) -> None:
    clock = road.installation.clock
    days = timedelta(days=1)
    who = [a_person(), a_person()]
    reopened, returned, refused, running = (leg_of(road.file("dibao", person=one)) for one in 2 * who)
    clock.move_to(clock.now() + days)
    for leg in (reopened, refused, running):
        road.act(leg, "accept", 1)
    road.act(returned, "propose-return", 1, {"reason": "not-our-duty"})
    road.act(returned, "confirm-return", 2, {"next": "none", "reason": "person-declines"}, **COORDINATOR)
    clock.move_to(clock.now() + days)
    road.act(reopened, "close", 2, APPROVED)
    road.act(running, "step", 2, {"step": "home-visit"})
    add_up(road.parts)
    clock.move_to(clock.now() + days)
    road.act(reopened, "reopen", 3, {"reason": "error"}, **COORDINATOR)
    road.act(running, "suspend", 3, {"reason": "hearing", "review_on": date(2026, 12, 10)})
    road.act(refused, "close", 2, {"outcome": "refused", "reason": "criteria-not-met"})
    road.act(refused, "approve", 3, role="leader")
    assert counted(road.parts) == recounted(road.parts)
    clock.move_to(clock.now() + 2 * days)
    road.act(reopened, "close", 4, {"outcome": "withdrawn"})
    road.act(running, "resume", 4)
    for _ in range(2):
        assert counted(road.parts) == recounted(road.parts)
        assert counted_people(road.parts) == recounted_people(road.parts)
        add_up(road.parts)
    found = figures_of(road)
    assert (found.received, found.people, found.granted, found.granted_people) == (4, 2, 0, 0)
    assert (found.decided, found.returned, found.ended_otherwise) == (1, 1, 1)
