"""``make up`` and ``make down``: the full run in the foreground, and how to stop it from elsewhere."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from deploy.cli.words import say
from deploy.embedded.environment import DEFAULT_DISTRICT, DEFAULT_PORT, home
from deploy.embedded.greeting import greeting
from deploy.embedded.lock import AlreadyRunning, hold, is_held
from deploy.local.full_run import CAREHUT, FullRun
from deploy.local.ports import is_free
from deploy.local.program import Missing, Stuck
from deploy.local.servers import Servers
from shared.directory import load_pack

WATCH_SECONDS = 1.0
STOP_SECONDS = 90


class _Ended(BaseException):
    """A signal asked for the end; no handler of ordinary errors may take it for one."""


@click.command(help="The full run on this machine, on private PostgreSQL and RabbitMQ servers, until Ctrl-C.")
@click.option("--stop", "stopping", is_flag=True, help="Stop the one that runs, and wait until it has ended.")
def up(*, stopping: bool) -> None:
    """Start everything and watch over it, or stop it."""
    folder = home(os.environ).path / "local"
    if stopping:
        stop(folder)
        return
    # Not private to us: PostgreSQL's own user must be able to walk through it. What is secret inside is.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    try:
        hold(folder / "up.lock")
        run(folder)
    except AlreadyRunning as error:
        raise click.ClickException(f"already up, as process {error.pid}; make down stops it") from error
    except (Missing, Stuck) as error:
        raise click.ClickException(str(error)) from error


def run(folder: Path) -> None:
    """Start everything under ``folder``, say where it is, and start again what ends, until a signal comes."""
    port = int(os.environ.get("PORT", DEFAULT_PORT))
    if not is_free(port):
        message = f"port {port} is in use; choose another: make up PORT=8080"
        raise click.ClickException(message)
    district = os.environ.get("CAREHUT_DISTRICT", DEFAULT_DISTRICT)
    full = FullRun(Servers(folder, nginx=True, district=district, port=port))
    _on_signal(_raise)
    try:
        full.start(say=lambda step: click.echo(f"  {step}"))
        _greet(full, folder, district)
        while True:
            time.sleep(WATCH_SECONDS)
            for name in (*full.revive_servers(), *full.revive()):
                log = (full.servers.programs() | full.programs)[name].log
                click.echo(f"{name} had ended and was started again; see {log}")
    except _Ended:
        click.echo("stopping")
    finally:
        _on_signal(signal.SIG_IGN)
        full.stop()


def _on_signal(what: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, what)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise _Ended


def stop(folder: Path) -> None:
    """Ask the running one to stop and wait for it; nothing if none runs."""
    lock = folder / "up.lock"
    if not lock.exists() or not is_held(lock):
        click.echo("nothing is up")
        return
    with contextlib.suppress(ProcessLookupError):  # it ends by itself at this moment
        os.kill(int(lock.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_held(lock):
        if time.monotonic() > deadline:
            message = f"it has not ended after {STOP_SECONDS} s; see {folder}"
            raise click.ClickException(message)
        time.sleep(0.1)
    click.echo("stopped")


def _greet(full: FullRun, folder: Path, district: str) -> None:
    command = f". {shlex.quote(str(_write_environment(full, folder)))} && {CAREHUT[0]}"
    click.echo(greeting(load_pack(district), full.url, command, say))
    click.echo(f"logs, data: {folder}")
    sys.stdout.flush()


def _write_environment(full: FullRun, folder: Path) -> Path:
    """Write the settings for a shell to read, so that commands reach these servers; they hold passwords."""
    settings = {
        name: value
        for name, value in sorted(full.settings().items())
        if name.startswith("CAREHUT_") or name == "PORT"
    }
    file = folder / "environment"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))
    return file


if __name__ == "__main__":
    up()
