"""An embedded installation that has been prepared but does not run, and the commands to use on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded.environment import Home
from deploy.embedded.prepare import prepare
from deploy.installation import Installation
from tests.running import COMMANDS

Carehut = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("prepared") / "home"
    installation = Installation({"CAREHUT_HOME": str(home)})
    installation.home.create()
    prepare(installation)
    installation.close()
    return home


@pytest.fixture
def home(tmp_path: Path, _prepared: Path) -> Home:
    """A folder as the first start leaves it."""
    return Home(shutil.copytree(_prepared, tmp_path / "home"))


@pytest.fixture
def carehut(home: Home) -> Carehut:
    """Call with the words of a command, and settings by keyword; it runs to its end."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("CAREHUT_", "LC_"))
        }
        environment = inherited | {"CAREHUT_HOME": str(home.path), "LANG": "C.UTF-8"} | settings
        return subprocess.run(
            [COMMANDS / "carehut", *words], env=environment, capture_output=True, text=True, check=False
        )

    return run
