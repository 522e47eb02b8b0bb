"""Copies of a pack that tests may break."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.directory import find_pack


def copy_of(code: str, folder: Path) -> Path:
    """Copy a pack that comes with the product into ``folder``."""
    return Path(shutil.copytree(find_pack(code), folder / code))


def change(file: Path, old: str, new: str) -> int:
    """Replace the first ``old`` in a file; gives the line (from 1) on which it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer holds {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
