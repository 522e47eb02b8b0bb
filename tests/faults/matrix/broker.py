"""What may happen to RabbitMQ: killed, frozen, out of memory or disk, full, robbed of a queue or of all it had."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

from deploy.reconcile import GRACE
from shared.messaging.topology import events_queue, inbox_of, vhost_of
from tests.faults.matrix.installed import OUTSIDER
from tests.faults.matrix.rig import Rig, probe
from tests.faults.matrix.scenario import scenario
from tests.waiting import until

NOTICED_SECONDS = 30
"""So soon a relay and a consumer notice that nobody is there any more."""
FROZEN_SECONDS = 40
MEMORY, DISK = 0.4, "100MB"
"""What RabbitMQ works with: its own default, and what the private server's settings say."""
FEW = 3
POLICY = "the-fault-of-this-test"


def pause(seconds: float) -> None:
    """Let a fault last: here time itself is what is done to the installation."""
    Event().wait(seconds)


@scenario("rabbitmq-killed", ci=1, long=20)
def killed(rig: Rig, chance: random.Random) -> None:
    """RabbitMQ is killed by SIGKILL and started again a moment later, on the same data."""
    pause(chance.uniform(0, 1))
    rig.kill("rabbitmq")
    pause(chance.uniform(0, 2))
    rig.resume("rabbitmq")


@scenario("rabbitmq-frozen", ci=1, long=3, slow=True)
def frozen(rig: Rig, chance: random.Random) -> None:
    """RabbitMQ hangs for 40 s with its connections open; relays and consumers notice within 30 s, filing goes on."""
    pause(chance.uniform(0, 1))
    rig.freeze("rabbitmq")
    thawed = time.monotonic() + FROZEN_SECONDS
    try:
        until(lambda: "broker-away" in rig.problems(), seconds=NOTICED_SECONDS, what="broker-away at /ready")
        pause(thawed - time.monotonic())
    finally:
        rig.thaw("rabbitmq")


@scenario("rabbitmq-memory-alarm", ci=1, long=20, slow=True)
def out_of_memory(rig: Rig, chance: random.Random) -> None:
    """RabbitMQ raises its memory alarm and takes nothing for some seconds."""
    with _alarm(rig, "set_vm_memory_high_watermark", "0.00001", str(MEMORY)):
        until(lambda: "broker-blocks" in rig.problems(), what="broker-blocks at /ready")
        pause(chance.uniform(0, 4))


@scenario("rabbitmq-disk-alarm", ci=1, long=20, slow=True)
def out_of_disk(rig: Rig, chance: random.Random) -> None:
    """RabbitMQ raises its disk alarm (`disk_free_limit`) and takes nothing for some seconds."""
    with _alarm(rig, "set_disk_free_limit", "100000GB", DISK):
        until(lambda: "broker-blocks" in rig.problems(), what="broker-blocks at /ready")
        pause(chance.uniform(0, 4))


@scenario("queue-full", ci=1, long=20)
def queue_full(rig: Rig, chance: random.Random) -> None:
    """A service that hangs lets its queue fill up (max-length): the broker refuses its events until it reads on."""
    service = chance.choice(["referrals", "notifications"])
    with _policy(rig, events_queue(service), {"max-length": FEW}):
        rig.freeze(f"work-{service}")
        try:
            until(lambda: "event-not-taken" in rig.problems(), seconds=60, what="event-not-taken at /ready")
            pause(chance.uniform(0, 3))
        finally:
            rig.thaw(f"work-{service}")


@scenario("agency-queue-full", ci=1, long=20)
def agency_queue_full(rig: Rig, _chance: random.Random) -> None:
    """An outside agency never reads and its queue is full: its own lane rests, all else goes on."""
    with _policy(rig, inbox_of(OUTSIDER), {"max-length": FEW}):
        until(lambda: "event-not-taken" in rig.problems(), seconds=60, what="event-not-taken at /ready")
        # Nothing that our own services follow may be held up by it.
        probe(rig.door, rig.recorder, within=20)


@scenario("queue-deleted", ci=1, long=20, within=240, slow=True)
def queue_deleted(rig: Rig, chance: random.Random) -> None:
    """A service's queue is deleted with what it held; it is put back, and what went past it is sent again."""
    pause(chance.uniform(0, 1))
    queue = events_queue(chance.choice(["intake", "referrals", "notifications"]))
    rig.settle_broker()
    rig.recorder.fault("delete", queue)
    rig.servers.rabbitmq.call("DELETE", f"queues/{vhost_of(rig.servers.district)}/{queue}")


@scenario("rabbitmq-wiped", ci=1, long=20, within=240, slow=True)
def wiped(rig: Rig, chance: random.Random) -> None:
    """RabbitMQ loses its data folder in mid-run; its topology is made anew, then `carehut reconcile` and `replay`."""
    pause(chance.uniform(0, 1))
    rig.kill("rabbitmq")
    rig.recorder.fault("wipe", "rabbitmq")
    wiped_at = datetime.now(UTC) + timedelta(seconds=1)  # it will not be back as soon as that
    shutil.rmtree(rig.servers.folder / "rabbitmq")
    rig.servers.rabbitmq.begin()
    rig.servers.rabbitmq.wait()  # makes vhost and users, as whoever sets up a broker does
    rig.full.run("topology", "apply")
    rig.full.run("topology", "seat", OUTSIDER)
    rig.write_down()
    # What was published a moment ago may still be on its way: the command leaves it alone.
    pause(GRACE.total_seconds() + 1)
    rig.recorder.fault("reconcile", "all services", said=rig.full.run("reconcile"))
    # What an agency's own system has fetched is not known here: it gets all of it again.
    lost = ("--to", OUTSIDER, "--until", f"{wiped_at:%Y-%m-%dT%H:%M:%S%z}")
    said = rig.full.run("replay", *lost, "--yes", "--reason", "the broker lost its data")
    rig.recorder.fault("replay", OUTSIDER, until=wiped_at.isoformat(), said=said)


@contextmanager
def _alarm(rig: Rig, command: str, tight: str, usual: str) -> Iterator[None]:
    rig.recorder.fault("alarm", "rabbitmq", command=command)
    rig.servers.rabbitmq.rabbitmqctl(command, tight)
    try:
        yield
    finally:
        rig.servers.rabbitmq.rabbitmqctl(command, usual)
        rig.recorder.fault("alarm-over", "rabbitmq", command=command)


@contextmanager
def _policy(rig: Rig, queue: str, definition: dict[str, int]) -> Iterator[None]:
    path = f"policies/{vhost_of(rig.servers.district)}/{POLICY}"
    pattern = f"^{queue.replace('.', '[.]')}$"
    rig.recorder.fault("policy", queue, **definition)
    rig.servers.rabbitmq.call(
        "PUT", path, {"pattern": pattern, "definition": definition, "apply-to": "queues"}
    )
    try:
        yield
    finally:
        rig.servers.rabbitmq.call("DELETE", path)
        rig.recorder.fault("policy-over", queue)
