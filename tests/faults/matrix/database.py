"""What may happen to PostgreSQL: killed, its sessions ended, its connections taken by others, its disk full."""

from __future__ import annotations

import errno
import random
import time
from pathlib import Path

from psycopg import sql

from deploy.embedded.environment import SERVICES
from deploy.local import Missing, names
from tests.faults.matrix.broker import pause
from tests.faults.matrix.rig import Rig
from tests.faults.matrix.scenario import scenario

LOCKED_SECONDS = 40
"""Longer than anybody waits for a connection from the pool."""
BALLAST = "ballast"

_END_SOME = """\
select count(pg_terminate_backend(pid)) from pg_stat_activity
 where usename ~ '^aid_.*_(web|worker)$' and random() < %s"""


@scenario("postgresql-killed", ci=1, long=20)
def killed(rig: Rig, chance: random.Random) -> None:
    """PostgreSQL is killed by SIGKILL with all its processes and started again a moment later."""
    pause(chance.uniform(0, 1))
    rig.kill("postgres")
    pause(chance.uniform(0, 2))
    rig.resume("postgres")


@scenario("sessions-ended", ci=1, long=20)
def sessions_ended(rig: Rig, chance: random.Random) -> None:
    """For some seconds every third session of ours is ended by `pg_terminate_backend`, again and again."""
    rig.recorder.fault("terminate", "sessions")
    ended, until_ = 0, time.monotonic() + chance.uniform(3, 5)
    with rig.servers.postgres.connect("postgres") as connection:
        while time.monotonic() < until_:
            row = connection.execute(_END_SOME, (1 / 3,)).fetchone()
            ended += row[0] if row else 0
            pause(chance.uniform(0, 0.2))
    rig.recorder.fault("terminated", "sessions", count=ended)


@scenario("connections-taken", ci=1, long=20)
def connections_taken(rig: Rig, chance: random.Random) -> None:
    """Somebody else holds every connection that PostgreSQL allows, and ours are ended: nobody gets in for a while."""
    roles = [names.database_role(service, role) for service in SERVICES for role in ("web", "worker")]
    rig.recorder.fault("take", "connections")
    with rig.servers.postgres.connect("postgres") as admin:
        for role in roles:
            admin.execute(sql.SQL("alter role {} connection limit 0").format(sql.Identifier(role)))
        admin.execute(_END_SOME, (1.0,))
        pause(chance.uniform(2, 5))
        for role in roles:
            admin.execute(sql.SQL("alter role {} connection limit -1").format(sql.Identifier(role)))
    rig.recorder.fault("give-back", "connections")


@scenario("pool-exhausted", ci=0, long=20)
def pool_exhausted(rig: Rig, chance: random.Random) -> None:
    """Somebody locks a table for longer than anybody waits for a connection: every pool is empty, no thread is free."""
    service = chance.choice(SERVICES)
    rig.recorder.fault("lock", service)
    with rig.servers.postgres.connect(names.database(service)) as admin, admin.transaction():
        admin.execute("lock table outbox in access exclusive mode")
        pause(LOCKED_SECONDS)
    rig.recorder.fault("unlock", service)


@scenario("disk-full", ci=1, long=20)
def disk_full(rig: Rig, chance: random.Random) -> None:
    """The disk under PostgreSQL is full for some seconds; where it ends over that, it is started again afterwards."""
    if rig.disk is None:
        raise Missing("a small disk cannot be mounted here (mount -t tmpfs needs root)")
    ballast = rig.disk / BALLAST
    rig.recorder.fault("fill", "the disk of postgres")
    try:
        _fill(ballast)
        pause(chance.uniform(3, 6))
    finally:
        ballast.unlink(missing_ok=True)
        rig.recorder.fault("free", "the disk of postgres")
    rig.resume("postgres")


def _fill(file: Path) -> None:
    """Write until nothing more fits; what the server writes meanwhile is taken from it, too."""
    with file.open("wb", buffering=0) as ballast:
        for size in (2**20, 2**12):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
