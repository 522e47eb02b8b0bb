"""Finds processes that a test run started and that still run, also those whose parent has gone."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from deploy.local.processes import table, tree

_NAME = "AID_TEST_RUN"
_GRACE_SECONDS = 10


def mark() -> str:
    """Mark this process, and so everything it will start, and give the mark."""
    value = secrets.token_hex(8)
    os.environ[_NAME] = value
    return value


def running(value: str) -> list[str]:
    """List as ``pid command`` what bears the mark or descends from us; what is just ending gets ten seconds."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while True:
        ours = os.getpid()
        left = {process for process in tree(ours) if process != ours}
        left |= {process for process, _ in table() if process != ours and _bears(process, value)}
        if not left or time.monotonic() > deadline:
            return [f"{process} {_command(process)}" for process in sorted(left)]
        time.sleep(0.05)


def _bears(process: int, value: str) -> bool:
    try:
        return f"{_NAME}={value}".encode() in Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended, belongs to somebody else, or there is no /proc
        return False


def _command(process: int) -> str:
    try:
        return (
            Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
        )
    except OSError:
        return "(ended)"
