"""Setting up logs: one JSON line per fact on standard error, or a readable line on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from shared.telemetry.context import request_id
from shared.telemetry.discretion import discreet, places

_SPEAKS_OF_MACHINES = ("alembic", "gunicorn")
"""Libraries whose messages may be logged filled in; of others only the unfilled form, whose gaps may be values."""


def configure(service: str, process: str, *, console: bool | None = None, level: int = logging.INFO) -> None:
    """Send all logs of this process, our own and the libraries', to standard error.

    ``service`` and ``process`` (web, worker, relay, …) stand in every line. ``console`` chooses readable lines over
    JSON; by default when standard error is a terminal. Call it once, where a process begins.
    """
    readable = sys.stderr.isatty() if console is None else console
    constant = {"service": service, "process": process}

    def circumstances(
        _logger: object, method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        request = request_id()
        if request is not None:
            line["request_id"] = request
        line["level"] = method
        line.update(constant)
        return line

    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if readable
        else structlog.processors.JSONRenderer(serializer=_serialise)
    )
    structlog.configure(
        processors=[
            circumstances,
            places,
            discreet,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at_time"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=(
            structlog.PrintLoggerFactory(sys.stderr)
            if readable
            else structlog.BytesLoggerFactory(sys.stderr.buffer)
        ),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge()]
    root.setLevel(logging.WARNING)
    for library in _SPEAKS_OF_MACHINES:
        logger = logging.getLogger(library)
        logger.setLevel(logging.INFO)
        logger.handlers.clear()
        logger.propagate = True


def _serialise(line: object, **_: object) -> bytes:
    return orjson.dumps(line, default=str)


class _Bridge(logging.Handler):
    """Hands the libraries' log records to structlog, so that there is one form of line and one rule of discretion."""

    def emit(self, record: logging.LogRecord) -> None:
        library = record.name.split(".")[0]
        message = record.getMessage() if library in _SPEAKS_OF_MACHINES else str(record.msg)
        structlog.get_logger().log(record.levelno, message, logger=record.name, exc_info=record.exc_info)
