"""``make bench-growth``: job, queue and board with 10,000, 100,000 and 1,000,000 referrals in place.

One installation for each size, each with its own servers and databases that were filled at once; they take turns,
page by page and job by job. The last lines are ratios: what each takes at a size to what it takes at the smallest.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import psycopg
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local import Servers, names
from deploy.local.full_run import FullRun
from services.notifications.persistence.tables import messages
from shared import audit, ids, outbox
from shared.clock import FixedClock
from shared.db import Database
from shared.identity import Principal
from shared.inbox.tables import dead_letters
from shared.sealing import MasterKey
from tests.benchmarks.growth_load import AGENCIES, Gathered, gather
from tests.benchmarks.growth_plans import PAGES, explainable, in_words, job_statements, page_statements
from tests.benchmarks.road import Road
from tests.builders import Installation, a_principal, id_number, the_district
from tests.databases import kept_open
from tests.faults.clients import body
from tests.integration.referrals.desk import Road as Desk

SIZES = (10_000, 100_000, 1_000_000)
OPEN = 4000
MOST = 1.5
BORN = date(1950, 1, 1)
JOB = "job"


@dataclass
class GrownRoad(Road):
    """The road where there is much already: what is counted is only what is new, and every person has a number."""

    since: str = field(default_factory=lambda: ids.at(datetime.now(UTC) - timedelta(seconds=5)), init=False)
    people: int = 0

    def body(self, job: int) -> dict[str, Any]:
        """Build a request of somebody who has an identity number, so that duplicates are looked for."""
        born = BORN + timedelta(days=(self.people + job) // 1000)
        filed = body(job)
        return {
            **filed,
            "person": {**filed["person"], "id_number": id_number(born, (self.people + job) % 1000)},
        }

    def told(self) -> int:
        """Count the messages to the desks since this road began."""
        desks = [f"desk:{agency}" for agency in AGENCIES]
        new = sa.select(sa.func.count()).where(messages.c.inbox.in_(desks), messages.c.id > self.since)
        with self.databases["notifications"].read() as connection:
            return int(connection.execute(new).scalar_one())


class Visitor:
    """Somebody who looks at one page again and again."""

    def __init__(self, full: FullRun, by_hand: Installation, page: str) -> None:
        role, agency, self._address = PAGES[page]
        self._principal = a_principal(role, agency=agency)
        self._by_hand = by_hand
        self._connection = http.client.HTTPConnection("127.0.0.1", int(full.url.rpartition(":")[2]))
        self._headers = {"Accept": "text/html"}

    def come(self) -> None:
        """Connect and sign in anew: between two rounds the one may be closed and the other run out."""
        self._connection.close()
        self._headers["Authorization"] = f"Bearer {signed_in(self._by_hand, self._principal)}"
        self.look()

    def look(self) -> float:
        """Ask for the page; gives the seconds until it was there."""
        begun = time.perf_counter()
        self._connection.request("GET", self._address, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"{self._address} answered {answer.status}: {text[:300]!r}")
        return time.perf_counter() - begun


def signed_in(by_hand: Installation, principal: Principal) -> str:
    """Give somebody's token of this moment."""
    return by_hand.keyring("intake").tokens.sign(principal, datetime.now(UTC))


@dataclass
class Grown:
    """One running installation with so many referrals in place, and those who use it."""

    size: int
    by_hand: Installation
    road: GrownRoad
    visitors: Mapping[str, Visitor]
    jobs: list[float] = field(default_factory=list)
    looks: dict[str, list[float]] = field(default_factory=dict)

    @property
    def dead(self) -> int:
        """Count what was kept as a dead letter: with one, nothing measured counts."""
        letters = 0
        for database in self.by_hand.databases.values():
            with database.read() as connection:
                letters += connection.execute(
                    sa.select(sa.func.count()).select_from(dead_letters)
                ).scalar_one()
        return letters

    def work(self, jobs: int) -> None:
        """Do some jobs and note the seconds that each took."""
        self.road.bearer = signed_in(self.by_hand, a_principal())
        self.jobs.append(1 / self.road.run(jobs))
        self.road.people += jobs

    def look(self, page: str) -> None:
        """Look at a page and note the seconds until it was there."""
        self.looks.setdefault(page, []).append(self.visitors[page].look())

    def medians(self) -> dict[str, float]:
        """Give the seconds each page and a job take."""
        found = {page: statistics.median(seconds) for page, seconds in self.looks.items()}
        return {**found, JOB: statistics.median(self.jobs)}


def installation(full: FullRun, databases: Mapping[str, Database]) -> Installation:
    """Put together what works on the databases of a run by hand."""
    settings = full.settings()
    master = MasterKey.from_environment(settings, Path(settings["CAREHUT_HOME"]), demo=True)
    return Installation(databases, master, the_district(), FixedClock(datetime.now(UTC)))


