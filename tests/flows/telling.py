"""What would tell on somebody: words that out them, and every form in which what they said could lie in a file."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shared.directory import forbidden_word

CLINICAL_ID = re.compile(r"(?<![a-z0-9-])(?:mmt|psy|fee-rel|smi|hiv)(?![a-z0-9-])", re.IGNORECASE)
RANDOM = re.compile(
    r"(?=[A-Za-z0-9_.-]*[A-Z])(?=[A-Za-z0-9_.-]*[0-9])[A-Za-z0-9_.-]{30,}" + r'|"index":\{[^}]*\}'
)
"""Sealed texts, tokens, cursors and keys of an index: by chance anything can be read into them."""


def outing(text: str, *, who: str) -> str | None:
    """Give what in a text would tell an outsider what somebody is in; the health agency may read which treatment."""
    return _outing(text, who.endswith("-health"))


@cache
def _outing(text: str, may_know: bool) -> str | None:
    text = RANDOM.sub("", text)
    found = forbidden_word(text)
    if found is None and not may_know:
        match = CLINICAL_ID.search(text)
        found = match and match.group()
    return found


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Read every file below a folder; what a running server clears away between look and reading tells nothing."""
    for above, _, names in os.walk(folder):
        for file in (Path(above) / name for name in names):
            try:
                content = file.read_bytes() if file.is_file() else None
            except FileNotFoundError:
                continue
            if content is not None:
                yield file, content


def traces(value: str) -> Iterator[bytes]:
    """Give every form in which a value could lie in a file: encodings, notations, and hashes without a key."""
    plain = value.encode()
    forms = {plain, value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode("gb18030")}
    forms |= {value.encode("unicode_escape"), "".join(f"%{byte:02X}" for byte in plain).encode()}
    forms |= {"".join(f"\\{byte:03o}" for byte in plain).encode()}
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        forms.add(digest(plain).digest())
    for form in tuple(forms):
        forms |= {form.hex().encode(), form.hex().upper().encode()}
    for form in (plain, value.encode("utf-16-le")):
        for shift in range(3):
            # Base64 looks different at each of three places; its first and last letters depend on the neighbours.
            text = base64.b64encode(b"\0" * shift + form)[shift and 4 : -4]
            forms |= {text, text.translate(bytes.maketrans(b"+/", b"-_"))}
    yield from (form for form in forms if len(form) >= 8)
