"""The id of the request being served, so that every log line and every error can carry it."""

from __future__ import annotations

from contextvars import ContextVar, Token

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def bind(request_id: str) -> Token[str | None]:
    """Set the request id for what follows in this thread; undo with ``release``."""
    return _request_id.set(request_id)


def release(token: Token[str | None]) -> None:
    """Forget the request id that ``bind`` set."""
    _request_id.reset(token)


def request_id() -> str | None:
    """Give the id of the request being served, or None outside one."""
    return _request_id.get()
