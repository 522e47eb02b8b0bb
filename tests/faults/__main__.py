"""The long run of the matrix: ``python -m tests.faults``, with ``--only NAME --times N --seed S`` for a part of it.

Several may run at once, each with other names: they write one report.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.matrix.embedded_rig import embedded_rig
from tests.faults.matrix.report import FOLDER, Report
from tests.faults.matrix.rig import full_rig
from tests.faults.matrix.rows import rows
from tests.faults.matrix.runner import Entry, Runner
from tests.faults.matrix.scenario import SCENARIOS, Scenario

IN_BURSTS, OTHERS, SLOW = 50, 10, 4
"""So many faults on one rig; those that take longer leave more behind, and its disk is small.

Then the history is checked, the report written, and a fresh rig goes on.
"""


def main() -> int:
    """Run what was asked for; the exit code is 1 if anything was found."""
    asked = _arguments().parse_args()
    report = Report.begun(asked.seed, asked.into, anew=asked.anew)
    chosen = [SCENARIOS[name] for name in asked.only] or [*rows(embedded=False), *rows(embedded=True)]
    found = 0
    for scenario in chosen:
        times = asked.times or scenario.long
        if asked.again:
            report.forget(scenario.name)
        done = report.done(scenario.name)
        if done >= times:
            _say(f"{scenario.name}: done before, with seed {asked.seed}")
            continue
        _say(f"{scenario.name}: {times} times; {scenario.says}")
        while done < times:
            entry = _run(scenario, min(_at_once(scenario), times - done), f"{asked.seed}-{done}")
            report.add(entry)
            done += entry.times
            found += len(entry.findings)
            _say(
                f"  {done}: {entry.kills} kills, {entry.rate:.1f} operations/s, {len(entry.findings)} findings"
            )
    _say(f"{found} findings; the report is {report.file}")
    return 1 if found else 0


def _at_once(scenario: Scenario) -> int:
    if scenario.slow:
        return SLOW
    return IN_BURSTS if scenario.burst > 1 else OTHERS


def _run(scenario: Scenario, times: int, seed: str) -> Entry:
    with _place() as place:
        with (
            embedded_rig(place / "history", place) if scenario.embedded else full_rig(place / "history")
        ) as rig:
            entry = Runner(rig).run(scenario, times=times, seed=seed)
        if entry.findings:
            kept = Path(tempfile.mkdtemp(prefix=f"faults-{scenario.name}-"))
            shutil.copytree(place / "history", kept, dirs_exist_ok=True)
            entry.findings.append(f"the history is kept in {kept}")
    return entry


@contextmanager
def _place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="aid-faults-"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=list(SCENARIOS), metavar="NAME")
    parser.add_argument("--times", type=int, help="how often each; by default what the matrix says")
    parser.add_argument("--seed", default="faults", help="other faults at other moments")
    parser.add_argument("--again", action="store_true", help="also what the report already has")
    parser.add_argument("--anew", action="store_true", help="begin a report of today beside an older one")
    parser.add_argument(
        "--into", type=Path, default=FOLDER, metavar="DIR", help="where the report is written"
    )
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
