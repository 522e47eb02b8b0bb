"""The figures reproduce exactly what each district reported, as the demo files it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from deploy.demo.filing import request_body
from deploy.demo.plan import read_plan
from deploy.demo.timetable import Deed, Timetable
from services.intake.schemas.http import to_submit
from services.intake.use_cases.submit_request import submit_request
from services.referrals.domain.figures import GRANTING
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.add_up_figures import add_up
from services.referrals.use_cases.figure_views import FiguresView, WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from shared.db import Database
from shared.directory import CLINICAL_OUTWARD
from shared.directory.demo_people import demo_people
from tests.builders import MONDAY, a_principal, an_installation, submit_body, the_district
from tests.integration.referrals.desk import Road
from tests.integration.referrals.recount import counted, recounted

UNITS = {"530103": "530103004007", "141002": "141002201200"}
REPORTED = {
    "530103": {"dibao": 12, "pub-job": 1},
    "141002": {"pension": 31, "med-enrol": 31, "pub-job": 9, "temp-spend": 12},
}
"""What each district reported: twelve allowances and a post; 31 insured, nine at work and twelve times relief."""


def filled(road: Road, code: str) -> None:
    """File the demo's cases at their dates and do what their desks did, in the order of time."""
    installation, district = road.installation, the_district(code)
    timetable = Timetable(district, MONDAY)
    hut = a_principal(unit=UNITS[code])
    todo: list[tuple[Deed, int, str, str, dict[str, object]]] = []
    for number, (case, person) in enumerate(zip(read_plan(code), demo_people(int(code)), strict=False)):
        at = timetable.filed(case, number)
        installation.clock.move_to(at)
        body = request_body(district, case, person, UNITS[code], number, at)
        filed = submit_request(installation.intake(), hut, to_submit(submit_body.load(body)))
        for leg, made in zip(case.legs, filed["legs"], strict=True):
            for version, deed in enumerate(timetable.deeds(case, leg, number, at), 1):
                fields = dict(leg.closed) if deed.action == "close" else {}
                todo.append((deed, version, made["id"], made["agency"], fields))
    road.carry()
    for deed, version, leg_id, agency, fields in sorted(todo, key=lambda one: (one[0].at, one[1])):
        installation.clock.move_to(deed.at)
        action = Action(referral_id=leg_id, action=deed.action, version=version, fields=fields)
        take_action(road.parts, a_principal("desk", agency=agency), action)
    installation.clock.move_to(MONDAY)


def planned(code: str) -> tuple[Counter[str], Counter[str], dict[str, Decimal]]:
    """Count what the plan says, by outward programme: people with one, people granted, and yuan."""
    received, granted, amounts = Counter[str](), Counter[str](), dict[str, Decimal]()
    for case in read_plan(code):
        for leg in case.legs:
            programme = the_district(code).outward_programme(leg.programme)
            received[programme] += 1
            if leg.closed.get("outcome") in GRANTING:
                granted[programme] += 1
                amounts[programme] = amounts.get(programme, Decimal(0)) + leg.closed.get("amount", 0)
    return received, granted, amounts


def told(road: Road, **asked: str) -> FiguresView:
    return read_statistics(road.parts, a_principal("coordinator"), WantedFigures(**asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", sorted(UNITS))
def test_the_figures_are_what_the_district_reported(
    code: str, sqlite_database: Callable[[str], Database]
) -> None:
    road = Road(an_installation(sqlite_database, district=the_district(code)))
    filled(road, code)
    received, granted, amounts = planned(code)
    for added_up in (False, True):
        if added_up:
            assert add_up(road.parts) > 0
        assert counted(road.parts) == recounted(road.parts)
        rows = {row.programme: row.figures for row in told(road).programmes}
        assert {name: row.received for name, row in rows.items() if row.received} == dict(received)
        assert {name: row.granted_people for name, row in rows.items() if row.granted_people} == dict(granted)
        assert {name: row.amount for name, row in rows.items() if row.amount} == {
            name: amount for name, amount in amounts.items() if amount
        }
        assert {name: rows[name].granted_people for name in REPORTED[code]} == REPORTED[code]
        assert {row.late for row in rows.values()} == {0}
        assert CLINICAL_OUTWARD in rows


@pytest.mark.parametrize("code", sorted(UNITS))
def test_on_the_wall_stands_nobody_who_could_be_told_apart(
    code: str, sqlite_database: Callable[[str], Database]
) -> None:
    road = Road(an_installation(sqlite_database, district=the_district(code)))
    filled(road, code)
    add_up(road.parts)
    _, granted, _ = planned(code)
    view = told(road, purpose="wall")
    for row in view.programmes:
        people = row.figures.granted_people
        assert people is None or 5 <= people <= granted[row.programme]
        assert people is None or granted[row.programme] - people < 5
    assert view.total.granted_people == sum(row.figures.granted_people or 0 for row in view.programmes)
