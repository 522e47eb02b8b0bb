"""Notifications on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.notifications.post_room import PostRoom


@pytest.fixture
def room(database: MakeDatabase) -> PostRoom:
    """The service with keys and the district applied."""
    return PostRoom(an_installation(database))
