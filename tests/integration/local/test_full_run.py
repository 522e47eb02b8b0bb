"""The full run on private servers: it comes up whole, its processes may die, and make down ends all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local import FullRun, Missing, Servers
from deploy.local.ports import answers, free_port
from deploy.local.processes import tree
from tests.conftest import absent
from tests.waiting import until

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def full() -> Iterator[FullRun]:
    """A running installation, the same for this file."""
    with Servers.temporary(nginx=True, durable=False) as servers:
        running = FullRun(servers)
        try:
            running.start()
        except Missing as error:
            absent(str(error))
        yield running
        running.discard()


def test_the_door_sums_up_every_service_and_finds_nothing_wrong(full: FullRun) -> None:
    assert full.ready() == {"status": "ok", "problems": []}


@pytest.mark.parametrize(
    "path", ["/", "/referrals/openapi.json", "/notifications/openapi.json", "/asyncapi.json"]
)
def test_each_owner_answers_through_the_door(full: FullRun, path: str) -> None:
    assert httpx.get(full.url + path).status_code == 200


def test_nothing_at_the_broker_differs_from_what_should_stand(full: FullRun) -> None:
    assert full.run("topology", "check")


def test_the_web_roles_cannot_change_the_audit_log(full: FullRun) -> None:
    with full.servers.postgres.connect("aid_intake") as connection:
        rights = connection.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'aid_intake_web' AND table_name = 'audit_log'"
        ).fetchall()
    assert {right for (right,) in rights} == {"SELECT", "INSERT"}


def _beating(full: FullRun, service: str, process: int | None) -> bool:
    """Tell whether the consumer in this process has given a sign of life."""
    with full.servers.postgres.connect(f"aid_{service}") as connection:
        rows = connection.execute("SELECT process FROM heartbeats WHERE part = 'consumer'").fetchall()
    return any(row[0].endswith(f":{process}") for row in rows)


def test_a_worker_that_was_killed_is_started_again_and_works(full: FullRun) -> None:
    full.kill("work-referrals")
    assert full.revive() == ["work-referrals"]
    process = full.programs["work-referrals"].pid
    until(lambda: _beating(full, "referrals", process), what="a sign of life of the new worker")
    full.wait()


def test_a_web_process_that_is_away_closes_the_door_until_it_is_back(full: FullRun) -> None:
    full.kill("web-notifications")
    report = full.ready()
    assert report["status"] == "unavailable"
    assert [problem["code"] for problem in report["problems"]] == ["notifications-away"]
    full.resume("web-notifications")
    full.wait()


def test_a_door_whose_own_process_is_away_has_no_readiness_to_tell(full: FullRun) -> None:
    full.kill("web-front")
    assert httpx.get(full.url + "/ready").status_code == 503
    assert full.ready() == {}
    full.resume("web-front")
    full.wait()


def test_intake_serves_on_while_the_broker_is_down(full: FullRun) -> None:
    full.kill("rabbitmq")
    until(lambda: full.ready().get("status") == "degraded", what="the relay's word that the broker is away")
    assert httpx.get(full.url + "/").status_code == 200
    assert full.revive_servers() == ["rabbitmq"]
    full.wait()


def test_make_up_says_where_it_is_and_make_down_ends_it(tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {"PORT": str(port), "CAREHUT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "deploy.local.up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if line.startswith("logs, data"):
                break
        assert any(f"http://127.0.0.1:{port}" in line for line in said), "".join(said)
        whole = tree(up.pid)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (second.returncode, "already up" in second.stderr) == (1, True)

        subprocess.run([*command, "--stop"], env=environment, check=True, capture_output=True)
        assert up.wait(10) == 0
    assert not answers(port)
    assert not [process for process in whole if tree(process)]
    nothing = subprocess.run(
        [*command, "--stop"], env=environment, capture_output=True, text=True, check=True
    )
    assert nothing.stdout == "nothing is up\n"


def test_a_killed_make_up_leaves_nothing_running(tmp_path: Path) -> None:
    environment = os.environ | {"PORT": str(free_port()), "CAREHUT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "deploy.local.up"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        for line in up.stdout:
            if "serve, work" in line:
                break
        whole = [process for process in tree(up.pid) if process != up.pid]
        up.send_signal(signal.SIGKILL)
    until(lambda: not [process for process in whole if tree(process)], what="the end of every process")
