"""What every use case of intake works with, put together once at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.intake.persistence.numbers import NumberSeries
from shared.blobs import BlobStore
from shared.clock import Clock
from shared.db import Database
from shared.directory import Directory
from shared.sealing import Keyring

if TYPE_CHECKING:
    from shared.identity.oidc.provider import Provider


@dataclass(frozen=True)
class Context:
    """The service's database, keys, district, clock and blob store; ``source`` is how its events name their origin.

    ``sign_on`` is the identity provider by which people sign in, if one is configured.
    """

    database: Database
    keyring: Keyring
    directory: Directory
    clock: Clock
    source: str
    blobs: BlobStore
    sign_on: Provider | None = None
    numbers: NumberSeries = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", NumberSeries(self.database))

    def keeps_password(self, username: str) -> bool:
        """Tell whether an account signs in by a password of ours: with a provider only those kept for need do."""
        return self.sign_on is None or username in self.sign_on.settings.local_accounts
