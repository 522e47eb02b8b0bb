"""The private servers: they come back after a kill, hang when frozen, and end with whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.environment import SERVICES
from deploy.local import Missing, Program, Servers, Stuck
from deploy.local.names import broker_user
from deploy.local.ports import answers, free_port
from deploy.local.processes import stands, tree
from deploy.local.vault import Vault
from tests.conftest import absent
from tests.messaging.brokers import write_down

_SLEEPER = "import time; print('up', flush=True); time.sleep(600)"


def _sleepers() -> list[int]:
    """List the sleepers that came from this process, whatever servers of other tests start beside them."""
    return [process for process in tree(os.getpid()) if _SLEEPER.encode() in _command_of(process)]


def _command_of(process: int) -> bytes:
    with suppress(OSError):  # it may have ended since
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def _until(holds: Callable[[], bool], within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _listener(folder: Path, port: int) -> Program:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    return Program("listener", command, folder=folder, ready=lambda: answers(port))


@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_both_servers_come_back_after_a_kill_with_what_they_kept() -> None:
    with Servers.temporary() as servers:
        try:
            servers.start()
        except Missing as error:
            absent(str(error))
        url = servers.postgres_url("intake", "owner").replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
        servers.rabbitmq.call("PUT", "queues/aid-530103/kept", {"durable": True})
        write_down(servers)

        for name in ("postgres", "rabbitmq"):
            servers.kill(name)
        assert not answers(servers.postgres.port)
        assert not answers(servers.rabbitmq.port)
        for name in ("postgres", "rabbitmq"):
            servers.resume(name)

        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        assert servers.rabbitmq.call("GET", "queues/aid-530103/kept")["durable"] is True


@pytest.mark.postgres
def test_a_services_roles_reach_only_their_own_database(postgres: Servers) -> None:
    url = postgres.postgres_url("intake", "web").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("aid_intake_web",)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.removesuffix("aid_intake") + "aid_referrals")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(":" + url.split(":")[2].split("@")[0], ":wrong"))


@pytest.mark.postgres
def test_a_frozen_server_hangs_and_goes_on_when_thawed(postgres: Servers) -> None:
    url = postgres.postgres_url("intake", "web").replace("+psycopg", "")
    with psycopg.connect(url, options="-c statement_timeout=0") as connection:
        connection.execute("SELECT 1")
        postgres.freeze("postgres")
        connection.pgconn.send_query(b"SELECT 2")
        connection.pgconn.flush()
        assert connection.pgconn.is_busy()
        postgres.thaw("postgres")
        result = connection.pgconn.get_result()
        assert result is not None
        assert result.get_value(0, 0) == b"2"
        while connection.pgconn.get_result():
            continue


def _listening(process: int) -> set[tuple[str, int]]:
    """Give address (as the kernel writes it) and port of every TCP socket on which a process listens."""
    sockets = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            sockets.add(str(file.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[column] for column in (1, 3, 9))
            if state == "0A" and inode in sockets:
                found.add((local.partition(":")[0], int(local.partition(":")[2], 16)))
    return found


@pytest.mark.rabbitmq
@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's own table")
def test_nothing_listens_on_a_default_port_or_beyond_loopback(rabbitmq: Servers) -> None:
    program = rabbitmq.rabbitmq.program
    assert program is not None
    assert program.pid is not None
    listening = _listening(program.pid)
    assert {address for address, _ in listening} == {"0100007F"}
    assert {rabbitmq.rabbitmq.port, rabbitmq.rabbitmq.management} < {port for _, port in listening}
    assert not {port for _, port in listening} & {4369, 5672, 15672, 25672}


@pytest.mark.rabbitmq
def test_a_services_user_may_do_nothing_before_the_topology_is_applied(rabbitmq: Servers) -> None:
    # In a vhost of its own: other tests of this run may have applied the topology to the servers' first one.
    rabbitmq.rabbitmq.add_vhost("aid-untouched")
    for service in SERVICES:
        rabbitmq.rabbitmq.add_user(broker_user(service))
    permissions = rabbitmq.rabbitmq.call("GET", "permissions")
    assert {row["user"] for row in permissions if row["vhost"] == "aid-untouched"} == {"aid-admin"}
    rabbitmq.rabbitmq.remove_vhost("aid-untouched")


def test_a_program_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    port = free_port()
    script = f"""
