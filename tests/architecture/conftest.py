"""The three applications as they run, on an empty embedded installation."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

import flask
import pytest

from deploy.embedded.environment import SERVICES
from deploy.embedded.prepare import prepare
from deploy.installation import Installation


@pytest.fixture(scope="session")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, flask.Flask]]:
    """Every service's application, made by its own ``bootstrap.create_app``."""
    installation = Installation({"CAREHUT_HOME": str(tmp_path_factory.mktemp("home")), "PORT": "8000"})
    installation.home.create()
    prepare(installation)
    installation.close()
    made = {}
    for service in SERVICES:
        config = importlib.import_module(f"services.{service}.config").Config
        bootstrap = importlib.import_module(f"services.{service}.bootstrap")
        made[service] = bootstrap.create_app(config.from_environment(installation.environ))
    yield made
    for app in made.values():
        app.extensions["aid"].database.dispose()
