"""Tokens for the clients of a rig, signed with the installation's own key and renewed in time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from deploy.submit.staff import principal
from shared.db import Database
from shared.sealing import Keyring, MasterKey
from tests.faults.clients import STAFF

RENEWED_AFTER = 300.0
"""A token is good for 15 minutes: what is renewed after 5 outlives any one fault."""


class Bearers:
    """Gives each member of staff a token; ``renew`` is called while the database can be reached."""

    def __init__(self, intake: Database, settings: Mapping[str, str], home: Path) -> None:
        self._intake = intake
        self._keyring = Keyring(intake, MasterKey.from_environment(settings, home, demo=True))
        self._tokens: dict[str, str] = {}
        self._renewed = float("-inf")

    def __call__(self, staff: str) -> str:
        """Give somebody's token."""
        return self._tokens[staff]

    def renew(self) -> None:
        """Sign fresh tokens if these have aged."""
        if time.monotonic() - self._renewed > RENEWED_AFTER:
            now = datetime.now(UTC)
            self._tokens = {
                staff: self._keyring.tokens.sign(principal(self._intake, staff), now) for staff in STAFF
            }
            self._renewed = time.monotonic()
