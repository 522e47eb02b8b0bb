"""Runs a ``carehut`` command with its failpoints armed: ``python -m tests.faults.launcher FOLDER serve intake``.

FOLDER holds tokens named ``<command>:<failpoint>@<visit>``, such as ``work:relay.after-claim@3``. A process that
comes to a failpoint for the time a token names takes the token away, so that it works once, and kills itself as
nothing else could: SIGKILL, without a farewell. With ``%`` in place of ``@`` it hangs there (SIGSTOP) until somebody
lets it go on. ``work-referrals`` in place of ``work`` means that service's process alone. Worker processes are forked
from this one and are armed like it.

Beside FOLDER there may be ``clocks/<command>-<service>`` with a number of seconds: so far the process's clock is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path

from shared.telemetry import failpoints
from tests.faults import clocks

WHAT = {"@": signal.SIGKILL, "%": signal.SIGSTOP}


def arm(folder: Path, *names: str) -> None:
    """Set the hook: this process dies, or hangs, where a token for one of these names says so."""
    visits: Counter[str] = Counter()

    def hook(point: str) -> None:
        visits[point] += 1
        for name in names:
            for mark, number in WHAT.items():
                for token in folder.glob(f"{name}:{point}{mark}*"):
                    if visits[point] >= int(token.name.rpartition(mark)[2]) and _taken(token):
                        os.kill(os.getpid(), number)

    failpoints.hook = hook


def _taken(token: Path) -> bool:
    try:
        token.unlink()
    except FileNotFoundError:
        return False  # another process was quicker: this token's turn is over
    return True


def main() -> None:
    """Arm, set the clock wrong if that is wanted, and become the command."""
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    name = "-".join(words[:2])
    clocks.set_wrong(folder.parent / clocks.FOLDER / name)
    arm(folder, words[0], name)
    # Only now: whoever is imported before keeps the right clock.
    from deploy.cli import main as command  # noqa: PLC0415
    from tests.faults.history.effects import number_transactions  # noqa: PLC0415

    # SQLite gives its transactions no numbers; the effect log tells by them what happened together.
    number_transactions()
    sys.argv = ["carehut", *words]
    command()


if __name__ == "__main__":
    main()
