"""The builds under trial: clones of this work tree's commit, sound or with one patch applied."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATCHES = {path.stem: path for path in sorted((Path(__file__).parent / "patches").glob("*.patch"))}
"""Name → patch; its first line says what it spoils."""


def clone(to: Path) -> Path:
    """Clone what is committed here into a new folder."""
    _git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(to))
    return to


def spoil(build: Path, patch: Path) -> None:
    """Apply a patch to a build.

    Raises ``AssertionError`` when it does not fit any more: then it must be made anew, or it proves nothing.
    """
    done = subprocess.run(
        ["git", "-C", str(build), "apply", str(patch)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{patch.name} does not fit this commit any more: make it anew\n{done.stderr}"
        raise AssertionError(message)


def says(patch: Path) -> str:
    """Give the sentence at the head of a patch."""
    return patch.read_text().splitlines()[0]


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)
