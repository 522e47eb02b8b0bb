"""What every use case of this service stands on."""

from __future__ import annotations

from dataclasses import dataclass

from shared.clock import Clock
from shared.db import Database
from shared.directory import Directory
from shared.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Context:
    """The service's database, keys, district pack and clock; ``source`` is what its events name as theirs."""

    database: Database
    keyring: Keyring
    directory: Directory
    clock: Clock
    source: str
