"""The district of the matrix on SQLite, to look at the code's own policy, and PostgreSQL as a full run has it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.local import Servers
from shared.db import Database
from tests import databases
from tests.builders import SERVICES, a_district_with_counter, an_installation
from tests.integration.policy.world import AGENCIES, HERE, THERE, World

_numbers = itertools.count(7000)


@pytest.fixture(scope="module")
def names(postgres: Servers) -> Iterator[Mapping[str, str]]:
    """Databases as a full run has them: the web's role sees what the policies let it see, and no more."""
    made = {service: databases.fresh(postgres, service, next(_numbers), strict=True) for service in SERVICES}
    yield made
    for name in made.values():
        postgres.postgres.drop_database(name)


@pytest.fixture(scope="module")
def roles(postgres: Servers, names: Mapping[str, str]) -> Iterator[Mapping[str, Mapping[str, Database]]]:
    """The databases as the web and as the worker open them."""
    with databases.kept_open() as keep:
        yield {
            role: {
                service: keep(databases.postgresql(postgres.postgres.url(service, role, database=name)))
                for service, name in names.items()
            }
            for role in ("web", "worker")
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _originals: Path) -> Iterator[World]:
    """Two help desks that have filed for the same three agencies."""
    folder = tmp_path_factory.mktemp("policy")
    with databases.kept_open() as keep:
        make = databases.OnSqlite(folder, _originals, keep)
        made = World(an_installation(make, district=a_district_with_counter(), staff=True))
        for place in (HERE, THERE):
            made.settle(place, *AGENCIES)
        yield made
