"""``make bench``: the whole road through HTTP, and the floor under it, in turns on the same servers.

One job is one request with four legs, filed by eight signed-in clients over kept-alive connections through the front
door, sealed, relayed, opened as four referrals and told to four desks. Both run on a private PostgreSQL that waits
for its disk and on quorum queues of a private RabbitMQ. While the floor runs, our processes are stopped.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local import Servers
from deploy.local.full_run import FullRun
from services.notifications.persistence.tables import messages
from services.referrals.persistence.tables import referrals
from shared.db import Database
from shared.inbox.tables import receipts
from shared.outbox.tables import outbox
from tests.benchmarks import cpu, floor
from tests.databases import kept_open
from tests.faults.clients import LEGS, body

CLIENTS = 8
HALF_LOAD_SECONDS = 10


@dataclass
class Road:
    """The running installation, as the benchmark sees it."""

    full: FullRun
    databases: Mapping[str, Database]
    bearer: str = field(init=False)

    def __post_init__(self) -> None:
        """Sign in."""
        self.bearer = self.full.run("token", "hut").strip().splitlines()[-1]

    def body(self, job: int) -> dict[str, Any]:
        """Build what is filed."""
        return body(job)

    def told(self) -> int:
        """Count the messages committed."""
        with self.databases["notifications"].read() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one())

    def file(self, jobs: int, *, per_second: float | None = None) -> None:
        """File ``jobs`` requests from all clients, as fast as they are answered or at a given rate."""
        begun = time.perf_counter()
        failed: list[str] = []

        def client(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", int(self.full.url.rpartition(":")[2]))
            headers = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"}
            for job in range(number, jobs, CLIENTS):
                if per_second is not None:
                    time.sleep(max(0.0, begun + job / per_second - time.perf_counter()))
                connection.request("POST", "/intake/api/v1/requests", orjson.dumps(self.body(job)), headers)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != http.HTTPStatus.CREATED:
                    failed.append(f"{answer.status} {text[:300]!r}")
                    return
            connection.close()

        threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise SystemExit(f"the road refused: {failed[0]}")

    def run(self, jobs: int) -> float:
        """Do ``jobs`` jobs; gives jobs per second from the first request to the last message committed."""
        wanted = self.told() + len(LEGS) * jobs
        begun = time.perf_counter()
        self.file(jobs)
        while self.told() < wanted:
            time.sleep(0.02)
        return jobs / (time.perf_counter() - begun)

    def delays(self, jobs: int, per_second: float) -> list[float]:
        """Give, for jobs filed at a rate, the seconds from the request's commit to its last message, sorted."""
        since = time.time()
        wanted = self.told() + len(LEGS) * jobs
        self.file(jobs, per_second=per_second)
        while self.told() < wanted:
            time.sleep(0.02)
        committed = self._read(
            "intake", sa.select(outbox.c.subject, outbox.c.recorded_at), outbox.c.sequence == 1
        )
        request_of = self._read("referrals", sa.select(referrals.c.id, referrals.c.request_id))
        told = self._read(
            "notifications",
            sa.select(receipts.c.subject, receipts.c.received_at),
            receipts.c.source.endswith("/referrals"),
        )
        last: dict[str, float] = {}
        for leg, at in told.items():
            if leg not in request_of:
                continue  # the head of an audit log
            request = request_of[leg]
            last[request] = max(last.get(request, 0.0), at.timestamp())
        return sorted(
            last[request] - at.timestamp()
            for request, at in committed.items()
            if at.timestamp() >= since and request in last
        )

    def _read(self, service: str, query: sa.Select[Any], *where: sa.ColumnElement[bool]) -> dict[str, Any]:
        with self.databases[service].read() as connection:
            return {row[0]: row[1] for row in connection.execute(query.where(*where))}

    def paused(self, work: Callable[[], float]) -> float:
        """Do something while every process of ours stands still."""
        for program in self.full.programs.values():
            program.freeze()
        try:
            return work()
        finally:
            for program in self.full.programs.values():
                program.thaw()


def main() -> None:
    """Run the rounds and print what they gave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=200)
    options = parser.parse_args()
    with Servers.temporary(nginx=True, durable=True) as servers, kept_open() as keep:
        full = FullRun(servers)
        full.start()
        databases = {name: keep(Database(servers.postgres_url(name, "owner"))) for name in SERVICES}
        road = Road(full, databases)
        servers.postgres.create_database("aid_floor", "intake")
        dsn = servers.postgres.url("intake", "owner", database="aid_floor").replace("+psycopg", "")
        report(road, lambda: floor.run(dsn, servers.amqp_url("admin"), options.jobs), options)
        full.discard()


def report(road: Road, run_floor: Callable[[], float], options: argparse.Namespace) -> None:
    """Alternate ours and the floor, then measure delays at half load; print medians and, last, the ratio."""
    road.run(options.warm_up)
    ours, floors = [], []
    spent: list[Mapping[str, float]] = []
    for round_ in range(1, options.rounds + 1):
        before = cpu.by_process(road.full)
        ours.append(road.run(options.jobs))
        after = cpu.by_process(road.full)
        spent.append({name: (after[name] - before.get(name, 0.0)) / options.jobs for name in after})
        floors.append(road.paused(run_floor))
        print(f"round {round_}: ours {ours[-1]:.0f} jobs/s, floor {floors[-1]:.0f} jobs/s", flush=True)  # noqa: T201
    rate = statistics.median(ours)
    print("CPU per job (ms):")  # noqa: T201
    for name in sorted(spent[0]):
        print(f"  {name:24} {statistics.median(row.get(name, 0.0) for row in spent) * 1000:6.2f}")  # noqa: T201
    jobs = max(CLIENTS, int(rate / 2 * HALF_LOAD_SECONDS))
    delays = road.delays(jobs, rate / 2)
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    print(f"commit to effect at half load: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")  # noqa: T201
    print(f"median: ours {rate:.0f} jobs/s, floor {statistics.median(floors):.0f} jobs/s")  # noqa: T201
    print(f"ratio to floor: {rate / statistics.median(floors):.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
