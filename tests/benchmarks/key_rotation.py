"""A field key replaced under 100,000 people who are read and changed, killed once on the way; on both databases."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from deploy.key_life import retire
from deploy.key_needs import needs
from deploy.local import Servers
from tests import databases
from tests.builders import Installation, an_installation
from tests.rotation import BY, busy, fill, moves, replaced, the_old

ROWS = int(os.environ.get("ROWS", "100000"))


def main() -> None:
    """Run it on SQLite and on PostgreSQL; exit 1 if a read failed or a row was left."""
    right = True
    with (
        tempfile.TemporaryDirectory(prefix="aid-keys-") as folder,
        Servers.temporary(durable=False) as servers,
    ):
        servers.postgres.wait()
        with databases.kept_open() as keep:
            originals = Path(folder, "originals")
            originals.mkdir()
            for make in (
                databases.OnSqlite(Path(folder), originals, keep),
                databases.OnPostgres(servers, keep),
            ):
                right = one(make.kind, an_installation(make)) and right
    sys.exit(not right)


def one(name: str, made: Installation) -> bool:
    """Replace the key on one kind of database; tells whether nothing failed."""
    known = fill(made, ROWS)
    replaced(made)
    mover = Mover(made)
    with busy(made, known) as load:
        begun = time.monotonic()
        first = mover.killed_midway()
        moved = sum(moves(made))
        took = time.monotonic() - begun
    old = the_old(made)
    left = needs(made.databases, old)
    retire(made.databases, made.master, old.kid, made.clock.now(), BY)
    sys.stdout.write(
        f"{name}: {ROWS} rows, {first} before the mover was killed and {moved} after, in {took:.0f} s "
        f"({(first + moved) / took:.0f}/s); {load.reads} reads and {load.writes} writes meanwhile, "
        f"{len(load.failed)} failed; left under the old key: {sum(left.values())}\n"
    )
    return not load.failed and not left


class Mover:
    """A process that moves rows as soon as it is told to; made before any thread is, since it is a fork."""

    def __init__(self, made: Installation) -> None:
        self._made = made
        self._before = self._left()
        waiting, self._begin = os.pipe()
        for database in made.databases.values():
            database.dispose()
        self._process = os.fork()
        if not self._process:
            os.read(waiting, 1)
            for _ in moves(made):
                pass
            os._exit(0)

    def killed_midway(self) -> int:
        """Let it begin, and kill it (SIGKILL) when it has moved a tenth; gives how many rows that were in the end."""
        os.write(self._begin, b"!")
        deadline = time.monotonic() + 600
        while self._left() > self._before - ROWS // 10 and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        return self._before - self._left()

    def _left(self) -> int:
        return sum(needs(self._made.databases, the_old(self._made)).values())


if __name__ == "__main__":
    main()
