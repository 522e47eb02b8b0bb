"""``carehut serve``: one service's web, behind gunicorn, in the foreground."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from deploy.cli.words import Text, refuse_without_addresses, say

_APPLICATIONS = ("intake", "referrals", "notifications", "front")
_HELP = Text(
    "运行一个服务的网页进程（gunicorn，前台）。SERVICE：intake、referrals、notifications，或 front"
    "（/live、/ready、/asyncapi.json）。SIGTERM 结束：先办完正在处理的请求。",
    "Run the web processes of one service (gunicorn, in the foreground). SERVICE is intake, referrals, notifications, "
    "or front (/live, /ready, /asyncapi.json). SIGTERM ends it once the requests at hand are answered.",
)
_BIND = Text(
    "监听地址；默认取 CAREHUT_<SERVICE>_ADDRESSES 的第一个，再默认本机端口",
    "where to listen; the first of CAREHUT_<SERVICE>_ADDRESSES if not given, else a port of loopback",
)
_WORKERS = Text("工作进程数", "worker processes")
_THREADS = Text("每个进程的线程数", "threads of each process")


@click.command(help=say(_HELP))
@click.argument("service", type=click.Choice(_APPLICATIONS))
@click.option("--bind", metavar="HOST:PORT", help=say(_BIND))
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help=say(_WORKERS))
@click.option("--threads", type=click.IntRange(1, 256), help=say(_THREADS))
def serve(service: str, bind: str | None, workers: int, threads: int | None) -> None:
    """Serve until told to stop."""
    from deploy.front import FrontSettings
    from deploy.installation import Installation
    from deploy.serve import Server, application, refuse_plain_http
    from shared.telemetry.logs import configure

    installation = Installation()
    if installation.embedded:
        refuse_without_addresses()
    settings = FrontSettings.from_environment(installation.environ)
    refuse_plain_http(settings.public_url)
    load = application(service, installation.environ, settings)
    configure(service, "web")
    chosen: dict[str, object] = {"bind": [bind or settings.upstreams[service][0]], "workers": workers}
    if threads is not None:
        chosen["threads"] = threads
    Server(partial(in_plain_words, load), chosen).run()


def in_plain_words(load: Callable[[], Any]) -> Any:  # noqa: ANN401 - a WSGI application
    """Make the application in a worker process; what it stands on may be away, which is told without a stack trace.

    Raises gunicorn's ``AppImportError``, whose words gunicorn prints before the server ends with exit code 4.
    """
    from gunicorn.errors import AppImportError

    from deploy.cli.faults import refusal_for

    try:
        return load()
    except Exception as error:
        refusal = refusal_for(error)
        if refusal is None:
            raise
        raise AppImportError(refusal.format_message()) from error
