"""What arrived at the other end of the broker, in the order in which it did, and what is wrong with that."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from shared.events import parse
from shared.messaging import Delivery
from shared.messaging.consumer import ConsumerLoop
from shared.messaging.topology import events_queue

READER = "referrals"


@dataclass(frozen=True)
class Outcome:
    """The figures of one race; ``stories`` tells the first of what went wrong in words."""

    written: int
    arrived: int
    doubled: int
    lost: int
    inversions: int
    stories: tuple[str, ...]


class Arrivals:
    """Takes every delivery of one queue, through the product's own consumer loop."""

    def __init__(self, url: str) -> None:
        self._stop = threading.Event()
        self._chains: dict[str, list[int]] = {}
        self._seen: set[tuple[str, int]] = set()
        self._new_at = time.monotonic()
        self._loop = ConsumerLoop(url, (events_queue(READER),), self._take, stop=self._stop)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Consume for the length of the block."""
        thread = threading.Thread(target=self._loop.run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def wait_for(self, written: Mapping[str, int], *, quiet: float) -> None:
        """Wait until all of it has arrived, or nothing new has come for ``quiet`` seconds."""
        wanted = {(name, number) for name, last in written.items() for number in range(1, last + 1)}
        self._new_at = time.monotonic()
        while not wanted <= self._seen and time.monotonic() - self._new_at < quiet:
            time.sleep(0.05)

    def judge(self, written: Mapping[str, int]) -> Outcome:
        """Hold what arrived against what was written.

        The first arrivals of an aggregate's events must be 1, 2, 3 …; an event that arrives again is no fault, for a
        relay that dies between confirm and mark publishes again, and consumers know it by its receipt.
        """
        firsts = {name: list(dict.fromkeys(chain)) for name, chain in self._chains.items()}
        lost = {name: _missing(last, firsts.get(name, [])) for name, last in written.items()}
        overtaken = {name: _inversions(chain) for name, chain in firsts.items()}
        stories = [
            f"{name}: {numbers[:5]} of {written[name]} never came"
            for name, numbers in lost.items()
            if numbers
        ]
        stories += [
            f"{name}: {later} came before {earlier}"
            for name, pairs in overtaken.items()
            for later, earlier in pairs[:1]
        ]
        return Outcome(
            written=sum(written.values()),
            arrived=sum(map(len, firsts.values())),
            doubled=sum(map(len, self._chains.values())) - sum(map(len, firsts.values())),
            lost=sum(map(len, lost.values())),
            inversions=sum(map(len, overtaken.values())),
            stories=tuple(stories),
        )

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            event = parse(delivery.body)
            self._chains.setdefault(event.subject, []).append(event.sequence)
            if (event.subject, event.sequence) not in self._seen:
                self._seen.add((event.subject, event.sequence))
                self._new_at = time.monotonic()


def _missing(last: int, chain: Sequence[int]) -> list[int]:
    return sorted(set(range(1, last + 1)) - set(chain))


def _inversions(chain: Sequence[int]) -> list[tuple[int, int]]:
    """Give each event that came after a later one, with that later one before it."""
    found, highest = [], 0
    for number in chain:
        if number < highest:
            found.append((highest, number))
        highest = max(highest, number)
    return found
