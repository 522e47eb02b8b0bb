"""Writers that each lock an aggregate, write its next event, and take their time before they commit."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from shared import ids, outbox
from shared.db import Database
from shared.events import Event
from shared.telemetry import failpoints

WRITERS = 8
AGGREGATES = 20
SOURCE = "/aid/530103/intake"
DELAYS_SECONDS = (0.0, 0.002, 0.005, 0.02, 0.02, 0.3)
"""Between the insert into the outbox and the commit: the upper end of a commit's delay, drawn first."""

_metadata = sa.MetaData()
aggregates = sa.Table(
    "race_aggregates",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
)


class Writers:
    """The writers on one database of ``intake``; ``written`` says how far each aggregate has got.

    ``url`` is the owner's: the aggregates need a table of their own.
    """

    def __init__(self, url: str, seed: str) -> None:
        self._database = Database(url, pool_size=WRITERS, flushes=(outbox.flush,))
        self._seed = seed
        self._stop = threading.Event()
        self.failed: list[Exception] = []
        _metadata.create_all(self._database.engine)
        with self._database.unit_of_work() as uow:
            rows = [{"id": ids.new(), "sequence": 0} for _ in range(AGGREGATES)]
            uow.connection.execute(sa.insert(aggregates), rows)
        self._names = [str(row["id"]) for row in rows]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write for the length of the block; raises what a writer failed with."""
        threads = [
            threading.Thread(target=self._write, args=(random.Random(f"{self._seed}-{number}"),))
            for number in range(WRITERS)
        ]
        with _slow_commits(random.Random(f"{self._seed}-commits")):
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self._stop.set()
                for thread in threads:
                    thread.join()
        if self.failed:
            raise self.failed[0]

    def written(self) -> dict[str, int]:
        """Give the number of events each aggregate has, by its committed row."""
        with self._database.read() as connection:
            return {row.id: row.sequence for row in connection.execute(sa.select(aggregates))}

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    def _write(self, chance: random.Random) -> None:
        try:
            while not self._stop.is_set():
                self._step(chance.choice(self._names))
        except Exception as error:  # noqa: BLE001 - raised again where the writers are waited for
            self.failed.append(error)

    def _step(self, aggregate: str) -> None:
        step = (
            sa.update(aggregates)
            .where(aggregates.c.id == aggregate)
            .values(sequence=aggregates.c.sequence + 1)
            .returning(aggregates.c.sequence)
        )
        with self._database.unit_of_work() as uow:
            sequence = uow.connection.execute(step).scalar_one()
            uow.record(
                Event(
                    id=ids.new(),
                    type="staff.changed.v1",
                    source=SOURCE,
                    subject=aggregate,
                    time=datetime.now(UTC),
                    sequence=sequence,
                    data={"at": "now"},
                )
            )


@contextmanager
def _slow_commits(chance: random.Random) -> Iterator[None]:
    """Let every unit of work of this process rest, at random, between its last statement and its commit."""

    def hook(name: str) -> None:
        if name == "unit-of-work.before-commit":
            time.sleep(chance.uniform(0, chance.choice(DELAYS_SECONDS)))

    failpoints.hook = hook
    try:
        yield
    finally:
        failpoints.hook = None
