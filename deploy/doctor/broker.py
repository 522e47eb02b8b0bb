"""Looks at RabbitMQ: whether it answers, its alarms, and every queue that should stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shared.messaging import BrokerAway
from shared.messaging.admin import Admin, AdminError, Problem
from shared.messaging.consumer import depths
from shared.messaging.topology import Queue, Topology
from shared.telemetry.trouble import Trouble

BEHIND = 5_000
"""More messages than this in a queue are a quarter of a minute's work or more."""
NEARLY_FULL = 0.9
_QUORUM = "quorum"
_AGENCY, _DEAD = "agency.", ".dead"
_ALARMS = {"mem_alarm": "memory-alarm", "disk_free_alarm": "disk-alarm"}


def by_amqp(address: str, wanted: Topology) -> tuple[list[Trouble], dict[str, int]]:
    """Log in as a service does and ask how much lies in each queue; gives troubles and the depths."""
    try:
        found = depths(address, [queue.name for queue in wanted.queues])
    except BrokerAway as away:
        return [Trouble.of(away.code)], {}
    troubles = [Trouble.of("queue-missing", about=name) for name, ready in found.items() if ready is None]
    known = {name: ready for name, ready in found.items() if ready is not None}
    return [*troubles, *_depths(wanted.queues, known)], known


def _depths(queues: Iterable[Queue], ready: Mapping[str, int]) -> Iterator[Trouble]:
    for queue in queues:
        count, limit = ready.get(queue.name, 0), queue.arguments.get("x-max-length")
        if isinstance(limit, int):
            if count >= limit * NEARLY_FULL:
                yield Trouble.of("queue-full", about=queue.name, count=count, limit=limit)
        elif queue.name.startswith(_AGENCY) and queue.name.endswith(_DEAD):
            if count:
                yield Trouble.of("dead-queue-fills", about=queue.name, count=count)
        elif count > BEHIND:
            yield Trouble.of("queue-behind", about=queue.name, count=count)


def by_management(admin: Admin, wanted: Topology) -> list[Trouble]:
    """Ask the management API for what AMQP does not tell: alarms, leaders, and everything that should stand."""
    try:
        return [
            *_nodes(admin.nodes()),
            *_leaders(admin.queues(), wanted),
            *differences(admin.check()),
        ]
    except AdminError as error:
        return [Trouble.of("management-away", why=error)]


def _nodes(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Trouble]:
    for node in nodes:
        if not node.get("running"):
            yield Trouble.of("node-down", about=node["name"])
        for flag, code in _ALARMS.items():
            if node.get(flag):
                yield Trouble.of(code, about=node["name"])


def _leaders(queues: Iterable[Mapping[str, Any]], wanted: Topology) -> Iterator[Trouble]:
    ours = {queue.name for queue in wanted.queues}
    for queue in queues:
        # Of a queue whose process is down the API names no leader, and a state only where it keeps statistics.
        if queue["name"] in ours and queue.get("type") == _QUORUM and not queue.get("leader"):
            online, members = len(queue.get("online") or ()), len(queue.get("members") or ())
            yield Trouble.of("queue-down", about=queue["name"], online=online, members=members)


def differences(problems: Sequence[Problem]) -> list[Trouble]:
    """Tell of what stands otherwise than it should: each missing queue by name, the rest by kind and number."""
    gone = [problem.name for problem in problems if (problem.code, problem.kind) == ("missing", "queues")]
    # A queue takes its bindings along.
    rest = [
        problem
        for problem in problems
        if problem.name not in gone
        and not (problem.kind == "bindings" and set(problem.name.split()) & set(gone))
    ]
    found = [Trouble.of("queue-missing", about=name) for name in gone]
    if rest:
        kinds = ", ".join(sorted({f"{problem.code} {problem.kind}" for problem in rest}))
        found.append(Trouble.of("topology-differs", count=len(rest), kinds=kinds))
    return found


def refused(error: AdminError) -> Trouble:
    """Tell why something could not be put in place at the broker."""
    if error.declaring and error.status is not None:
        return Trouble.of("declarations-refused", status=error.status)
    return Trouble.of("management-away", why=error)
