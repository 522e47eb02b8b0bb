"""One server per home folder: a lock the kernel takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another server holds this folder; ``pid`` is its process id if it could be read."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        super().__init__(f"{folder} is served by process {pid or 'unknown'}")
        self.folder = folder
        self.pid = pid


def hold(file: Path) -> int:
    """Lock a file until this process and all its children have ended; give the open descriptor.

    Forked workers inherit the descriptor on purpose: while one of them still writes, the folder is in use.
    Raises ``AlreadyRunning``.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _pid(descriptor)
        os.close(descriptor)
        raise AlreadyRunning(file.parent, pid) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def is_held(file: Path) -> bool:
    """Tell whether a server runs on this folder."""
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).decode(errors="replace")
    return int(text) if text.isdigit() else None
