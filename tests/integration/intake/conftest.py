"""An installation for intake's tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from services.intake.use_cases.context import Context
from tests.builders import Installation, an_installation
from tests.conftest import MakeDatabase


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """Three databases with keys and the district applied."""
    return an_installation(database)


@pytest.fixture
def context(installation: Installation) -> Context:
    """What intake's use cases work with."""
    return installation.intake()
