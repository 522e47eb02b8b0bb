"""One installation as the commands see it: its databases, its district and its master key, opened when asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from deploy.embedded.environment import SERVICES, Home, home, is_embedded, settings
from shared import audit, outbox
from shared.db import Database
from shared.directory import Directory, District
from shared.sealing import MasterKey
from shared.settings import MissingSettings


class Installation:
    """The installation that an environment describes; making one reads and connects to nothing."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        given = os.environ if environ is None else environ
        self.embedded = is_embedded(given)
        self.environ = settings(given)
        self.home: Home = home(given)
        self.code = self.environ["CAREHUT_DISTRICT"]
        self._open: dict[tuple[str, bool], Database] = {}

    @property
    def blobs_url(self) -> str:
        """Where papers are kept: ``CAREHUT_BLOBS_URL``, or a folder beside the other data."""
        return self.environ.get("CAREHUT_BLOBS_URL") or (self.home.path / "blobs").as_uri()

    def database(self, service: str, *, owner: bool = False) -> Database:
        """Open a service's database, as its owner if asked and if that address is set; made once.

        Raises ``MissingSettings``.
        """
        if (service, owner) not in self._open:
            names = [f"CAREHUT_{service.upper()}_DATABASE_URL"]
            if owner:
                names.insert(0, f"CAREHUT_{service.upper()}_OWNER_URL")
            url = next((self.environ[name] for name in names if self.environ.get(name)), None)
            if url is None:
                raise MissingSettings(names[:1])
            # Timers hold these for days and use them every few minutes, one after the other: each that had died with
            # its server would cost them one more turn.
            self._open[service, owner] = Database(
                url, application_name="aid-command", flushes=(outbox.flush, audit.flush), seldom=True
            )
        return self._open[service, owner]

    def databases(self, *, owner: bool = False) -> dict[str, Database]:
        """Open all three; raises ``MissingSettings`` naming everything that is missing."""
        missing: list[str] = []
        found: dict[str, Database] = {}
        for service in SERVICES:
            try:
                found[service] = self.database(service, owner=owner)
            except MissingSettings as error:
                missing += error.names
        if missing:
            raise MissingSettings(missing)
        return found

    @cached_property
    def _directory(self) -> Directory:
        return Directory(self.database("intake"))

    @property
    def district(self) -> District:
        """The pack in force now, whole as intake holds it; raises ``shared.directory.NoDistrict``."""
        return self._directory.current()

    def master(self, *, demo: bool) -> MasterKey:
        """Read the master key; raises ``shared.sealing.MasterKeyError``."""
        return MasterKey.from_environment(self.environ, Path(self.home.path), demo=demo)

    def close(self) -> None:
        """Close every connection, so that nothing is carried over a fork."""
        for database in self._open.values():
            database.dispose()
        self._open.clear()
