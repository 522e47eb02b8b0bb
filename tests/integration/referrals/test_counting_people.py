"""People are people: who asks twice, here or at another desk, is counted once, and nobody can be told by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask
import pytest
import sqlalchemy as sa

from services.intake.use_cases.correct import CorrectRequest, correct_request
from services.intake.use_cases.submit_request import submit_request
from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.add_up_figures import add_up
from services.referrals.use_cases.figure_rows import Row
from services.referrals.use_cases.figure_views import WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from shared import ids
from shared.outbox.tables import outbox
from tests.builders import MONDAY, OTHER_UNIT, a_command, a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of
from tests.integration.referrals.recount import counted, counted_people, people, recounted

APPROVED = {"outcome": "approved", "amount": 560, "period": "monthly"}
DAY = timedelta(days=1)


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """An installation on SQLite alone: that PostgreSQL adds up alike is tried where adding up is."""
    return Road(an_installation(sqlite_database))


def figures_of(road: Road, programme: str = "dibao", **asked: Any) -> Row:
    view = read_statistics(road.parts, a_principal("coordinator"), WantedFigures(**asked))
    return next(row.figures for row in view.programmes if row.programme == programme)


def filed_at(road: Road, unit: str, person: dict[str, Any]) -> str:
    """File at a desk, carry it over, and give the leg."""
    answer = submit_request(
        road.installation.intake(), a_principal(unit=unit), a_command("dibao", person=person)
    )
    road.carry()
    return leg_of(answer)


def granted(road: Road, person: dict[str, Any], unit: str = OTHER_UNIT) -> str:
    leg = filed_at(road, unit, person)
    road.act(leg, "accept", 1)
    road.act(leg, "close", 2, APPROVED)
    return leg


def test_who_asks_at_two_desks_is_one_person_and_what_is_granted_twice_is_two_grants(road: Road) -> None:
    person = a_person()
    leg_of(road.file("dibao", person=person))
    granted(road, person)
    road.installation.clock.move_to(MONDAY + 300 * DAY)
    granted(road, person)
    found = figures_of(road)
    assert (found.received, found.people, found.granted, found.granted_people) == (3, 1, 2, 1)
    assert found.amount == 1120
    add_up(road.parts)
    assert figures_of(road) == found
    # Who was counted where it first happened is nobody new in the year after.
    later = figures_of(road, first="2027-01")
    assert (later.received, later.people, later.granted, later.granted_people) == (1, 0, 1, 0)


def test_five_requests_of_one_person_are_not_shown_as_five_people(road: Road) -> None:
    person = a_person()
    for _ in range(9):
        granted(road, person)
    for _ in range(3):
        granted(road, a_person())
    add_up(road.parts)
    road.installation.clock.move_to(MONDAY + 31 * DAY)
    assert (figures_of(road).received, figures_of(road).people) == (12, 4)
    for purpose in ("export", "wall"):
        shown = figures_of(road, purpose=purpose)
        assert (shown.received, shown.people, shown.granted_people, shown.amount) == (None,) * 4
    granted(road, a_person())
    add_up(road.parts)
    road.installation.clock.move_to(MONDAY + 62 * DAY)
    assert figures_of(road, purpose="wall").granted_people == 5


def test_who_is_in_two_programmes_is_not_two_people_in_any_total(road: Road, app: flask.Flask) -> None:
    road.file("dibao", "pension", "house")
    answer = road.caller(app, "coordinator").get("/statistics", by="agency").json
    assert [row["people"] for row in answer["programmes"] if row["received"]] == [1, 1, 1]
    for total in (answer["total"], *(group["total"] for group in answer["groups"])):
        assert "people" not in {*total, *total["granted"]}
    assert (answer["total"]["received"], answer["total"]["people_by_programme"]) == (3, 3)


def test_a_number_put_right_counts_the_person_it_belongs_to(road: Road) -> None:
    person = a_person()
    filed_at(road, OTHER_UNIT, person)
    answer = road.file("dibao", person={**a_person(), "name": person["name"]})
    add_up(road.parts)
    assert figures_of(road).people == 2
    right = {"id_number": person["id_number"], "birth_date": None}
    command = CorrectRequest(request=answer["id"], person=right)
    correct_request(road.installation.intake(), a_principal(), command)
    road.carry()
    assert (figures_of(road).received, figures_of(road).people) == (2, 1)
    add_up(road.parts)
    assert figures_of(road).people == 1
    assert (counted(road.parts), counted_people(road.parts)) == (recounted(road.parts), people(road.parts))


def test_what_somebody_is_counted_as_is_told_to_nobody(road: Road, app: flask.Flask, caplog: Any) -> None:
    person = a_person()
    legs = [granted(road, person), leg_of(road.file("dibao", person=person))]
    with road.parts.database.read() as connection:
        tokens = set(connection.execute(sa.select(referrals.c.counts_as)).scalars())
        bodies = list(connection.execute(sa.select(outbox.c.body)).scalars())
    (token,) = tokens
    assert token
    told = [body.decode() for body in bodies]
    told += [event.outside(ids.new()).decode() for event in road.told()]
    for role, place in (("desk", {"agency": "civil-affairs"}), ("coordinator", {})):
        caller = road.caller(app, role, **place)
        told += [
            caller.get(f"/referrals/{leg}{part}").text for leg in legs for part in ("", "/history", "/clock")
        ]
        told += [caller.get("/referrals").text, caller.get("/statistics").text]
    for database in road.installation.databases.values():
        with database.read() as connection:
            told += [str(row) for row in connection.exec_driver_sql("select * from audit_log")]
    told.append(caplog.text)
    assert not [text for text in told if token in text or token.replace("-", "") in text]
