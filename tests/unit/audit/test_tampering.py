"""Whatever is done to the log in its database is found, and the first bad entry is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.audit.log import Log, a_log
from tests.unit.audit.tampering import WAYS, tampered

TIMES = 10


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    log = a_log(tmp_path_factory.mktemp("original"))
    assert log.verified().findings == []
    yield log
    log.database.dispose()


@pytest.mark.parametrize("way", WAYS)
def test_a_log_that_was_tampered_with_is_found_out(original: Log, tmp_path: Path, way: str) -> None:
    for seed in range(TIMES):
        log = tampered(original, tmp_path / str(seed), way, seed)
        assert log.verified().findings, seed
        log.database.dispose()


def test_the_first_bad_entry_is_named(original: Log, tmp_path: Path) -> None:
    log = tampered(original, tmp_path, "edit", 3)
    (finding,) = log.verified().findings
    with sqlite3.connect(original.path) as before, sqlite3.connect(log.path) as after:
        dumps = [set(one.execute("select * from audit_log").fetchall()) for one in (before, after)]
    ((changed, *_),) = dumps[1] - dumps[0]
    assert (finding.kind, str(finding.entry).replace("-", "")) == ("entry-changed", changed)
    assert str(finding.entry) in finding.text.zh
    assert str(finding.entry) in finding.text.en


def test_without_the_heads_that_others_keep_a_tail_cut_off_cleanly_would_not_be_missed(
    original: Log, tmp_path: Path
) -> None:
    log = tampered(original, tmp_path, "cut_off", 1)
    assert log.verified(witnesses=()).findings == []
    (finding,) = log.verified().findings
    assert finding.kind == "cut-off"
