"""Free TCP ports on loopback, below the range from which the kernel takes its own."""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 20_000, 32_000
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
    """Pick a free port at random, so that several runs on one machine seldom meet.

    Raises:
        OSError: no free port was met in a thousand tries.
    """
    for _ in range(1000):
        port = _random.randrange(LOWEST, HIGHEST)
        if is_free(port):
            return port
    message = f"no free port between {LOWEST} and {HIGHEST}"
    raise OSError(message)


def answers(port: int) -> bool:
    """Tell whether somebody accepts connections on ``port`` of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
