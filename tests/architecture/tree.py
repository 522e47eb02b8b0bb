"""The project's own files, as the tests about the code base see them."""

from __future__ import annotations

import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "services", "deploy")


@cache
def files() -> tuple[Path, ...]:
    """Give every file that is or would be committed, by git's own word."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = sorted(name for name in listing.split("\0") if name)
    return tuple(file for name in names if (file := ROOT / name).is_file())


def with_suffix(*suffixes: str) -> list[Path]:
    """Give the files with one of these endings."""
    return [file for file in files() if file.suffix in suffixes]


def name_of(file: Path) -> str:
    """Give the path from the project's root, as tests print it."""
    return file.relative_to(ROOT).as_posix()


@cache
def project() -> dict[str, Any]:
    """Give pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
