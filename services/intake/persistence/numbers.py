"""Running numbers of requests, handed out in blocks, so that no filing waits for another at one hot row."""

from __future__ import annotations

import os
import threading

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from services.intake.persistence.tables import number_blocks
from shared.db import Database

BLOCK = 32


def _taking(insert: postgresql.Insert | sqlite.Insert) -> ReturningInsert[int]:
    return insert.on_conflict_do_update(
        index_elements=[number_blocks.c.series], set_={"last": number_blocks.c.last + BLOCK}
    ).returning(number_blocks.c.last)


TAKE = {
    "postgresql": _taking(postgresql.insert(number_blocks).values(last=BLOCK)),
    "sqlite": _taking(sqlite.insert(number_blocks).values(last=BLOCK)),
}


class NumberSeries:
    """Numbers for this process. Each block is taken in a transaction of its own.

    Numbers never repeat; a process that ends leaves a gap of less than one block.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._taken: dict[str, tuple[int, int]] = {}
        self._process = os.getpid()
        self._take = TAKE[database.dialect]

    def next(self, letters: str, year: int) -> str:
        """Give the next number, such as ``PL-2026-000123``. Call it outside any unit of work."""
        series = f"{letters}-{year}"
        with self._lock:
            if (
                self._process != os.getpid()
            ):  # a fork inherits its parent's block, which is the parent's to hand out
                self._process, self._taken = os.getpid(), {}
            following, last = self._taken.get(series, (1, 0))
            if following > last:
                last = self._take_block(series)
                following = last - BLOCK + 1
            self._taken[series] = (following + 1, last)
        return f"{series}-{following:06d}"

    def _take_block(self, series: str) -> int:
        with self._database.unit_of_work() as uow:
            return uow.connection.execute(self._take, {"series": series}).scalar_one()
