"""The import contracts hold, and each of them notices when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "a storey reaches up": ("shared/ids.py", "import services.intake", "deploy stands on services"),
    "a service knows another": (
        "services/intake/domain/__init__.py",
        "import services.referrals",
        "services know nothing of each other",
    ),
    "a domain looks outward": (
        "services/referrals/domain/__init__.py",
        "import services.referrals.schemas",
        "inside a service imports point",
    ),
    "a room nobody planned": ("services/intake/helpers.py", "", "inside a service imports point"),
    "a domain knows its storage": (
        "services/notifications/domain/__init__.py",
        "import sqlalchemy",
        "the domain is plain Python",
    ),
    "pika elsewhere": ("shared/events/__init__.py", "import pika", "pika has two homes"),
    "kombu elsewhere": ("services/intake/entrypoints/__init__.py", "import kombu", "kombu has two homes"),
    "the database knows the web": (
        "shared/db/__init__.py",
        "import shared.http",
        "shared is built in storeys",
    ),
}
"""Each violation: the file in which to plant it, the line, and the beginning of the contract that must notice."""


def _lint(tree: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--cache-dir", cache],
        cwd=tree,
        env=os.environ
        | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code in which violations may be planted."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What import-linter may remember from one run to the next, so that only changed files are read again."""
    return tmp_path_factory.mktemp("cache")


@contextmanager
def _planted(file: Path, line: str) -> Iterator[None]:
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)


def test_the_contracts_hold(copy: Path, cache: Path) -> None:
    done = _lint(copy, cache)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_noticed(copy: Path, cache: Path, violation: str) -> None:
    place, line, contract = PLANTED[violation]
    with _planted(copy / place, line):
        done = _lint(copy, cache)
    broken = [told.strip() for told in done.stdout.splitlines() if " BROKEN" in told]
    assert done.returncode == 1, f"{place}: {line!r} passed unseen"
    assert any(told.startswith(contract) for told in broken), done.stdout
