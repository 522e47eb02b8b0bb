"""The README keeps its word: its commands run as they stand there, and print what stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.running import running
from tests.waiting import until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_REQUEST = README.partition("## A first request")[2].partition("\n## ")[0]
BLOCK = re.compile(r"```sh\n(.*?)```\n(?:```text\n(.*?)```)?", re.DOTALL)
BLOCKS = BLOCK.findall(FIRST_REQUEST)
ADDRESS = "http://127.0.0.1:8000"
END = "-- that was the block --"
CHANGING = (
    (re.compile(r"\b[A-Z]{2}-\d{4}-[A-Z0-9]{6,8}\b"), "<number>"),
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "<receipt code>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}\b"), "<day>"),
    (re.compile(r"\b(green|yellow|red)\b"), "<light>"),
)
"""What differs from run to run."""


class Shell:
    """One bash that is given block after block, as somebody would who pastes them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, block: str) -> str:
        """Run a block and give what it printed, without what differs from run to run."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{block}\necho '{END}'\n")
        self._process.stdin.flush()
        return same_every_time("".join(iter(self._process.stdout.readline, f"{END}\n")))


@contextmanager
def shell(folder: Path, environment: dict[str, str]) -> Iterator[Shell]:
    """Start bash in ``folder``; what it says to standard error goes to the file ``errors`` there."""
    with (
        (folder / "errors").open("wb") as errors,
        subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment | {"no_proxy": "127.0.0.1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield Shell(process)


def same_every_time(output: str) -> str:
    for pattern, word in CHANGING:
        output = pattern.sub(word, output)
    return output.replace("\r", "").strip()


def test_the_first_request_goes_as_the_readme_says(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        absent("curl is not installed")
    with running(tmp_path / "home") as run, shell(tmp_path, run.environment) as bash:
        printed = [""]

        def prints(block: str, promised: str) -> bool:
            printed.append(bash.run(block))
            return printed[-1] == promised

        for commands, promised in BLOCKS:
            block = commands.replace(ADDRESS, run.url)
            # What travels by messages takes a moment: the block is run until it prints what it should.
            try:
                until(partial(prints, block, same_every_time(promised)), seconds=15)
            except AssertionError:
                errors = (tmp_path / "errors").read_text()
                pytest.fail(f"{block}\nprinted\n{printed[-1]}\nnot\n{promised}\n{errors}", pytrace=False)


def test_the_readme_shows_each_part_of_the_road() -> None:
    assert len(BLOCKS) >= 6
    assert sum(bool(promised) for _, promised in BLOCKS) >= 5


def test_whatever_the_readme_points_to_is_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readme_names_every_setting() -> None:
    services = "INTAKE|REFERRALS|NOTIFICATIONS"
    read = {
        re.sub(services, "<SERVICE>", name)
        for folder in ("deploy", "services", "shared")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bCAREHUT_[A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8"))
    }
    assert {name for name in read if f"`{name}`" not in README} == set()
