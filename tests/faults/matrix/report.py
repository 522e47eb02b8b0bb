"""The report of a long run: one file of evidence, written row by row so that a run that was cut short is kept."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
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
    """What has been run so far, kept beside the report as JSON lines; the report is made from it anew each time."""

    def __init__(self, file: Path, seed: str) -> None:
        self.file = file
        self._kept = file.with_suffix(".jsonl")
        self._seed = seed
        lines = self._kept.read_bytes().splitlines() if self._kept.exists() else []
        self._rows: list[dict[str, Any]] = [orjson.loads(line) for line in lines]

    @classmethod
    def of_today(cls, seed: str, folder: Path = FOLDER) -> Report:
        """Give the report of this day; what it already has stays."""
        return cls(folder / f"{datetime.now(UTC):%Y-%m-%d}-faults.md", seed)

    def has(self, name: str, times: int) -> bool:
        """Tell whether a scenario was already run so often, with this seed."""
        return any(
            row["name"] == name and row["times"] >= times and row["seed"] == self._seed for row in self._rows
        )

    def add(self, entry: Entry) -> None:
        """Keep one more row, in place of an older one of the same scenario, and write the report."""
        row = asdict(entry) | {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "seed": self._seed}
        self._rows = [kept for kept in self._rows if kept["name"] != entry.name] + [row]
        self._kept.write_bytes(b"".join(orjson.dumps(kept) + b"\n" for kept in self._rows))
        self.file.write_text(self._text())

    def _text(self) -> str:
        order = {name: place for place, name in enumerate(SCENARIOS)}
        rows = sorted(self._rows, key=lambda row: order.get(row["name"], len(order)))
        findings = sum(len(row["findings"]) for row in rows)
        return "\n".join(
            [
                f"# Faults, {datetime.now(UTC):%Y-%m-%d}: {findings} findings",
                "",
                _INTRODUCTION,
                "",
                f"{versions()}; seed `{self._seed}`.",
                "",
                *_table(rows),
                "",
                *_found(rows),
            ]
        )


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


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        slowest = f"{max(row['back'], default=0):.1f}"
        figures = [row["times"], row["kills"], row["operations"], f"{row['rate']:.1f}", row["resent"]]
        cells = [f"`{row['name']}`: {row['says']}", *figures, slowest, f"{row['seconds']:.0f}"]
        lines.append(f"| {' | '.join(map(str, cells))} | {len(row['findings'])} |")
    return lines


def _found(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        if row["findings"]:
            lines += [f"## {row['name']}", "", *(f"```\n{finding}\n```" for finding in row["findings"]), ""]
    return lines or ["Nothing was lost, nothing happened twice, and all came back without help.", ""]
