"""``carehut run``: the whole installation on this machine, with nothing else installed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping

import click

from deploy.cli.words import Refusal, Text, say

_HELP = Text(
    "在本机运行全部服务：SQLite 文件放在 CAREHUT_HOME（默认项目目录下的 .carehut），消息在内存中传递。"
    "首次启动自动建库、应用区县包并生成密钥；就绪后打印地址与演示账号。Ctrl-C 结束。\n\n"
    "PORT 端口（默认 8000）；CAREHUT_DISTRICT 区县（默认 530103）；CAREHUT_BIND 地址（默认 127.0.0.1）。",
    "Run everything on this machine: SQLite files in CAREHUT_HOME (.carehut beside the project if not set), messages "
    "in memory. The first start makes the databases, applies the district pack and makes the keys; once it serves it "
    "prints its address and the demo accounts. Ctrl-C ends it.\n\n"
    "PORT (8000 if not set), CAREHUT_DISTRICT (530103), CAREHUT_BIND (127.0.0.1).",
)
_SEVERAL = Text(
    "单机运行只有一个工作进程，而 WEB_CONCURRENCY 是 {count}。",
    "The embedded run has one worker, and WEB_CONCURRENCY is {count}.",
)
_DATABASES = Text(
    "已设置数据库地址，那是完整运行的设置。", "Database addresses are set: those are the full run's."
)
_USE_SERVE = Text(
    "取消 CAREHUT_*_DATABASE_URL；或用 carehut serve 与 carehut work。",
    "Unset CAREHUT_*_DATABASE_URL, or use carehut serve and carehut work.",
)


_CHOOSING = ("CAREHUT_HOME", "CAREHUT_DISTRICT")


@click.command(help=say(_HELP))
def run() -> None:
    """Serve until told to stop."""
    from deploy.embedded import door, prepare
    from deploy.embedded.greeting import greeting
    from deploy.embedded.lock import AlreadyRunning, hold
    from deploy.installation import Installation
    from shared.sealing import Keyring
    from shared.telemetry.logs import configure

    count = os.environ.get("WEB_CONCURRENCY", "1")
    if count != "1":
        raise Refusal(_SEVERAL.format(count=count), Text("取消 WEB_CONCURRENCY。", "Unset WEB_CONCURRENCY."))
    installation = Installation()
    if not installation.embedded:
        raise Refusal(_DATABASES, _USE_SERVE)
    installation.home.create()
    try:
        lock = hold(installation.home.lock)
        listening = door.take(installation.environ)
        prepare.prepare(installation, lambda kept: click.echo(say(kept), err=True))
        district = installation.district
        door.refuse_exposure(installation.environ, demo=district.demo)
        # The wrong master key is better said here than by every page.
        Keyring(installation.database("intake"), installation.master(demo=district.demo)).load()
    except AlreadyRunning as error:
        raise Refusal(
            Text(
                f"{error.folder} 已由进程 {error.pid} 使用。",
                f"Process {error.pid} already serves {error.folder}.",
            ),
            Text("先停掉它，或另设 CAREHUT_HOME。", "Stop it first, or set another CAREHUT_HOME."),
        ) from error
    except prepare.CannotRunHere as error:
        raise Refusal(error.problem, error.remedy) from error
    words = greeting(district, installation.environ["CAREHUT_PUBLIC_URL"], _command(os.environ), say)
    installation.close()
    from deploy.embedded.server import Embedded

    configure("embedded", "web")
    Embedded(installation, listening, lambda: click.echo(words)).run()
    os.close(lock)


def _command(environ: Mapping[str, str]) -> str:
    """Give how this command is called again from here, with the settings that choose the installation."""
    chosen = [f"{name}={shlex.quote(environ[name])}" for name in _CHOOSING if environ.get(name)]
    program = sys.argv[0]
    shortest = min(program, os.path.relpath(program), key=len) if os.sep in program else program
    return " ".join([*chosen, shlex.quote(shortest)])
