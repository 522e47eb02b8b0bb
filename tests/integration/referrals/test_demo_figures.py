"""The figures reproduce exactly what each district reported, as the demo files it while the clocks tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from deploy.cli.faults import refusal_for
from deploy.demo.fill import AlreadyFilled, Demo, Filled
from deploy.demo.plan import read_plan
from deploy.demo.verify import Differs
from services.referrals.domain.capacity import NoPlaceLeft
from services.referrals.domain.outcomes import GRANTING
from services.referrals.use_cases.add_up_figures import add_up
from services.referrals.use_cases.capacity import Figures, list_capacities, set_capacity
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.figure_views import FiguresView, WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from services.referrals.use_cases.tick import tick
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import CLINICAL_OUTWARD, Post, StaffMember
from tests.builders import MONDAY, a_principal, an_installation, the_district
from tests.integration.legs.both_ways import BothWays
from tests.integration.notifications.post_room import PostRoom
from tests.integration.referrals.desk import Road
from tests.integration.referrals.recount import counted, recounted

UNITS = {"530103": "530103004007", "141002": "141002201200"}
REPORTED = {
    "530103": {"dibao": 12, "pub-job": 1},
    "141002": {"pension": 31, "med-enrol": 31, "pub-job": 9, "temp-spend": 12},
}
"""What each district reported: twelve allowances and a post; 31 insured, nine at work and twelve times relief."""


@dataclass
class Server:
    """What runs while the demo is filled: events are carried, and the clocks, which have today, tick."""

    road: BothWays
    room: PostRoom
    ticking: Context
    seen: int = 0

    def turn(self, _: object = None) -> None:
        """Let every part have its turn, as often as there is anything to do."""
        self.road.carry()
        tick(self.ticking)
        self.road.carry()
        told = self.road.told()
        self.room.receive(*told[self.seen :])
        self.seen = len(told)


@dataclass
class Filling:
    """A district that is filled as the command does, with a turn of all that runs between any two of its steps."""

    code: str
    make: Callable[[str], Database]
    road: BothWays = field(init=False)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        pack = the_district(self.code)
        second = StaffMember("hut-two", "第二登记岗", (Post("hut", unit=UNITS[self.code]),))
        staff = (*(replace(member, demo_password=None) for member in pack.staff), second)
        self.road = BothWays(an_installation(self.make, district=replace(pack, staff=staff), staff=True))
        room = PostRoom(self.road.installation)
        self.server = Server(self.road, room, replace(self.road.parts, clock=FixedClock(MONDAY)))

    def run(self, progress: Callable[[int], object] | None = None) -> Filled:
        """Run the command's use case to its end, or until ``progress`` raises."""
        place, turn = self.road.installation, self.server.turn
        demo = Demo(place.intake(), self.road.parts, place.clock, place.databases, MONDAY, pause=turn)
        return demo.run(progress or turn)


def filled(code: str, make: Callable[[str], Database]) -> Road:
    """File the demo's cases at their dates and do what their desks did, while the clocks tick."""
    filling = Filling(code, make)
    filling.run()
    return filling.road


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
    road = filled(code, sqlite_database)
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
        assert "home-visit" in {day.step for day in told(road).days}
        assert CLINICAL_OUTWARD in rows


@pytest.mark.parametrize("code", sorted(UNITS))
def test_on_the_wall_stands_nobody_who_could_be_told_apart(
    code: str, sqlite_database: Callable[[str], Database]
) -> None:
    road = filled(code, sqlite_database)
    add_up(road.parts)
    _, granted, _ = planned(code)
    view = told(road, purpose="wall")
    for row in view.programmes:
        people = row.figures.granted_people
        assert people is None or 5 <= people <= granted[row.programme]
        assert people is None or granted[row.programme] - people < 5
    assert view.total.received is None
    assert view.shown is not None
    assert view.shown.granted_people == sum(row.figures.granted_people or 0 for row in view.programmes)


def test_cut_short_it_goes_on_where_it_stopped_and_is_done_once(
    sqlite_database: Callable[[str], Database],
) -> None:
    filling = Filling("530103", sqlite_database)
    steps = iter(range(20))

    def cut_short(_: int) -> None:
        filling.server.turn()
        next(steps)

    with pytest.raises(StopIteration):
        filling.run(cut_short)
    whole = read_plan("530103")
    assert filling.run() == Filled(
        len(whole),
        sum(len(case.legs) for case in whole),
        sum(len(leg.did) for case in whole for leg in case.legs),
    )
    assert any(event.type == "referral.supervised.v1" for event in filling.road.told())  # the clocks did tick
    with pytest.raises(AlreadyFilled):
        filling.run()


def test_where_no_place_is_left_it_is_told_in_words_and_goes_on_once_there_is_one(
    sqlite_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    filling = Filling("530103", sqlite_database)

    def set_free(free: int) -> None:
        filling.road.installation.clock.move_to(MONDAY)
        leader, today = a_principal("leader", agency="employment"), MONDAY.date()
        (before,) = (
            view.capacity
            for view in list_capacities(filling.road.parts, leader)
            if view.capacity.programme == "pub-job"
        )
        figures = Figures(programme="pub-job", places=40, free=free, as_of=today, version=before.version)
        set_capacity(filling.road.parts, leader, figures)

    set_free(0)
    with pytest.raises(NoPlaceLeft) as stopped:
        filling.run()
    told = refusal_for(stopped.value)
    assert told is not None
    assert f"No place is left in {stopped.value.name.en}: 0 free" in told.message
    assert "What to do: " in told.message
    set_free(40)
    filling.run()


def test_what_somebody_else_decided_meanwhile_is_left_and_said(
    sqlite_database: Callable[[str], Database],
) -> None:
    filling = Filling("530103", sqlite_database)

    def meddle(_: int) -> None:
        filling.road.carry()
        leg = filling.road.told()[0].subject
        if filling.road.referral(leg).status == "issued":
            filling.road.act(leg, "propose-return", 1, {"reason": "not-our-duty"})
        filling.server.turn()

    with pytest.raises(Differs, match="return-proposed, not as planned") as said:
        filling.run(meddle)
    assert any("11 people granted" in text.en for text in said.value.texts)