@contextmanager
def grown(size: int, open_ones: int) -> Iterator[Grown]:
    """Start an installation on servers of its own and fill its databases."""
    with Servers.temporary(nginx=True, durable=True) as servers, kept_open() as keep:
        full = FullRun(servers)
        try:
            full.start()
            flushes = (outbox.flush, audit.flush)
            databases = {
                service: keep(Database(servers.postgres_url(service, "owner"), flushes=flushes))
                for service in SERVICES
            }

            def connect(service: str) -> psycopg.Connection:
                return psycopg.connect(servers.postgres.admin_dsn(names.database(service)))

            by_hand = installation(full, databases)
            gathered = Gathered(referrals=size, open=open_ones)
            gather(connect, by_hand.keyring("intake"), the_district(), gathered, datetime.now(UTC))
            visitors = {page: Visitor(full, by_hand, page) for page in PAGES}
            yield Grown(size, by_hand, GrownRoad(full, databases), visitors)
        finally:
            full.discard()


def measure(sizes: Sequence[Grown], options: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Have every size do its jobs, then show each page, in turns; the machine's moods meet them all alike."""
    for each in sizes:
        each.work(options.warm_up)
        each.jobs.clear()
        for visitor in each.visitors.values():
            for _ in range(options.looks):
                visitor.come()
    for round_ in range(options.rounds):
        turns = sizes if round_ % 2 == 0 else tuple(reversed(sizes))
        for each in turns:
            each.work(options.jobs)
        for page in PAGES:
            for each in turns:
                each.visitors[page].come()
            for _ in range(options.looks):
                for each in turns:
                    each.look(page)
        rates = ", ".join(f"{each.size:,}: {1 / each.jobs[-1]:.0f}" for each in sizes)
        say(f"round {round_ + 1}, jobs/s with {rates}")


def plans(each: Grown, say: Callable[[str], None]) -> None:
    """Print the plans of the pages' and the job's statements."""
    by_hand = each.by_hand
    say(f"\nplans with {each.size:,} referrals in place")
    for page in PAGES:
        with redirect_stdout(StringIO()):  # the application's own log
            asked = page_statements(Desk(by_hand), page)
        for statement in explainable(asked):
            if statement[0].startswith("SELECT"):
                _show(say, page, by_hand.databases["referrals"], statement)
    for service, statements in job_statements(by_hand).items():
        for statement in explainable(statements):
            _show(say, f"{JOB} at {service}", by_hand.databases[service], statement)


def _show(say: Callable[[str], None], what: str, database: Database, statement: Any) -> None:
    say(f"\n[{what}] {' '.join(statement[0].split())[:300]}\n{in_words(database, statement)}")


def report(sizes: Sequence[Grown], say: Callable[[str], None]) -> bool:
    """Print medians and ratios; gives whether all ratios hold."""
    medians = [each.medians() for each in sizes]
    heads = "".join(f"{each.size:>12,}" for each in sizes)
    say(f"\n{'median, ms':32}{heads}")
    for what in (*PAGES, JOB):
        say(f"{what:32}" + "".join(f"{row[what] * 1000:12.2f}" for row in medians))
    say(f"\n{'ratio to the smallest':32}{heads}")
    worst = 0.0
    for what in (*(page for page in PAGES if "," in page), "queue", "board", "figures", JOB):
        ratios = [row[what] / medians[0][what] for row in medians]
        worst = max(worst, *ratios)
        say(f"{what:32}" + "".join(f"{ratio:12.2f}" for ratio in ratios))
    return worst <= MOST


def run(options: argparse.Namespace, say: Callable[[str], None]) -> bool:
    """Put every size in place, measure, show the plans of the largest; gives whether all ratios hold."""
    with ExitStack() as stack:
        sizes = []
        for size in options.sizes:
            begun = time.perf_counter()
            open_ones = options.open or int(size * options.open_share)
            sizes.append(stack.enter_context(grown(size, open_ones)))
            say(
                f"{size:,} referrals, {open_ones:,} of them open: there after {time.perf_counter() - begun:.0f} s"
            )
        measure(sizes, options, say)
        for each in sizes:
            if each.dead:
                raise SystemExit(f"{each.dead} dead letters with {each.size:,} referrals")
        plans(sizes[-1], say)
        return report(sizes, say)


def main() -> None:
    """Read what is asked for, run it, keep what was said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--open", type=int, default=OPEN, help="open referrals, whatever the size; 0: a share"
    )
    parser.add_argument("--open-share", type=float, default=0.02, help="that share")
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--looks", type=int, default=10, help="at each page in each round")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--warm-up", type=int, default=100)
    parser.add_argument("--report", type=Path, default=Path("build/bench-growth.txt"))
    options = parser.parse_args()
    options.report.parent.mkdir(parents=True, exist_ok=True)
    with options.report.open("w") as file:
        holds = run(options, lambda line: _say(file, line))
    sys.exit(not holds)


def _say(file: TextIO, line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what it is for
    file.write(f"{line}\n")
    file.flush()


if __name__ == "__main__":
    main()
