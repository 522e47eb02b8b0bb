"""The long run: ``python -m tests.integration.fuzz``, with ``--cases N --seed S --postgresql`` for other ones."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from deploy.local import Servers
from shared.telemetry import logs
from tests import databases
from tests.builders import Installation, an_installation
from tests.integration.fuzz.answers import judge
from tests.integration.fuzz.site import SERVICES, Site

CASES = 55
"""Of each kind for every operation: over 10,000 requests together."""


def main() -> int:
    """Ask everything, tell what came of it; the exit code is 1 if an answer was wrong."""
    asked = _arguments().parse_args()
    logs.configure("tests", "fuzz", level=logging.CRITICAL)
    total, wrong, began = 0, 0, time.monotonic()
    with _installation(postgresql=asked.postgresql) as installation:
        site = Site(installation)
        site.fill()
        for service in SERVICES:
            verdict = judge(site, service, cases=asked.cases, number=asked.seed)
            total, wrong = total + verdict.asked, wrong + len(verdict.wrong)
            click.echo(f"{service}: {verdict.asked} requests, {dict(sorted(verdict.statuses.items()))}")
            if verdict.wrong:
                click.echo(verdict.told())
    click.echo(f"{total} requests in {time.monotonic() - began:.0f} s, {wrong} kinds of wrong answers")
    return 1 if wrong else 0


@contextmanager
def _installation(*, postgresql: bool) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as name, databases.kept_open() as keep, ExitStack() as started:
        if postgresql:
            servers = started.enter_context(Servers.temporary(durable=False))
            servers.postgres.wait()
            yield an_installation(databases.OnPostgres(servers, keep))
        else:
            folder, originals = Path(name), Path(name, "originals")
            originals.mkdir()
            yield an_installation(databases.OnSqlite(folder, originals, keep))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Odd requests to every operation of every service.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--postgresql", action="store_true", help="on PostgreSQL, which takes less than SQLite"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
