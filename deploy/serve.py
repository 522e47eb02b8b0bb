"""A web application behind gunicorn, set up in code: one place for the settings of every web process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gunicorn.app.base import BaseApplication

THREADS = 8
KEEP_ALIVE_SECONDS = 30
GRACEFUL_SECONDS = 20
SILENT_WORKER_SECONDS = 60

COMMON: Mapping[str, object] = {
    "worker_class": "gthread",
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
        """Make the application; gunicorn's hook, called in the worker."""
        return self._load()
