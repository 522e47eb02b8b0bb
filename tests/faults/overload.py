"""``make overload``: twice what the installation can take, and a broker that is away for ten minutes.

Twice the sustainable rate: what cannot be done is refused with 503 and Retry-After, what is accepted is answered in
time, is there afterwards, and nothing else is. Broker away at 50 requests/s: every request is accepted, and when it
is back all of it arrives in order.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local import Servers
from deploy.local.full_run import FullRun
from services.intake.persistence.tables import requests
from services.notifications.persistence.tables import messages
from services.referrals.persistence.tables import referrals
from shared.db import Database
from shared.events import types_of
from shared.inbox.tables import dead_letters, receipts
from shared.messaging.topology import INTERESTS
from shared.outbox.tables import outbox
from tests.databases import kept_open
from tests.faults.clients import LEGS
from tests.faults.traffic import Answer, Answers, Make, Traffic, filing, percentile
from tests.waiting import until

CLIENTS = 16
WARM_UP, MEASURED = 300, 1500
NORMAL_SHARE = 0.5
LEAST_REFUSED = 0.1
SETTLE_SECONDS = 1800.0
STRETCH_SECONDS = 60.0
WITHDRAWN_ONE_IN = 10


@dataclass
class Site:
    """A running installation, its databases, every request it accepted from us, and those not withdrawn since."""

    full: FullRun
    databases: Mapping[str, Database]
    accepted: set[str] = field(default_factory=set)
    open: deque[str] = field(default_factory=deque)

    def traffic(self) -> Traffic:
        """Sign in anew, for a token lasts a quarter of an hour."""
        bearer = self.full.run("token", "hut").strip().splitlines()[-1]
        return Traffic(int(self.full.url.rpartition(":")[2]), bearer)

    def note(self, answers: Answers) -> Answers:
        """Remember what was accepted."""
        filed = [answer.id for answer in answers.accepted if answer.status == 201]
        self.accepted.update(filed)
        self.open.extend(filed)
        return answers

    def settle(self) -> float:
        """Wait until everything written has been published and taken by all who follow it; gives the seconds."""
        begun = time.perf_counter()
        until(lambda: self.left() == 0, seconds=SETTLE_SECONDS, what="everything settled")
        return time.perf_counter() - begun

    def left(self) -> int:
        """Count the deliveries that are still owed."""
        owed = 0
        for consumer, interests in INTERESTS.items():
            for producer, about in interests:
                types = [row.type for row in types_of(producer, about)]
                owed += self.count(producer, outbox, outbox.c.type.in_(types))
            owed -= self.count(consumer, receipts)
        return owed + sum(self.count(name, outbox, outbox.c.published_at.is_(None)) for name in SERVICES)

    def count(self, service: str, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        """Count rows."""
        return int(self.rows(service, sa.select(sa.func.count()).select_from(table).where(*where))[0][0])

    def rows(self, service: str, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """Read rows."""
        with self.databases[service].read() as connection:
            return connection.execute(statement).all()

    def faults(self) -> list[str]:
        """Give every broken promise as a sentence; an empty list is what is wanted."""
        there = {row.id for row in self.rows("intake", sa.select(requests.c.id))}
        found = [f"request {lost} was accepted and is gone" for lost in self.accepted - there]
        found += [f"request {extra} is there, and nobody was told of it" for extra in there - self.accepted]
        for service, table in (("referrals", referrals.c.request_id), ("notifications", messages.c.subject)):
            found += self._counted(service, table)
        for service in SERVICES:
            found += [
                f"{service} keeps a letter: {row.reason}"
                for row in self.rows(service, sa.select(dead_letters.c.reason))
            ]
            found += self._chains(service)
        return found

    def _counted(self, service: str, column: sa.Column[Any]) -> list[str]:
        per = sa.select(column, sa.func.count().label("number_of")).group_by(column)
        if service == "referrals":
            return [
                f"request {row[0]} has {row.number_of} referrals"
                for row in self.rows(service, per.having(sa.func.count() != len(LEGS)))
            ]
        issued = per.where(messages.c.type.startswith("referral.issued.")).having(sa.func.count() != 1)
        return [
            f"leg {row[0]} was told to its desk {row.number_of} times" for row in self.rows(service, issued)
        ]

    def _chains(self, service: str) -> list[str]:
        chain = (receipts.c.consumer, receipts.c.source, receipts.c.subject)
        gaps = sa.select(*chain).group_by(*chain).having(sa.func.count() != sa.func.max(receipts.c.sequence))
        later = receipts.alias()
        turned = sa.select(receipts.c.subject).where(
            later.c.consumer == receipts.c.consumer,
            later.c.source == receipts.c.source,
            later.c.subject == receipts.c.subject,
            later.c.sequence == receipts.c.sequence + 1,
            later.c.received_at < receipts.c.received_at,
        )
        return [
            *(f"{service}: receipts of {row.subject} have a gap" for row in self.rows(service, gaps)),
            *(f"{service}: {row.subject} was taken out of order" for row in self.rows(service, turned)),
        ]


@dataclass
class Overload:
    """What twice the sustainable rate gave."""

    sustainable: float
    normal: Answers
    twice: Answers
    settled_after: float

    def lines(self) -> list[str]:
        """Say it in figures."""
        busy = len(self.twice.busy) / len(self.twice.all)
        return [
            f"sustainable {self.sustainable:.0f} requests/s",
            f"at {NORMAL_SHARE:.0%} of it: {_latency(self.normal.accepted)}; {self.normal.statuses}",
            f"at twice of it: sent {len(self.twice.all)} in {self.twice.seconds:.0f} s",
            f"accepted {self.twice.rate:.0f}/s, {_latency(self.twice.accepted)}",
            f"refused {busy:.0%}, {_latency(self.twice.busy)}; {self.twice.statuses}",
            f"all that was accepted settled {self.settled_after:.0f} s after",
        ]


@dataclass
class Outage:
    """What a broker that was away gave."""

    rate: float
    answers: Answers
    waiting: int
    settled_after: float

    def lines(self) -> list[str]:
        """Say it in figures."""
        return [
            f"{self.rate:.0f} requests/s for {self.answers.seconds:.0f} s without broker: {self.answers.statuses}, "
            f"{self.answers.came_again} came again, " + _latency(self.answers.accepted),
            f"{self.waiting} events waited in the outbox; all settled {self.settled_after:.0f} s after it was back",
        ]


def _latency(answers: Sequence[Answer]) -> str:
    p50, p99 = percentile(answers, 0.5) * 1000, percentile(answers, 0.99) * 1000
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"


def overload(site: Site, seconds: float, *, measured: int = MEASURED) -> Overload:
    """Find what the installation can take, then ask for twice as much."""
    site.note(site.traffic().flat_out(CLIENTS, WARM_UP))
    sustainable = site.note(site.traffic().flat_out(CLIENTS, measured)).rate
    site.settle()
    normal = site.note(site.traffic().at(sustainable * NORMAL_SHARE, seconds))
    site.settle()
    while True:
        twice = site.note(site.traffic().at(sustainable * 2, seconds))
        settled_after = site.settle()
        if len(twice.busy) >= len(twice.all) * LEAST_REFUSED:
            return Overload(sustainable, normal, twice, settled_after)
        # It was taken after all: other work had slowed down what was measured first.
        sustainable = twice.rate


def outage(site: Site, rate: float, seconds: float) -> Outage:
    """Kill the broker, keep filing and withdrawing, start it again."""
    site.settle()
    site.full.kill("rabbitmq")
    answers, left = Answers(), seconds
    while left > 0:
        # In stretches: what was filed in one is there to be withdrawn in the next.
        stretch = site.note(
            site.traffic().at(rate, min(STRETCH_SECONDS, left), withdrawing(site), again=True)
        )
        answers.all += stretch.all
        answers.seconds += stretch.seconds
        left -= STRETCH_SECONDS
    waiting = site.count("intake", outbox, outbox.c.published_at.is_(None))
    site.full.resume("rabbitmq")
    return Outage(rate, answers, waiting, site.settle())


def withdrawing(site: Site) -> Make:
    """File requests, and one time in ten withdraw one that was accepted before, and perhaps has not left yet."""

    def make(number: int) -> tuple[str, Any]:
        if number % WITHDRAWN_ONE_IN == 0 and site.open:
            return f"/intake/api/v1/requests/{site.open.popleft()}/withdraw", {
                "reason": "withdrawn-by-person"
            }
        return filing(number)

    return make


@contextmanager
def a_site() -> Iterator[Site]:
    """Start a full run that waits for its disk, as a real one does."""
    with Servers.temporary(nginx=True, durable=True) as servers, kept_open() as keep:
        full = FullRun(servers)
        try:
            full.start()
            yield Site(full, {name: keep(Database(servers.postgres_url(name, "owner"))) for name in SERVICES})
        finally:
            full.discard()


def main() -> None:
    """Run both and print what they gave; exits 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of twice the sustainable rate")
    parser.add_argument("--away", type=float, default=600.0, help="seconds without broker")
    parser.add_argument("--rate", type=float, default=50.0, help="requests/s meanwhile")
    options = parser.parse_args()
    with a_site() as site:
        results: list[Overload | Outage] = [overload(site, options.seconds)]
        print("\n".join(results[0].lines()), flush=True)  # noqa: T201
        results.append(outage(site, options.rate, options.away))
        print("\n".join(results[1].lines()), flush=True)  # noqa: T201
        faults = site.faults()
        print("\n".join([f"{len(faults)} promises broken", *faults[:20]]))  # noqa: T201
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
