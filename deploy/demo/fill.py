"""Fills a running demo district: every case through the real use cases, at its own date, in step with the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from deploy.demo.filing import request_body
from deploy.demo.plan import Case, Leg, read_plan
from deploy.demo.timetable import Deed, Timetable
from deploy.submit.once import once
from deploy.submit.staff import principal, who_files
from deploy.work import arrived_everywhere
from services.intake.schemas.http import SubmitBody, to_submit
from services.intake.use_cases.context import Context as Intake
from services.intake.use_cases.submit_request import submit_request
from services.referrals.persistence import referrals as store
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.context import Context as Referrals
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import District
from shared.directory.demo_people import demo_people
from shared.http.idempotency import Replay
from shared.identity import Principal
from shared.outbox.tables import outbox

PATIENCE_SECONDS = 35.0
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
    """What was done: people with a request, legs, and actions of desks."""

    people: int
    legs: int
    actions: int


@dataclass(frozen=True, slots=True)
class _Planned:
    """One leg that exists, and what its desk is still to do."""

    id: str
    leg: Leg
    agency: str
    deeds: tuple[Deed, ...]


class Demo:
    """One filling of one district. ``clock`` is the clock of both contexts, which this moves to the past."""

    def __init__(
        self,
        intake: Intake,
        referrals: Referrals,
        clock: FixedClock,
        databases: Mapping[str, Database],
        now: datetime,
    ) -> None:
        self._intake = intake
        self._referrals = referrals
        self._clock = clock
        self._databases = databases
        self._district: District = intake.directory.current()
        self._timetable = Timetable(self._district, now)
        self._cases = read_plan(self._district.code)
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    @property
    def steps(self) -> int:
        """How many steps it will take: one for each request and each action."""
        return len(self._cases) + sum(len(leg.did) for case in self._cases for leg in case.legs)

    def run(self, progress: Progress) -> Filled:
        """Do all of it and return when all is visible.

        Raises ``AlreadyFilled``, ``NotInTime``, ``NoSuchStaff``, or ``NoPlan`` when made for a district without one.
        """
        requests, planned, new = self._file(progress)
        self._wait(lambda: self._issued(planned))
        done = self._act(planned, progress)
        if not new and not done:
            raise AlreadyFilled
        self._wait(lambda: self._arrived([*requests, *(leg.id for leg in planned)]))
        return Filled(len(requests), len(planned), done)

    def _file(self, progress: Progress) -> tuple[list[str], list[_Planned], int]:
        accounts = self._databases["intake"]
        who = principal(accounts, who_files(accounts, self._district))
        unit = next(post.unit for post in who.posts if post.unit)
        requests: list[str] = []
        planned: list[_Planned] = []
        new = 0
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
            progress(1)
        return requests, planned, new

    def _planned(
        self, case: Case, number: int, at: datetime, filed: Iterable[Mapping[str, Any]]
    ) -> Iterable[_Planned]:
        for leg, row in zip(case.legs, filed, strict=True):
            agency = self._district.programme(leg.programme).agency
            yield _Planned(row["id"], leg, agency, tuple(self._timetable.deeds(case, leg, number, at)))

    def _act(self, planned: list[_Planned], progress: Progress) -> int:
        with self._referrals.database.read() as connection:
            versions = {
                key: referral.version
                for key, referral in store.load(connection, [leg.id for leg in planned]).items()
            }
        desks: dict[str, Principal] = {}
        waiting = [
            (deed.at, place, leg, deed)
            for leg in planned
            # A referral begins at version 1 and each action adds one, so an earlier run's actions are known.
            for place, deed in enumerate(leg.deeds)
            if place >= versions[leg.id] - 1
        ]
        for at, _, leg, deed in sorted(waiting, key=lambda entry: entry[:2]):
            desk = desks.setdefault(leg.agency, self._desk(leg.agency))
            self._clock.move_to(at)
            fields = leg.leg.closed if deed.action == "close" else {}
            action = Action(referral_id=leg.id, action=deed.action, version=versions[leg.id], fields=fields)
            take_action(self._referrals, desk, action)
            versions[leg.id] += 1
            progress(1)
        return len(waiting)

    def _desk(self, agency: str) -> Principal:
        holder = next(
            member.id
            for member in self._district.staff
            if any(post.role == "desk" and post.agency == agency for post in member.posts)
        )
        return principal(self._databases["intake"], holder)

    def _issued(self, planned: list[_Planned]) -> bool:
        with self._referrals.database.read() as connection:
            return len(store.load(connection, [leg.id for leg in planned])) == len(planned)

    def _arrived(self, subjects: list[str]) -> bool:
        for service in ("intake", "referrals"):
            producer = self._databases[service]
            query = sa.select(outbox.c.event_id).where(outbox.c.subject.in_(subjects))
            with producer.read() as connection:
                events = list(connection.execute(query).scalars())
            if arrived_everywhere(producer, self._databases, events) < set(events):
                return False
        return True

    def _wait(self, happened: Callable[[], bool]) -> None:
        while not happened():
            if time.monotonic() > self._deadline:
                raise NotInTime
            time.sleep(LOOK_SECONDS)
