"""CPU seconds of every process of a full run, read from /proc, with their children."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.full_run import FullRun

_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # places in /proc/<pid>/stat after the command's name (proc(5))


def by_process(full: FullRun) -> Mapping[str, float]:
    """Give the CPU seconds spent so far by each program and server, and by this process as ``clients``."""
    servers = {name: getattr(full.servers, name) for name in ("postgres", "rabbitmq", "nginx")}
    programs = full.programs | {
        name: server.program for name, server in servers.items() if server is not None
    }
    parents, spent = _processes()
    totals = dict.fromkeys(programs, 0.0)
    owner = {program.pid: name for name, program in programs.items() if program is not None and program.pid}
    for process, seconds in spent.items():
        ancestor: int | None = process
        while ancestor and ancestor not in owner:
            ancestor = parents.get(ancestor)
        if ancestor:
            totals[owner[ancestor]] += seconds
    return {**totals, "clients": sum(os.times()[:2])}


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    parents, spent = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            parents[int(folder.name)] = int(fields[_PARENT])
            spent[int(folder.name)] = (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK
    return parents, spent
