"""Importing a module reads no environment, opens no file and connects to nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT

# Runs alone, in a fresh interpreter: importing is only seen the first time.
WATCH = """
import collections.abc, importlib, os, pkgutil, sys

root, packages = sys.argv[1], sys.argv[2:]
sys.path.insert(0, root)
own = tuple(os.path.join(root, package) + os.sep for package in packages)
found = set()

def culprit():
    # The nearest caller that is neither Python's import nor its own plumbing: ours or some library's.
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib") :
            return None
        if name.startswith(own):
            return f"{os.path.relpath(name, root)}:{frame.f_lineno}"
        frame = frame.f_back
    return None

def note(what):
    place = culprit()
    if place is not None:
        found.add(f"{place} {what}")

def hook(event, arguments):
    if event in {"open", "sqlite3.connect", "socket.connect", "socket.bind", "subprocess.Popen"}:
        note(f"{event} {arguments[0] if event != 'socket.connect' else arguments[1]}")

real = os._Environ.__getitem__
def watched(self, name):
    note(f"reads {name}")
    return real(self, name)
os._Environ.__getitem__ = watched
sys.addaudithook(hook)

count = 0
for package in packages:
    for module in pkgutil.walk_packages([os.path.join(root, package)], package + "."):
        if ".migrations." not in module.name and not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
            count += 1
print(count)
print(*sorted(found), sep="\\n")
"""

# The command line's help is written in the terminal's language, and click wants it when a command is defined.
LANGUAGE = re.compile(r"deploy/cli/\w+\.py:\d+ reads (LANG|LANGUAGE|LC_ALL|LC_MESSAGES)")


def _watch(root: str, packages: tuple[str, ...]) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH, root, *packages],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    count, *found = done.stdout.splitlines()
    return int(count), [line for line in found if line]


def test_importing_every_module_touches_nothing() -> None:
    count, found = _watch(str(ROOT), PACKAGES)
    assert count > 50
    assert not [line for line in found if not LANGUAGE.fullmatch(line)], "\n".join(found)


def test_a_module_that_does_is_seen(tmp_path: Path) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "greedy.py").write_text(
        "import os, sqlite3\nHOME = os.environ.get('HOME')\nTEXT = open(__file__).read()\n"
        "DB = sqlite3.connect(':memory:')\n"
    )
    _, found = _watch(str(tmp_path), ("planted",))
    assert [line.split()[1] for line in found] == ["reads", "open", "sqlite3.connect"]
