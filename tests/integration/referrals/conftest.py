"""The road from intake to referrals, on SQLite and on PostgreSQL."""

from __future__ import annotations

import flask
import pytest

from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road


@pytest.fixture
def road(database: MakeDatabase) -> Road:
    """An installation whose events are carried by hand."""
    return Road(an_installation(database))


@pytest.fixture
def app(road: Road) -> flask.Flask:
    """The web application of referrals."""
    return road.app()


@pytest.fixture
def desk(road: Road, app: flask.Flask) -> Caller:
    """An officer of civil affairs."""
    return road.caller(app, "desk", agency="civil-affairs")


@pytest.fixture
def coordinator(road: Road, app: flask.Flask) -> Caller:
    """The coordinator."""
    return road.caller(app, "coordinator")
