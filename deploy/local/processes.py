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


def stands(process: int) -> bool:
    """Tell whether a process that was sent SIGSTOP has come to a stand with all its threads, or has ended."""
    if not (_PROC / "self/stat").exists():
        return all(state in "TZ" for found, _, state in _from_ps() if found == process)
    try:
        return all(_fields(thread)[0] in "TZX" for thread in (_PROC / f"{process}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):  # it, or a thread of it, ended meanwhile
        return not (_PROC / str(process)).exists()


def _from_proc() -> Iterator[tuple[int, int, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                state, parent = _fields(folder)[:2]
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
            yield int(folder.name), int(parent), state


def _fields(folder: Path) -> list[str]:
    # The program's name stands in brackets and may itself hold spaces and brackets.
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _from_ps() -> Iterator[tuple[int, int, str]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        process, parent, state = line.split()
        yield int(process), int(parent), state[0]
