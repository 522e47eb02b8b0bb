"""A board finds every case under the light of its worst leg, and counts it there once."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from services.referrals.domain.clocks import Running
from services.referrals.domain.ranks import rank
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import queries
from services.referrals.persistence.filters import Filter, Reach
from services.referrals.persistence.referrals import SealedPacket, insert, load
from services.referrals.use_cases.cases import WORST_FIRST
from services.referrals.use_cases.views import light_of
from shared import ids
from shared.clock import local_date
from tests.builders import HUT_UNIT, MONDAY, OTHER_UNIT, STREET
from tests.integration.referrals.desk import Road

TODAY = local_date(MONDAY, "Asia/Shanghai")
AGENCIES = ("civil-affairs", "social-security", "health")
UNITS = ((HUT_UNIT, STREET), (OTHER_UNIT, STREET), (STREET, STREET), ("530103001001", "530103001"))


def a_leg(like: Referral, case: str, number: int, chance: random.Random) -> Referral:
    """Make a leg in any state there is or may once be: due, paused, without a clock, ended."""
    status = chance.choice(
        (Status.ISSUED, Status.IN_PROGRESS, Status.SUSPENDED, Status.AWAITING_DOCUMENTS, Status.CLOSED)
    )
    running = None
    if status in {Status.ISSUED, Status.IN_PROGRESS} and chance.random() < 0.7:
        due_on = TODAY + timedelta(days=chance.randint(-3, 9))
        # An hour's clock may be due early on a day of which another's is due at the end.
        due_at = datetime.combine(due_on, time(chance.randint(0, 15), 59), UTC)
        yellow_at = due_at - timedelta(hours=chance.randint(1, 96))
        running = Running("decide", MONDAY, due_at, due_on, yellow_at, local_date(yellow_at, "Asia/Shanghai"))
    return replace(
        like,
        id=ids.new(),
        number=f"MZ-2026-{number:08d}",
        request_id=case,
        agency=chance.choice(AGENCIES),
        status=status,
        due_at=running.due_at if running else None,
        due_on=running.due_on if running else None,
        yellow_at=running.yellow_at if running else None,
        yellow_on=running.yellow_on if running else None,
        rank=rank(status, running, MONDAY - timedelta(days=chance.randint(0, 3))),
    )


def many(road: Road, chance: random.Random) -> Mapping[str, Sequence[Referral]]:
    """Put cases of one to three legs in place; gives them by their ids."""
    like_id = road.file("dibao")["legs"][0]["id"]
    made: dict[str, list[Referral]] = defaultdict(list)
    with road.parts.database.unit_of_work() as uow:
        like = load(uow.connection, [like_id])[like_id]
        for case in (ids.new() for _ in range(120)):
            unit, street = chance.choice(UNITS)
            placed = replace(like, unit=unit, street=street)
            for _ in range(chance.randint(1, 3)):
                made[case].append(a_leg(placed, case, sum(map(len, made.values())), chance))
        legs = [leg for case in made.values() for leg in case]
        insert(uow.connection, [(leg, {}, SealedPacket(1, "packet", "badge")) for leg in legs])
    made[like.request_id] = [like]
    return made


def worst(legs: Sequence[Referral]) -> str:
    """Say which light a case shows."""
    lights = {light_of(leg, MONDAY) for leg in legs}
    return next(light for light in WORST_FIRST if light in lights)


ALL = Filter(reach=Reach(everything=True), now=MONDAY, today=TODAY)
ASKED: Sequence[tuple[Filter, Callable[[Sequence[Referral]], bool]]] = (
    (ALL, lambda _: True),
    (replace(ALL, agency="health"), lambda legs: any(leg.agency == "health" for leg in legs)),
    (replace(ALL, unit=HUT_UNIT), lambda legs: legs[0].unit == HUT_UNIT),
    (replace(ALL, street=STREET), lambda legs: legs[0].street == STREET),
    (replace(ALL, unit=STREET, street=STREET), lambda legs: legs[0].street == STREET),
)
"""What a board may be asked for, and which cases it then is about."""


def test_each_case_is_under_its_worst_light_in_the_order_of_its_leg_due_first(road: Road) -> None:
    made = many(road, random.Random("lights"))
    for asked, belongs in ASKED:
        about = {case: legs for case, legs in made.items() if belongs(legs)}
        with road.parts.database.read() as connection:
            counted = queries.count_cases(connection, asked)
            for light in (None, *WORST_FIRST):
                expected = sorted(
                    (min((leg.rank, leg.id) for leg in legs), case)
                    for case, legs in about.items()
                    if light in {None, worst(legs)}
                )
                found = queries.cases(connection, replace(asked, light=light), limit=500, after=None)
                assert found == [(case, *first) for first, case in expected], (asked, light)
                if light not in {None, "blue"}:
                    assert counted[str(light)] == len(found) > 0, (asked, light)
