"""One tick of a service's timers in a process of its own, armed: ``python -m tests.faults.ticker SERVICE FOLDER``.

FOLDER holds tokens for the command ``tick``, as `tests.faults.launcher` reads them. Standard input gives the rest as
JSON: the database's URL, the master key in hexadecimal digits, and the moment at which the clock stands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from services.intake.use_cases import tick as intake
from services.intake.use_cases.context import Context as IntakeContext
from services.referrals.use_cases import tick as referrals
from services.referrals.use_cases.context import Context as ReferralsContext
from shared.blobs import BlobStore
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import Directory
from shared.sealing import Keyring, MasterKey
from tests.databases import FLUSHES
from tests.faults import launcher

BATCH = 2
"""So few referrals share a transaction here that one tick has several."""
TICKS: dict[str, tuple[Callable[..., Any], Callable[..., int]]] = {
    "intake": (IntakeContext, intake.tick),
    "referrals": (ReferralsContext, referrals.tick),
}


def main() -> None:
    """Tick once, or die on the way."""
    service, folder = sys.argv[1:]
    given = json.load(sys.stdin)
    clock = FixedClock(datetime.fromisoformat(given["now"]))
    database = Database(given["url"], flushes=FLUSHES)
    make, tick = TICKS[service]
    context = make(
        database=database,
        keyring=Keyring(database, MasterKey(bytes.fromhex(given["master"])), now=clock.now),
        directory=Directory(database),
        clock=clock,
        source=given["source"],
        blobs=BlobStore("memory", "none"),
    )
    referrals.BATCH = BATCH
    launcher.arm(Path(folder), "tick")
    tick(context)
    database.dispose()


if __name__ == "__main__":
    main()
