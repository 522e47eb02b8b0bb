"""``python -m tests.faults.race``: the long races on private servers; exits 1 if one shows what it must not."""

from __future__ import annotations

import argparse
import logging
import sys

import structlog

from deploy.embedded.environment import DEFAULT_DISTRICT
from deploy.local import Servers
from shared.messaging import Publisher
from shared.messaging.publisher import PikaPublisher
from shared.messaging.topology import topology
from tests import databases
from tests.faults.race.arrivals import READER, Outcome
from tests.faults.race.course import naive_race, race
from tests.faults.race.writers import AGGREGATES, WRITERS
from tests.messaging.brokers import Rabbit

ROW = "{:<22}{:>9}{:>9}{:>9}{:>7}{:>12}  {}"


def main() -> int:
    """Run 2 relays, 4 relays and the naive one; print a table."""
    arguments = argparse.ArgumentParser(prog="python -m tests.faults.race", description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60, help="length of each race (60)")
    arguments.add_argument("--seed", default="race", help="what the delays and handovers are drawn from")
    chosen = arguments.parse_args()
    # That a relay lost its session is what happens here all the time.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _line(f"{WRITERS} writers, {AGGREGATES} aggregates, {chosen.seconds:g} s each, seed {chosen.seed}")
    _line(ROW.format("", "written", "arrived", "doubled", "lost", "inversions", "sent by each relay"))
    good = True
    with Servers.temporary() as servers:
        servers.start()
        for number, relays in enumerate((2, 4, 0)):
            name = databases.fresh(servers, "intake", number)
            url = servers.postgres.url("intake", "owner", database=name)
            broker = Rabbit(servers, topology(f"{DEFAULT_DISTRICT}-{number}"))
            outcome, shares = _one(url, broker, relays, chosen.seconds, chosen.seed)
            good &= outcome.lost > 0 if relays == 0 else (outcome.lost, outcome.inversions) == (0, 0)
            _say(f"{relays} relays" if relays else "one naive relay", outcome, shares)
            broker.close()
    return 0 if good else 1


def _one(url: str, broker: Rabbit, relays: int, seconds: float, seed: str) -> tuple[Outcome, list[int]]:
    def publisher() -> Publisher:
        return PikaPublisher(broker.url("intake"))

    if relays:
        return race(url, publisher, broker.url(READER), relays=relays, seconds=seconds, seed=seed)
    return naive_race(url, publisher, broker.url(READER), seconds=seconds, seed=seed), []


def _say(name: str, outcome: Outcome, shares: list[int]) -> None:
    figures = (outcome.written, outcome.arrived, outcome.doubled, outcome.lost, outcome.inversions)
    _line(ROW.format(name, *figures, ", ".join(map(str, shares))))
    for story in outcome.stories[:3]:
        _line(f"    {story}")


def _line(text: str) -> None:
    sys.stdout.write(f"{text.rstrip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
