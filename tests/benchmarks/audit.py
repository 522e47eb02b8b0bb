"""``make test-audit``: a thousand random tamperings, each to be found; and how long 1,000,000 entries take to verify.

The tamperings are spread over every way there is, each on its own copy of one sealed log. The million lies in each kind
of database, sealed by the service's own sealer; then one entry is changed, and must be the first that is named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from deploy.local import Servers
from shared import audit, ids
from shared.audit.sealer import AT_ONCE, BATCH, Sealer
from shared.audit.tables import table
from shared.db import Database, insert
from shared.db.rows import Insert
from tests import databases
from tests.unit.audit.log import SERVICE, SOURCE, a_log, an_entry
from tests.unit.audit.tampering import WAYS, tampered

TAMPERINGS, ROWS = 1000, 1_000_000
MOST_SECONDS = 90.0
PART = 20_000


def tamper(times: int, folder: Path) -> int:
    """Tamper so often; gives how many were not found."""
    original = a_log(folder)
    missed = 0
    for seed in range(times):
        way = list(WAYS)[seed % len(WAYS)]
        log = tampered(original, folder / "copy", way, seed)
        if not log.verified().findings:
            missed += 1
            _say(f"not found: {way} {seed}")
        log.database.dispose()
        for file in (folder / "copy").iterdir():
            file.unlink()
    return missed


def fill(database: Database, rows: int) -> None:
    """Write entries of the last days, one a second."""
    begin = datetime.now(UTC) - timedelta(seconds=rows)
    into = Insert(table)
    facts = {name: getattr(an_entry(), name) for name in audit.AuditEntry.__slots__}
    for start in range(0, rows, PART):
        made = [
            facts
            | {
                "id": ids.at(begin + timedelta(seconds=number)),
                "at": begin + timedelta(seconds=number),
                "object_id": f"r-{number % 1000}",
                "detail": {"rev": number, "legs": [f"leg-{number}"]},
            }
            for number in range(start, min(start + PART, rows))
        ]
        with database.unit_of_work() as uow:
            insert(uow.connection, (into, made))


def measure(name: str, database: Database, rows: int) -> tuple[float, bool]:
    """Fill, seal and verify; gives the seconds of a verification, and whether it found what was changed alone."""
    fill(database, rows)
    now = datetime.now(UTC)
    sealer = Sealer(database, SERVICE, SOURCE, lambda: now)
    begun = time.perf_counter()
    while sealer.seal() == AT_ONCE * BATCH:
        pass
    sealed = time.perf_counter() - begun
    begun = time.perf_counter()
    whole = audit.verify(database, SERVICE, {}, now)
    took = time.perf_counter() - begun
    with database.unit_of_work() as uow:
        middle = sa.select(table.c.id).order_by(table.c.id).offset(rows // 2).limit(1)
        entry = uow.connection.execute(middle).scalar_one()
        if database.dialect == "sqlite":
            uow.connection.exec_driver_sql("drop trigger audit_log_no_update")
        uow.connection.execute(sa.update(table).where(table.c.id == entry).values(actor="somebody-else"))
    found = [finding.entry for finding in audit.verify(database, SERVICE, {}, now).findings]
    right = not whole.findings and whole.entries == rows and found == [entry]
    _say(
        f"{name}: {rows:,} entries sealed in {sealed:.0f} s, verified in {took:.1f} s;"
        f" found {found}, as it should: {right}"
    )
    return took, right


def made(keep: ExitStack, folder: Path) -> Iterator[tuple[str, Database]]:
    """Give a database of each kind, one after the other."""
    opened = keep.enter_context(databases.kept_open())
    yield "sqlite", opened(databases.sqlite(folder / "log.sqlite", "referrals", folder))
    servers = keep.enter_context(Servers.temporary(durable=False))
    servers.postgres.wait()
    name = databases.fresh(servers, "referrals", 1)
    yield (
        "postgresql",
        opened(databases.postgresql(servers.postgres.url("referrals", "owner", database=name))),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Tamper and measure; the exit code is 1 when something was missed or took longer than ``MOST_SECONDS``."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.audit", description=__doc__)
    parser.add_argument("--tamperings", type=int, default=TAMPERINGS)
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="aid-audit-") as folder, ExitStack() as keep:
        place = Path(folder)
        for part in ("tampering", "large"):
            (place / part).mkdir()
        missed = tamper(asked.tamperings, place / "tampering")
        _say(f"{asked.tamperings} tamperings, {missed} not found")
        results = [measure(name, database, asked.rows) for name, database in made(keep, place / "large")]
    return 1 if missed or any(took > MOST_SECONDS or not right for took, right in results) else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
