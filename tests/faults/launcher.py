"""Runs a ``carehut`` command with its failpoints armed: ``python -m tests.faults.launcher FOLDER serve intake``.

FOLDER holds tokens named ``<command>:<failpoint>@<visit>``, such as ``work:relay.after-claim@3``. A process that
comes to a failpoint for the time a token names takes the token away, so that it works once, and kills itself as
nothing else could: SIGKILL, without a farewell. Worker processes are forked from this one and are armed like it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

from deploy.cli import main
from shared.telemetry import failpoints
from tests.faults.history.effects import number_transactions


def arm(folder: Path, command: str) -> None:
    """Set the hook: this process dies where a token says so."""
    visits: Counter[str] = Counter()

    def hook(name: str) -> None:
        visits[name] += 1
        for token in folder.glob(f"{command}:{name}@*"):
            if visits[name] < int(token.name.rpartition("@")[2]):
                continue
            try:
                token.unlink()
            except FileNotFoundError:
                continue  # another process was quicker: this token's death has been died
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.hook = hook


if __name__ == "__main__":
    arm(Path(sys.argv[1]), sys.argv[2])
    # SQLite gives its transactions no numbers; the effect log tells by them what happened together.
    number_transactions()
    sys.argv[:2] = ["carehut"]
    main()
