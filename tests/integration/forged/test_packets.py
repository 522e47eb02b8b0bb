"""No sealed packet of any kind is opened that is not the sender's own, to this receiver, about this leg, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.sealing import KINDS, CannotOpen
from tests import databases
from tests.builders import Installation, an_installation
from tests.integration.forged.packets import FORGERIES, ROADS, WORDS, Bench


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, _originals: Path) -> Iterator[Installation]:
    """Three services with keys."""
    folder = tmp_path_factory.mktemp("forged")
    with databases.kept_open() as keep:
        yield an_installation(databases.OnSqlite(folder, _originals, keep))


def test_every_kind_is_tried() -> None:
    assert ROADS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_one_is_opened(installation: Installation, kind: str) -> None:
    bench = Bench(installation, kind)
    assert bench.opened(bench.sealed()).body == {"words": WORDS}
    assert bench.opened(bench.made(bench.claims())).body == {"words": WORDS}


@pytest.mark.parametrize("what", FORGERIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_one_is_refused_and_the_refusal_tells_nothing_of_it(
    installation: Installation, kind: str, what: str
) -> None:
    bench = Bench(installation, kind)
    token = FORGERIES[what](bench)
    with pytest.raises(CannotOpen) as refused:
        bench.opened(token)
    assert WORDS not in str(refused.value)