import sys, time
from pathlib import Path
from deploy.local import Program
from deploy.local.ports import answers
command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
Program("listener", command, folder=Path({str(tmp_path)!r}), ready=lambda: answers({port})).start()
print("started", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        assert answers(port)
        starter.send_signal(signal.SIGKILL)
    assert _until(lambda: not answers(port)), "the program outlived the process that started it"


def test_a_program_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    program = _listener(tmp_path, free_port())
    thread = threading.Thread(target=program.start)
    thread.start()
    thread.join()
    ended = _until(lambda: program.pid is None, within=0.5)
    assert not ended
    program.stop()


def test_a_program_that_is_killed_while_somebody_starts_it_again_runs_once(tmp_path: Path) -> None:
    program = Program("sleeper", [sys.executable, "-c", _SLEEPER], folder=tmp_path, ready=lambda: True)
    over = threading.Event()

    def supervise() -> None:
        while not over.is_set():
            program.begin()

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        for _ in range(10):
            program.begin()
            program.kill()
    finally:
        over.set()
        supervisor.join()
    running = _sleepers()
    program.kill()
    assert len(running) <= 1, "somebody's start was forgotten and goes on"
    assert not _sleepers()


def test_a_frozen_program_stands_with_all_its_threads(tmp_path: Path) -> None:
    busy = "import threading\nfor _ in range(4): threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()"
    program = Program("busy", [sys.executable, "-c", busy], folder=tmp_path, ready=lambda: True)
    program.start()
    process = program.pid
    assert process is not None
    assert not stands(process)
    program.freeze()
    assert stands(process)
    program.thaw()
    assert not stands(process)
    program.kill()
    assert stands(process)


def test_stopping_ends_the_whole_tree(tmp_path: Path) -> None:
    script = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_SLEEPER!r}]).wait()"
    program = Program(
        "parent",
        [sys.executable, "-c", script],
        folder=tmp_path,
        ready=lambda: "up" in program.log.read_text(),
    )
    program.start()
    assert program.pid is not None
    whole = tree(program.pid)
    assert len(whole) == 2
    program.stop()
    assert not [process for process in whole if tree(process)]


def test_a_program_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such setting'); raise SystemExit(3)"]
    with pytest.raises(Stuck, match="no such setting"):
        Program("broken", command, folder=tmp_path, ready=lambda: False).start()


def test_a_program_that_never_serves_is_told_and_ended(tmp_path: Path) -> None:
    program = Program("mute", [sys.executable, "-c", _SLEEPER], folder=tmp_path, ready=lambda: False)
    with pytest.raises(Stuck, match="not ready within"):
        program.start(within=0.5)
    assert program.pid is None


def test_starting_twice_keeps_the_first(tmp_path: Path) -> None:
    program = _listener(tmp_path, free_port())
    program.start()
    first = program.pid
    program.start()
    assert program.pid == first
    program.stop()


def test_secrets_stay_the_same_and_are_their_owners_alone(tmp_path: Path) -> None:
    first = Vault(tmp_path)
    password, key = first.password("someone"), first.key("master")
    second = Vault(tmp_path)
    assert (second.password("someone"), second.key("master")) == (password, key)
    assert first.password("another") != password
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_environment_names_every_setting_of_a_full_run(tmp_path: Path) -> None:
    given = Servers(tmp_path, nginx=True).environment("141002", role="worker")
    assert given["CAREHUT_DISTRICT"] == "141002"
    assert given["CAREHUT_INTAKE_AMQP_URL"].endswith("/aid-141002")
    assert "aid_intake_worker:" in given["CAREHUT_INTAKE_DATABASE_URL"]
    assert "aid_intake_owner:" in given["CAREHUT_INTAKE_OWNER_URL"]
    assert given["CAREHUT_RABBITMQ_ADMIN_URL"].startswith("http://aid-admin:")
    assert given["PORT"] in given["CAREHUT_PUBLIC_URL"]
    assert not [
        name for name in given if name not in os.environ and not name.startswith(("CAREHUT_", "PORT"))
    ]
