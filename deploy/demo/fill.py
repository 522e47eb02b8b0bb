"""Fills a running demo district: every case through the real use cases, at its own date, in step with the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from deploy.demo.desks import Desks, Planned
from deploy.demo.filing import request_body
from deploy.demo.plan import Case, read_plan
from deploy.demo.timetable import Timetable
from deploy.demo.verify import check
from deploy.submit.once import once
from deploy.submit.staff import principal, who_files_first
from deploy.work import arrived_everywhere
from services.intake.schemas.http import SubmitBody, to_submit
from services.intake.use_cases.context import Context as Intake
from services.intake.use_cases.submit_request import submit_request
from services.referrals.use_cases.context import Context as Referrals
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import District
from shared.directory.demo_people import demo_people
from shared.http.idempotency import Replay
from shared.outbox.tables import outbox

PATIENCE_SECONDS = 35.0
"""So long nothing may move: a slow machine has as long as it needs."""
LOOK_SECONDS = 0.1

_SCHEMA = SubmitBody()


class AlreadyFilled(Exception):
    """Every case of the plan is there already."""


class NotInTime(Exception):
    """The running server did not take up what was filed; what is missing comes as soon as it does."""


Progress = Callable[[int], object]
"""Told that so many more steps are done."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is there: people with a request, legs, and what their desks did."""

    people: int
    legs: int
    actions: int


def _a_moment() -> None:
    time.sleep(LOOK_SECONDS)


class Demo:
    """One filling of one district.

    ``clock`` is the clock of both contexts, which this moves to the past; ``pause`` lets the server have a moment.
    """

    def __init__(
        self,
        intake: Intake,
        referrals: Referrals,
        clock: FixedClock,
        databases: Mapping[str, Database],
        now: datetime,
        *,
        pause: Callable[[], object] = _a_moment,
    ) -> None:
        self._intake = intake
        self._referrals = referrals
        self._clock = clock
        self._databases = databases
        self._district: District = intake.directory.current()
        self._timetable = Timetable(self._district, now)
        self._cases = read_plan(self._district.code)
        self._desks = Desks(referrals, databases["intake"], self._district, clock)
        self._now = now
        self._pause = pause
        self._moved()

    @property
    def steps(self) -> int:
        """How many steps it will take: one for each request and each action."""
        return len(self._cases) + sum(len(leg.did) for case in self._cases for leg in case.legs)

    def run(self, progress: Progress) -> Filled:
        """Do all of it, and return when all is visible and the figures are those of the plan.

        Raises ``AlreadyFilled``, ``NotInTime``, ``Differs``, ``NoSuchStaff``, or ``NoPlan`` when made for a district
        without one.
        """
        requests, planned, new, taken = self._file(progress)
        while not self._issued(planned):
            taken += self._work(planned, progress)
            self._look()
        taken += self._work(planned, progress)
        while not self._arrived([*requests, *(leg.id for leg in planned)]):
            self._look()
        self._clock.move_to(self._now)
        there = self._desks.load(planned)
        check(self._referrals, self._databases["intake"], self._district, planned, there)
        if not new and not taken:
            raise AlreadyFilled
        return Filled(len(requests), len(planned), sum(leg.done(there[leg.id]) for leg in planned))

    def _file(self, progress: Progress) -> tuple[list[str], list[Planned], int, int]:
        accounts = self._databases["intake"]
        who = principal(accounts, who_files_first(accounts, self._district))
        unit = next(post.unit for post in who.posts if post.unit)
        requests: list[str] = []
        planned: list[Planned] = []
        new = taken = 0
        for number, (case, person) in enumerate(
            zip(self._cases, demo_people(int(self._district.code)), strict=False)
        ):
            at = self._timetable.filed(case, number)
            self._clock.move_to(at)
            body = request_body(self._district, case, person, unit, number, at)
            key = once(self._intake, who.staff, "demo", self._district.code, str(number), body=number)
            try:
                filed: Mapping[str, Any] = submit_request(
                    self._intake, who, to_submit(_SCHEMA.load(body)), once=key
                )
                new += 1
            except Replay as replay:
                filed = orjson.loads(replay.body)
            requests.append(filed["id"])
            planned += self._planned(case, number, at, filed["legs"])
            self._moved()
            progress(1)
            # As soon as a leg is there its desk is at work: the less do the running clocks find open of long ago.
            taken += self._work(planned, progress)
        return requests, planned, new, taken

    def _planned(
        self, case: Case, number: int, at: datetime, filed: Iterable[Mapping[str, Any]]
    ) -> Iterable[Planned]:
        for leg, row in zip(case.legs, filed, strict=True):
            agency = self._district.programme(leg.programme).agency
            yield Planned(row["id"], leg, agency, tuple(self._timetable.deeds(case, leg, number, at)))

    def _work(self, planned: list[Planned], progress: Progress) -> int:
        """Let the desks do what they can by now, and say how far they are; gives how many actions that took."""
        before = self._desks.done
        taken = self._desks.work(planned)
        if self._desks.done > before:
            progress(self._desks.done - before)
            self._moved()
        return taken

    def _issued(self, planned: list[Planned]) -> bool:
        return len(self._desks.load(planned)) == len(planned)

    def _arrived(self, subjects: list[str]) -> bool:
        for service in ("intake", "referrals"):
            producer = self._databases[service]
            query = sa.select(outbox.c.event_id).where(outbox.c.subject.in_(subjects))
            with producer.read() as connection:
                events = list(connection.execute(query).scalars())
            if arrived_everywhere(producer, self._databases, events) < set(events):
                return False
        return True

    def _moved(self) -> None:
        """Begin to wait anew: something is done."""
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    def _look(self) -> None:
        """Give the server a moment before looking again."""
        if time.monotonic() > self._deadline:
            raise NotInTime
        self._pause()
