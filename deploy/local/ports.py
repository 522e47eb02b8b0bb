"""Free TCP ports on loopback, below the range from which the kernel takes its own."""

from __future__ import annotations

import os
import random
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LOWEST, HIGHEST = 20_000, 32_000
CLAIMED_SECONDS = 120.0
"""So long a port that was given to somebody is given to nobody else: they may not have begun to listen."""
_random = random.SystemRandom()


def is_free(port: int) -> bool:
    """Tell whether a server could listen on ``port`` of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Pick a free port at random that nobody on this machine was given in the last two minutes.

    Raises:
        OSError: no free port was met in a thousand tries.
    """
    for _ in range(1000):
        port = _random.randrange(LOWEST, HIGHEST)
        if is_free(port) and _is_claimed_by_us(port):
            return port
    message = f"no free port between {LOWEST} and {HIGHEST}"
    raise OSError(message)


def _is_claimed_by_us(port: int) -> bool:
    claims = Path(tempfile.gettempdir()) / f"aid-ports-{os.getuid()}"
    claims.mkdir(exist_ok=True)
    claim = claims / str(port)
    try:
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        with suppress(FileNotFoundError):
            if time.time() - claim.stat().st_mtime > CLAIMED_SECONDS:
                claim.unlink()  # for whoever comes to it next
        return False
    return True


def answers(port: int) -> bool:
    """Tell whether somebody accepts connections on ``port`` of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
