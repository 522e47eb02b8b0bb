"""A web application behind gunicorn, set up in code: one place for the settings of every web process."""

from __future__ import annotations

import contextlib
import importlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from deploy.embedded.environment import SERVICES
from deploy.memory import settle
from deploy.unreadable import answer_to, problem_of
from shared.addresses import is_loopback
from shared.http.admission import Admission, waited
from shared.text import Text

if TYPE_CHECKING:
    from deploy.front import FrontSettings

THREADS = 8
KEEP_ALIVE_SECONDS = 30
GRACEFUL_SECONDS = 20
SILENT_WORKER_SECONDS = 60

log = structlog.get_logger(__name__)


class TimedThreads(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's threads, which tell the application how long a request has waited for one of them."""

    def enqueue_req(self, conn: Any) -> None:  # noqa: ANN401 - gunicorn's connection
        """Note when a request was seen; gunicorn's own step before the pool of threads."""
        conn.seen_at = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 - as above
        """Serve one request in a thread."""
        waited.seconds = time.monotonic() - conn.seen_at
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ANN401, ARG002 - as above
        """Answer what no application was asked about; gunicorn's own way quotes it, on the page and in the log."""
        problem = problem_of(exc)
        log.warning("request unreadable", status=problem.status, exc_info=exc)
        # Whoever sends such things does not always wait for the answer.
        with contextlib.suppress(OSError):
            write_nonblock(client, answer_to(problem))


COMMON: Mapping[str, object] = {
    # Threads keep the front door's connections open and wait together for the database's disk: measured half as
    # much again in requests per second as plain workers, which wake each other for every connection.
    "worker_class": TimedThreads,
    "threads": THREADS,
    "keepalive": KEEP_ALIVE_SECONDS,
    "graceful_timeout": GRACEFUL_SECONDS,
    "timeout": SILENT_WORKER_SECONDS,
    # Connections and threads belong to one process: every worker makes its own after the fork.
    "preload_app": False,
    # A control socket would be one more door, in a fixed place that two installations would share.
    "control_socket_disable": True,
    "loglevel": "warning",
    "errorlog": "-",
    # Access is logged by the application itself, with ids and without query strings.
    "accesslog": None,
    "limit_request_line": 8190,
}


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Serves what ``load`` makes, once in each worker process.

    ``settings`` are gunicorn's own and override ``COMMON``; nothing is read from the command line, from
    GUNICORN_CMD_ARGS or from a file, so that what runs is what stands here.
    """

    def __init__(self, load: Callable[[], Any], settings: Mapping[str, object]) -> None:
        self._load = load
        self._settings = {**COMMON, **settings}
        super().__init__()

    def load_config(self) -> None:
        """Take the settings over; gunicorn's hook."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Make the application, with admission before it; gunicorn's hook, called in the worker."""
        application = Admission(self._load())
        settle()
        return application


class PlainHttp(Exception):
    """The public address can be reached from other machines and has no TLS; ``problem`` and ``remedy`` say so."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.problem = Text(
            f"{url} 可从别的机器访问，但没有 TLS。", f"{url} can be reached from other machines, without TLS."
        )
        self.remedy = Text(
            "把 CAREHUT_PUBLIC_URL 设为 https 地址；只在本机试用时设为 http://127.0.0.1:端口。",
            "Set CAREHUT_PUBLIC_URL to an https address, or to http://127.0.0.1:PORT for a trial on this machine.",
        )


def refuse_plain_http(public_url: str) -> None:
    """Raise ``PlainHttp`` unless the public address has TLS or is of this machine alone."""
    public = urlsplit(public_url)
    if public.scheme != "https" and not is_loopback(public.hostname or ""):
        raise PlainHttp(public_url)


def application(name: str, environ: Mapping[str, str], settings: FrontSettings) -> Callable[[], Any]:
    """Give what makes an application of the front door's table, to be called in a worker process.

    Raises ``shared.settings.MissingSettings`` here and now: from a worker it would be a stack trace in the log.
    """
    if name in SERVICES:
        config = importlib.import_module(f"services.{name}.config").Config.from_environment(environ)
        return partial(_service, name, config)
    return partial(_front, settings)


def _service(name: str, config: object) -> Any:  # noqa: ANN401 - settings of one service, and a WSGI application
    return importlib.import_module(f"services.{name}.bootstrap").create_app(config)


def _front(settings: FrontSettings) -> Any:  # noqa: ANN401 - a WSGI application
    from deploy.front import FrontApp, remote  # noqa: PLC0415 - a service's web needs none of it

    return FrontApp(remote({name: settings.upstreams[name] for name in SERVICES}))
