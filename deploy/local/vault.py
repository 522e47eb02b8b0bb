"""Passwords and keys made once for a folder of servers, kept in a file that only its owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path


class Vault:
    """Named secrets of one folder, the same again after a restart."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "secrets.json"
        self._kept: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def password(self, name: str) -> str:
        """Give the password of ``name``; safe in a URL without escaping."""
        return self._kept.get(name) or self._keep(name, secrets.token_urlsafe(18))

    def key(self, name: str) -> str:
        """Give 32 random bytes for ``name``, base64."""
        return self._kept.get(name) or self._keep(name, base64.b64encode(secrets.token_bytes(32)).decode())

    def _keep(self, name: str, value: str) -> str:
        self._kept[name] = value
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._kept, file, indent=1)
        fresh.replace(self._file)
        return value
