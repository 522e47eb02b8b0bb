"""Both ends of the road, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays


@pytest.fixture
def ways(database: MakeDatabase) -> BothWays:
    """An installation whose events are carried both ways by hand."""
    return BothWays(an_installation(database))
