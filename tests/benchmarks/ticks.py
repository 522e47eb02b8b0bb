"""``make bench-ticks``: what a tick of the clocks costs with 10,000, 100,000 and 1,000,000 open referrals.

One database for each size, filled by SQL from one referral that was filed. A tick is measured with nothing due and
with some due: many short looks, the sizes in turns look by look, and of each the time that a quarter of its looks stay
under. So what else the machine does meets all sizes alike and decides nothing. The last lines are the plan by which the
due are found, and ratios to the smallest.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta

import sqlalchemy as sa

from deploy.local import Servers
from services.referrals.persistence.tables import referrals
from services.referrals.persistence.timers import _DUE
from services.referrals.use_cases.tick import BATCH, tick
from tests import databases
from tests.benchmarks.growth_plans import in_words
from tests.builders import an_installation
from tests.databases import kept_open
from tests.integration.referrals.desk import Road

SIZES = (10_000, 100_000, 1_000_000)
DUE = 25
"""As many as share a transaction: a tick that does more costs as many of these."""
ROUNDS = 20
LOOKS = 15
BATCHES = 3
"""Looks of a round with nothing due, and with some."""
WARM_UP = 5
MOST = 1.5
NOTHING_DUE, PER_TIMER = "nothing due", "per timer"

Took = dict[tuple[int, str], list[float]]
"""(size, what) → the milliseconds of each look."""

_COPIED = [
    column.name
    for column in referrals.columns
    if column.name not in {"id", "number", "timer_at", "request_id"}
]
_FILL = sa.text(
    f"""
    INSERT INTO referrals (id, number, request_id, timer_at, {", ".join(_COPIED)})
    SELECT gen_random_uuid(), 'XX-2026-' || n, gen_random_uuid(), timer_at + n * interval '1 second',
      {", ".join(_COPIED)}
    FROM (SELECT * FROM referrals LIMIT 1) AS one, generate_series(1, :open) AS n
    """  # noqa: S608 - names of our own columns
)
_numbers = itertools.count(1)


def filled(road: Road, size: int) -> None:
    """Put so many open referrals beside the one that was filed; their timers run out one a second from its own."""
    road.file("dibao")
    with road.parts.database.unit_of_work() as uow:
        uow.connection.execute(_FILL, {"open": size})


def come_due(road: Road, number: int) -> None:
    """Move the clock so that about so many more timers have run out."""
    clock = road.installation.clock
    with road.parts.database.read() as connection:
        ordered = sa.select(referrals.c.timer_at).order_by(referrals.c.timer_at).offset(number).limit(1)
        clock.move_to(connection.execute(ordered).scalar_one() - timedelta(milliseconds=500))


def statement(road: Road) -> tuple[str, Mapping[str, object]]:
    """Give the statement by which a tick finds what is due, with its values."""
    return str(_DUE.compile(road.parts.database.engine)), {
        "now": road.installation.clock.now(),
        "most": BATCH,
    }


def measure(road: Road, due: int) -> tuple[float, int]:
    """Give the milliseconds of one tick, and how many timers it did."""
    if due:
        come_due(road, due)
    begun = time.perf_counter()
    done = tick(road.parts)
    return (time.perf_counter() - begun) * 1000, done


def take_turns(roads: Mapping[int, Road], rounds: int) -> Took:
    """Measure every size in turns, look by look, each round the other way round."""
    took: Took = {}
    for road in roads.values():
        for _ in range(WARM_UP):
            measure(road, 0)
        measure(road, DUE)
    for round_ in range(rounds):
        turns = list(roads.items())[:: -1 if round_ % 2 else 1]
        for _ in range(LOOKS):
            for size, road in turns:
                spent, done = measure(road, 0)
                if done:
                    raise SystemExit(f"{done} timers had run out where nothing was due")
                took.setdefault((size, NOTHING_DUE), []).append(spent)
        for _ in range(BATCHES):
            for size, road in turns:
                spent, done = measure(road, DUE)
                took.setdefault((size, PER_TIMER), []).append(spent / done)
    return took


def undisturbed(looks: Iterable[float]) -> float:
    """Give the time that a quarter of some looks stay under: what a look takes when nothing comes between."""
    return statistics.quantiles(looks, n=4)[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 when a size costs more than ``MOST`` times the smallest."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ticks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    with Servers.temporary(durable=False) as servers, ExitStack() as stack:
        servers.postgres.wait()
        keep = stack.enter_context(kept_open())
        roads: dict[int, Road] = {}
        for size in asked.sizes:
            number = next(_numbers)
            made = {
                service: databases.fresh(servers, service, number * 10 + place)
                for place, service in enumerate(("intake", "referrals", "notifications"))
            }
            urls = {
                service: servers.postgres.url(service, "owner", database=name)
                for service, name in made.items()
            }
            opened = {service: keep(databases.postgresql(url)) for service, url in urls.items()}
            roads[size] = Road(an_installation(opened.__getitem__))
            filled(roads[size], size)
            with roads[size].parts.database.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                    "VACUUM ANALYZE referrals"
                )
            _say(f"{size:,} open referrals are there")
        took = take_turns(roads, asked.rounds)
        largest = roads[asked.sizes[-1]]
        come_due(largest, DUE)
        _say(in_words(largest.parts.database, statement(largest)))
    worst = 0.0
    for what in (NOTHING_DUE, PER_TIMER):
        best = {size: undisturbed(took[size, what]) for size in asked.sizes}
        ratios = {size: value / best[asked.sizes[0]] for size, value in best.items()}
        worst = max(worst, *ratios.values())
        _say(
            f"{what:12}" + "".join(f"  {size:>9,}: {best[size]:7.2f} ms ×{ratios[size]:.2f}" for size in best)
        )
    return 1 if worst > MOST else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
