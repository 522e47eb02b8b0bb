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


@pytest.fixture
def filed(ways: BothWays) -> tuple[str, str]:
    """Give a request and its one leg, which civil affairs has signed for."""
    made = ways.file("dibao")
    leg = made["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    return made["id"], leg
