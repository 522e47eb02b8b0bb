"""The tiny service as a fixture."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDatabase
from tests.unit.http.tiny import Tiny, tiny


@pytest.fixture
def service(sqlite_database: MakeDatabase) -> Tiny:
    """A tiny service on SQLite."""
    return tiny(sqlite_database("intake"))
