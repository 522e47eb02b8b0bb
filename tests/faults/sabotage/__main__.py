"""``python -m tests.faults.sabotage``: every spoilt build and the sound one, several times; exits 1 on a surprise."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from deploy.local import Servers
from tests.faults.sabotage.builds import PATCHES, clone, says, spoil
from tests.faults.sabotage.ground import Ground
from tests.faults.sabotage.trial import trial


def main() -> int:
    """Try each build with each seed; print what the checker found."""
    arguments = argparse.ArgumentParser(prog="python -m tests.faults.sabotage", description=__doc__)
    arguments.add_argument("--times", type=int, default=5, help="trials of each build (5)")
    arguments.add_argument("--only", choices=["sound", *PATCHES], help="this build alone")
    chosen = arguments.parse_args()
    builds = {"sound": None, **PATCHES}
    surprises = 0
    with Servers.temporary() as servers, tempfile.TemporaryDirectory() as folder:
        servers.start()
        ground = Ground(servers)
        for name in [chosen.only] if chosen.only else builds:
            patch = builds[name]
            build = clone(Path(folder) / name)
            if patch is not None:
                spoil(build, patch)
            _line(f"{name}: {'nothing is spoilt' if patch is None else says(patch)}")
            for number in range(chosen.times):
                seed = f"{name}-{number}"
                expected = "spoilt" if patch else "sound"
                found = trial(build, ground, Path(folder) / seed, seed, expected=expected)
                surprises += bool(found) == (patch is None)
                rules = Counter(finding.rule for finding in found)
                told = ", ".join(f"{rule} ({count})" for rule, count in rules.most_common())
                _line(f"    trial {number + 1}: {told or 'nothing found'}")
                if patch is None and found:
                    _line(found[0].story)
    _line(f"{surprises} trials came out otherwise than they must")
    return 1 if surprises else 0


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
