"""What a worker does for the audit log of its service: seals it, keeps a file of heads, lets old batches go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from shared.audit.publishing import FOLDER, FOLDER_SETTING, HeadsFile
from shared.audit.retention import forget_old_batches
from shared.audit.sealer import Sealer
from shared.db import Database

SEAL_SECONDS = 2.0
"""What was written is beyond quiet alteration after so long."""
FORGET_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class Keeper:
    """The two timers of one service's log; ``years`` gives how long the district keeps it."""

    def __init__(
        self,
        database: Database,
        service: str,
        source: str,
        *,
        folder: Path,
        now: Callable[[], datetime],
        years: Callable[[], int],
    ) -> None:
        self._database = database
        self._service = service
        self._now = now
        self._years = years
        self._sealer = Sealer(database, service, source, now)
        self._file = heads_file(folder, service)

    def seal(self) -> None:
        """Seal what is new, and add its heads to the file.

        A chain that was tampered with, or a file that cannot be written, is told in the log and tried again; the
        worker's other timers go on.
        """
        try:
            self._sealer.seal()
            with self._database.read() as connection:
                self._file.catch_up(connection)
        except OSError:
            log.exception("audit.heads-not-written", service=self._service)
        except ValueError:
            log.exception("audit.chain-unreadable", service=self._service)

    def forget(self) -> None:
        """Let go of batches whose time is over."""
        forgotten = forget_old_batches(self._database, self._years(), self._now())
        if forgotten:
            log.info("audit.forgotten", service=self._service, entries=forgotten)


def heads_folder(environ: Mapping[str, str], home: Path) -> Path:
    """Give the folder of the files of heads: ``CAREHUT_AUDIT_HEADS``, else ``audit`` in the installation's own."""
    given = environ.get(FOLDER_SETTING)
    return Path(given) if given else home / FOLDER


def heads_file(folder: Path, service: str) -> HeadsFile:
    """Give the file of a service's heads."""
    return HeadsFile(folder / f"{service}.heads.jsonl", service)


def years_kept(retention: Mapping[str, int]) -> int:
    """Give for how many years a district's pack keeps the log, which is also its record of what was disclosed."""
    return max(retention["audit_log_years"], retention["provision_log_years"])
