"""The tree of processes below one process, and signals to all of it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

_PROC = Path("/proc")


def table() -> list[tuple[int, int]]:
    """List ``(process, parent)`` of every process here that has not ended."""
    rows = _from_proc() if (_PROC / "self/stat").exists() else _from_ps()
    return [(process, parent) for process, parent, state in rows if state != "Z"]


def tree(root: int) -> list[int]:
    """List ``root`` and everything that came from it and still runs, parents first."""
    rows = table()
    children: dict[int, list[int]] = {}
    for process, parent in rows:
        children.setdefault(parent, []).append(process)
    found = [root] if any(process == root for process, _ in rows) else []
    for process in found:  # grows while it is walked
        found += children.get(process, [])
    return found


def signal_all(processes: Iterable[int], number: signal.Signals) -> None:
    """Send one signal to each process; those that have just ended are passed over."""
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _from_proc() -> Iterator[tuple[int, int, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
            # The program's name stands in brackets and may itself hold spaces and brackets.
            state, parent = status.rpartition(")")[2].split()[:2]
            yield int(folder.name), int(parent), state


def _from_ps() -> Iterator[tuple[int, int, str]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        process, parent, state = line.split()
        yield int(process), int(parent), state[0]
