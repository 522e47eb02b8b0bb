"""What may happen to processes beyond a kill: one hangs, two do the same, clocks differ, all are replaced in turn."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local.program import Program
from shared.messaging.topology import events_queue
from shared.telemetry.tables import heartbeats
from tests.faults import clocks
from tests.faults.matrix.broker import FEW, _policy, pause
from tests.faults.matrix.rig import Rig, probe, wait_for
from tests.faults.matrix.scenario import scenario
from tests.waiting import until

HANG_SECONDS = 30
HANGS_AT = ("relay.after-claim", "relay.after-confirm", "consumer.after-delivery", "consumer.mid-transaction")
TAKEN_OVER_SECONDS = 60
REPLACED_SECONDS = 60
HOUR = 3600
TOLD = {"intake": "referrals", "referrals": "notifications"}
"""Who publishes → one of those who follow it."""


@scenario("worker-hangs", ci=2, long=12, within=120, slow=True)
def hangs(rig: Rig, chance: random.Random) -> None:
    """A worker hangs for 30 s at a bad moment; another takes its relay and consumer over, and then it goes on."""
    service, point = chance.choice(sorted(TOLD)), chance.choice(HANGS_AT)
    with beside(rig, service) as other:
        rig.recorder.fault("hang", f"work-{service}", point=point)
        (rig.tokens / f"work-{service}:{point}%{chance.randrange(1, 5)}").touch()
        until(rig.all_died, seconds=REPLACED_SECONDS, what=f"a worker that hangs at {point}")
        begun = time.monotonic()
        try:
            # What it was at, and all that comes, is done by the other, long before it comes back to itself.
            probe(rig.door, rig.recorder, within=TAKEN_OVER_SECONDS)
            pause(max(0.0, HANG_SECONDS - (time.monotonic() - begun)))
        finally:
            rig.thaw(f"work-{service}")
            other.thaw()
        pause(chance.uniform(0, 3))


@scenario("two-of-each", ci=1, long=20)
def two_of_each(rig: Rig, chance: random.Random) -> None:
    """Every service has two relays and two consumers; some workers are killed, the second ones leave by SIGTERM."""
    with ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(beside(rig, service))
        pause(chance.uniform(0, 2))
        for service in chance.sample(SERVICES, 2):
            rig.kill(f"work-{service}")
            pause(chance.uniform(0, 2))


@scenario("clocks-apart", ci=1, long=20, within=120)
def clocks_apart(rig: Rig, chance: random.Random) -> None:
    """One worker's clock is an hour fast, another's an hour slow; a full queue refuses what the fast one publishes."""
    fast = chance.choice(sorted(TOLD))
    slow = chance.choice([service for service in SERVICES if service != fast])
    try:
        set_clock(rig, fast, HOUR)
        set_clock(rig, slow, -HOUR)
        until(
            lambda: "clock-differs" in rig.problems(),
            seconds=REPLACED_SECONDS,
            what="clock-differs at /ready",
        )
        probe(rig.door, rig.recorder, within=TAKEN_OVER_SECONDS)
        with _policy(rig, events_queue(TOLD[fast]), {"max-length": FEW}):
            rig.freeze(f"work-{TOLD[fast]}")
            try:
                until(
                    lambda: "event-not-taken" in rig.problems(), seconds=60, what="event-not-taken at /ready"
                )
            finally:
                rig.thaw(f"work-{TOLD[fast]}")
    finally:
        set_clock(rig, fast, 0)
        set_clock(rig, slow, 0)


@scenario("rolling-sigterm", ci=1, long=20)
def rolling(rig: Rig, chance: random.Random) -> None:
    """Every process gets a SIGTERM in its turn and is started again, as when a release is rolled out."""
    names = list(rig.full.programs)
    chance.shuffle(names)
    for name in names:
        end(rig, name)
        wait_for(lambda: bool(rig.full.ready()), REPLACED_SECONDS, rig.full.ready)
        pause(chance.uniform(0, 0.5))


@contextmanager
def beside(rig: Rig, service: str) -> Iterator[Program]:
    """Run a second worker of a service beside the first; it leaves in an orderly way."""
    name = f"work-{service}-beside"
    before = _alive(rig, service)
    program = Program(
        name,
        [sys.executable, "-m", "tests.faults.launcher", str(rig.tokens), "work", service],
        folder=rig.servers.folder,
        ready=lambda: bool(_alive(rig, service) - before),
        environment=rig.full.environment(service, role="worker"),
    )
    rig.recorder.fault("start", name)
    program.start()
    try:
        yield program
    finally:
        rig.recorder.fault("stop", name)
        program.stop()


def end(rig: Rig, name: str) -> None:
    """Ask a process to end, and wait until its supervisor has started another."""
    rig.recorder.fault("sigterm", name)
    rig.expect_death(name)
    program = rig.full.programs[name]
    old = program.pid
    if old is not None:
        os.kill(old, signal.SIGTERM)
    until(lambda: program.pid not in {None, old}, seconds=REPLACED_SECONDS, what=f"another {name}")


def set_clock(rig: Rig, service: str, seconds: int) -> None:
    """Have a service's worker run with a clock that is wrong by so much, or right."""
    folder = rig.tokens.parent / clocks.FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / f"work-{service}"
    if seconds:
        file.write_text(str(seconds))
    else:
        file.unlink(missing_ok=True)
    end(rig, f"work-{service}")


def _alive(rig: Rig, service: str) -> set[str]:
    """Name the processes that have given a sign of life as this service's relay."""
    relays = sa.select(heartbeats.c.process).where(heartbeats.c.part == "relay")
    with rig.databases[service].read() as connection:
        return set(connection.execute(relays).scalars())
