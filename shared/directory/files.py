"""Reading one file of a pack as text, and what can be wrong with it before its content is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARK = b"\xef\xbb\xbf"  # what Windows programs put before UTF-8


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in one place: a code of ``messages.py`` and what its sentence names."""

    line: int
    code: str
    key: str = ""
    value: str = ""


def read_text(path: Path) -> tuple[str, list[Flaw]]:
    """Give the text of a file, without a byte order mark, and with plain line ends; with a flaw it is empty."""
    try:
        content = path.read_bytes().removeprefix(_MARK)
    except FileNotFoundError:
        return "", [Flaw(1, "file-missing")]
    except OSError as error:
        return "", [Flaw(1, "file-unreadable", value=error.strerror or type(error).__name__)]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", [Flaw(content.count(b"\n", 0, error.start) + 1, "file-not-text")]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _CONTROL.search(text)
    if found is not None:
        return "", [Flaw(text.count("\n", 0, found.start()) + 1, "control-character")]
    return text, []
