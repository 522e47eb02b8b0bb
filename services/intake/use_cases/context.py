"""What every use case of intake works with, put together once at start."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.intake.persistence.numbers import NumberSeries
from shared.blobs import BlobStore
from shared.clock import Clock
from shared.db import Database
from shared.directory import Directory
from shared.sealing import Keyring


@dataclass(frozen=True)
class Context:
    """The service's database, keys, district, clock and blob store; ``source`` is how its events name their origin."""

    database: Database
    keyring: Keyring
    directory: Directory
    clock: Clock
    source: str
    blobs: BlobStore
    numbers: NumberSeries = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", NumberSeries(self.database))
