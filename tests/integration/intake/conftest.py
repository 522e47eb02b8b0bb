"""An installation for intake's tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest

from services.intake.use_cases.context import Context
from shared.identity import passwords
from tests.builders import Installation, an_installation
from tests.conftest import MakeDatabase
from tests.identity_provider import IdentityProvider, an_identity_provider
from tests.integration.intake.front_door import Door, a_door


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """Three databases with keys and the district applied."""
    return an_installation(database)


@pytest.fixture
def context(installation: Installation) -> Context:
    """What intake's use cases work with."""
    return installation.intake()


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let passwords be hashed in no time."""
    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session")
def provider() -> Iterator[IdentityProvider]:
    """An identity provider, a process of its own."""
    with an_identity_provider() as running:
        yield running


@pytest.fixture
def door(sqlite_database: MakeDatabase, provider: IdentityProvider, tmp_path: Path) -> Door:
    """A front door with an honest provider."""
    return a_door(sqlite_database, provider, tmp_path)
