"""Whatever is copied off the disks, nobody can read in it who asked for help, or in what words."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.environment import SERVICES
from deploy.local.postgres import programs
from tests.flows.conftest import Told
from tests.flows.label import SAID, Story, found_in, play
from tests.flows.telling import contents
from tests.running import running

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

IDENTITY = {what: SAID[what] for what in ("name", "id_number", "phone", "note", "guardian")}


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        yield from (Path(above) / name for name in names if not (Path(above) / name).is_socket())


def _traces(folder: Path, said: dict[str, str] | None = None) -> dict[str, list[str]]:
    read = {str(file.relative_to(folder)): content for file, content in contents(folder)}
    assert read
    return {name: found for name, content in read.items() if (found := found_in(content, said or SAID))}


def _dump(told: Told, service: str) -> bytes:
    dsn = told.full.servers.postgres.admin_dsn(f"aid_{service}")
    return subprocess.run([programs() / "pg_dump", dsn], capture_output=True, check=True).stdout


@pytest.mark.parametrize("service", SERVICES)
def test_a_dump_of_a_database_names_nobody(told: Told, service: str) -> None:
    dump = _dump(told, service)
    assert len(dump) > 10_000
    assert found_in(dump) == []


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_can_try_out_whether_a_request_was_somebodys(told: Told, service: str) -> None:
    # A plain hash of what was filed would let whoever holds a copy test guesses against it.
    dump = _dump(told, service)
    assert not [body for body in told.story.bodies if hashlib.sha256(body).hexdigest().encode() in dump]


@pytest.mark.parametrize("service", ["referrals", "notifications"])
@pytest.mark.parametrize("programme", ["mmt", "psy", "fee-rel", "smi"])
def test_no_dump_outside_intake_tells_one_treatment_from_another(
    told: Told, service: str, programme: str
) -> None:
    dump = _dump(told, service).decode()
    assert f'"{programme}"' not in dump
    assert f"\t{programme}\t" not in dump


def test_the_files_of_databases_broker_door_and_processes_name_nobody(told: Told) -> None:
    folders = {told.full.servers.folder, told.full.servers.postgres._data}
    assert [_traces(folder, IDENTITY) for folder in folders] == [{} for _ in folders]


def test_no_log_says_anything_of_anyone(told: Told) -> None:
    logs = [file for file in _files(told.full.servers.folder) if file.suffix in {".log", ".err", ".out"}]
    assert len(logs) > len(SERVICES)
    assert {file.name: found for file in logs if (found := found_in(file.read_bytes()))} == {}


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Story]]:
    """Play the story in the embedded run."""
    home = tmp_path_factory.mktemp("homes") / "home"
    with running(home) as run:
        story = play(run.url)
        yield home.parent, story
        story.close()


def test_the_files_of_the_embedded_run_name_nobody(at_home: tuple[Path, Story]) -> None:
    folder, story = at_home
    assert any(file.name.endswith("-wal") for file in _files(folder))
    assert _traces(folder) == {}
    hashes = [hashlib.sha256(body).digest() for body in story.bodies]
    assert not [file for file, content in contents(folder) if any(digest in content for digest in hashes)]


def test_the_files_of_the_embedded_run_are_their_owners_alone(at_home: tuple[Path, Story]) -> None:
    folder, _ = at_home
    assert (folder / "home").stat().st_mode & 0o077 == 0
