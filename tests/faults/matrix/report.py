"""The report of a long run: one file of evidence, written row by row so that a run that was cut short is kept."""

from __future__ import annotations

import fcntl
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from deploy.local import postgres, rabbitmq
from tests.faults.matrix.runner import Entry
from tests.faults.matrix.scenario import SCENARIOS

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy/decisions"
_COLUMNS = (
    "what was done",
    "times",
    "kills",
    "operations",
    "per second",
    "sent again",
    "back (s, at most)",
    "took (s)",
    "findings",
)
_INTRODUCTION = """\
Written by `make faults`. Each row: a fault done so many times to a whole installation while desk and agencies are at
work; then the recorded history (clients, databases, effect logs, queues) is checked: nothing lost, nothing twice, in
order. One row alone: `.venv/bin/python -m tests.faults --only NAME`."""


class Report:
    """What has been run so far, kept beside the report as JSON lines; the report is made from it anew each time.

    Each line is a part of a scenario's faults. Several runs may share one report.
    """

    def __init__(self, file: Path, seed: str) -> None:
        self.file = file
        self._kept = file.with_suffix(".jsonl")
        self._seed = seed
        file.parent.mkdir(parents=True, exist_ok=True)

    @classmethod
    def begun(cls, seed: str, folder: Path = FOLDER, *, anew: bool = False) -> Report:
        """Give the newest report there is, whenever it was begun: what it has stays; or one of today."""
        before = [] if anew else sorted(folder.glob("*-faults.jsonl"))
        today = folder / f"{datetime.now(UTC):%Y-%m-%d}-faults.jsonl"
        return cls((before[-1] if before else today).with_suffix(".md"), seed)

    def done(self, name: str) -> int:
        """Tell how often a scenario was already done with this seed."""
        return sum(
            part["times"] for part in self._parts() if (part["name"], part["seed"]) == (name, self._seed)
        )

    def add(self, entry: Entry) -> None:
        """Keep one more part and write the report."""
        part = asdict(entry) | {
            "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
            "seed": self._seed,
            "on": versions(),
        }
        with self._kept.open("ab") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            kept.write(orjson.dumps(part) + b"\n")
            kept.flush()
            self.file.write_text(self._text())

    def forget(self, name: str) -> None:
        """Have a scenario done from its first fault on again."""
        with self._kept.open("ab") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            others = [part for part in self._parts() if part["name"] != name]
            self._kept.write_bytes(b"".join(orjson.dumps(part) + b"\n" for part in others))

    def _parts(self) -> list[dict[str, Any]]:
        lines = self._kept.read_bytes().splitlines() if self._kept.exists() else []
        return [orjson.loads(line) for line in lines]

    def _text(self) -> str:
        parts = self._parts()
        order = {name: place for place, name in enumerate(SCENARIOS)}
        rows = sorted(_sums(parts), key=lambda row: order.get(row.name, len(order)))
        findings = sum(len(row.findings) for row in rows)
        seeds = ", ".join(f"`{seed}`" for seed in sorted({part["seed"] for part in parts}))
        days = sorted({part["at"].partition(" ")[0] for part in parts})
        return "\n".join(
            [
                f"# Faults, {' to '.join(dict.fromkeys((days[0], days[-1])))}: {findings} findings",
                "",
                _INTRODUCTION,
                "",
                f"{'; '.join(sorted({part['on'] for part in parts}))}; seed {seeds}.",
                "",
                *_table(rows),
                "",
                *_found(rows),
                *_owed(rows),
            ]
        )


def _sums(parts: Sequence[dict[str, Any]]) -> list[Entry]:
    rows: dict[str, Entry] = {}
    for part in parts:
        entry = Entry(**{field.name: part[field.name] for field in fields(Entry)})
        rows[entry.name] = rows[entry.name].with_more(entry) if entry.name in rows else entry
    return list(rows.values())


def versions() -> str:
    """Say on what it ran."""
    server = subprocess.run(
        [postgres.programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    broker = _broker_version()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"Python {platform.python_version()}, PostgreSQL {server}, RabbitMQ {broker}, commit {commit or 'unknown'}"


def _broker_version() -> str:
    # Its programs lie beside the release that they start, whose folder bears the version.
    plugins = sorted((rabbitmq.programs().parent / "lib").glob("rabbitmq_server-*")) or sorted(
        rabbitmq.programs().parent.glob("rabbitmq_server-*")
    )
    return plugins[-1].name.partition("-")[2] if plugins else "unknown"


def _table(rows: Sequence[Entry]) -> list[str]:
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        slowest = f"{max(row.back, default=0):.1f}"
        figures = [row.times, row.kills, row.operations, f"{row.rate:.1f}", row.resent]
        cells = [f"`{row.name}`: {row.says}", *figures, slowest, f"{row.seconds:.0f}"]
        lines.append(f"| {' | '.join(map(str, cells))} | {len(row.findings)} |")
    return lines


def _found(rows: Sequence[Entry]) -> list[str]:
    lines = []
    for row in rows:
        if row.findings:
            lines += [f"## {row.name}", "", *(f"```\n{finding}\n```" for finding in row.findings), ""]
    return lines or ["Nothing was lost, nothing happened twice, and all came back without help.", ""]


def _owed(rows: Sequence[Entry]) -> list[str]:
    done = {row.name: row.times for row in rows}
    owed = [
        f"`{name}` {scenario.long - done.get(name, 0)}"
        for name, scenario in SCENARIOS.items()
        if done.get(name, 0) < scenario.long
    ]
    return [f"Still to be done: {', '.join(owed)}.", ""] if owed else []
