"""Files a command writes for its user's eyes alone."""

from __future__ import annotations

import os
from pathlib import Path

from deploy.cli.words import Text, refuse


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that only its owner may read (0600); refuses one that is there, and what cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        refuse(
            f"{file} 已存在。",
            f"{file} is there already.",
            remedy=Text("请另给文件名，或先移走它。", "Name another file, or move it away."),
        )
    except OSError as error:
        refuse(f"无法写入 {file}：{error.strerror}。", f"{file} cannot be written: {error.strerror}.")


def refuse_under(home: Path, place: Path) -> None:
    """Refuse a place on the data's own disk, as far as its folder tells."""
    if place.resolve().is_relative_to(home.resolve()):
        refuse(
            f"{place} 在数据目录 {home} 之下：拿走数据的人会一并拿走它。",
            f"{place} lies under {home}: who takes the data would take it along.",
            remedy=Text("请放在别处，例如可移动介质。", "Put it elsewhere, for example on a stick."),
        )
