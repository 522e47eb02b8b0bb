"""Builds spoilt on purpose are caught by the checker; the sound one, put through the same, gives it nothing to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import Servers
from tests.faults.sabotage.builds import PATCHES, clone, says, spoil
from tests.faults.sabotage.ground import Ground
from tests.faults.sabotage.trial import trial

CAUGHT_BY = {
    "above-the-last-id": "each consumer takes each event once",
    "ack-before-commit": "each consumer takes each event once",
    "mark-before-publish": "each consumer takes each event once",
    "no-inbox": "sequences of consumers",
    "older-ignored-after-a-dead-letter": "each consumer takes each event once",
}
"""Build → a rule that must be among those it is found to break."""
IN_CI = ("older-ignored-after-a-dead-letter",)
"""``make sabotage`` does all of them, five times each; here is time for some."""


@pytest.fixture(scope="module")
def ground(postgres: Servers, rabbitmq: Servers) -> Iterator[Ground]:
    """Give what trials stand on."""
    made = Ground(postgres)
    yield made
    made.close()


def test_every_patch_fits_this_commit_and_says_what_it_spoils(tmp_path: Path) -> None:
    for name, patch in PATCHES.items():
        spoil(clone(tmp_path / name), patch)
        assert says(patch).endswith(".")
    assert set(PATCHES) == set(CAUGHT_BY)


def test_a_patch_that_fits_no_more_is_told(tmp_path: Path) -> None:
    build = clone(tmp_path / "build")
    patch = next(iter(PATCHES.values()))
    spoil(build, patch)
    with pytest.raises(AssertionError, match="does not fit"):
        spoil(build, patch)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_nothing_is_found_in_the_history_of_a_sound_build(ground: Ground, tmp_path: Path) -> None:
    found = trial(clone(tmp_path / "build"), ground, tmp_path / "run", "sound", expected="sound")
    assert found == [], found[0].story


@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.parametrize("name", IN_CI)
def test_a_spoilt_build_is_caught(ground: Ground, tmp_path: Path, name: str) -> None:
    build = clone(tmp_path / "build")
    spoil(build, PATCHES[name])
    found = trial(build, ground, tmp_path / "run", name, expected="spoilt")
    assert CAUGHT_BY[name] in {finding.rule for finding in found}
    assert found[0].story
