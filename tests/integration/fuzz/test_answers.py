"""No request, however odd, gets an answer that our own description does not know; ``make test-fuzz`` asks far more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.builders import an_installation
from tests.integration.fuzz.answers import judge
from tests.integration.fuzz.site import SERVICES, Site

CASES, SEED = 2, 1


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _originals: Path) -> Iterator[Site]:
    """Three services with something of each kind in them."""
    folder = tmp_path_factory.mktemp("site")
    with databases.kept_open() as keep:
        made = Site(an_installation(databases.OnSqlite(folder, _originals, keep)))
        made.fill()
        yield made


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_one_the_description_knows(site: Site, service: str) -> None:
    verdict = judge(site, service, cases=CASES, number=SEED)

    assert not verdict.wrong, verdict.told()
    assert verdict.asked >= CASES
    # Not all at the gate: some got through, some were told what was wrong with them.
    assert {200, 404, 422} <= verdict.statuses.keys()
