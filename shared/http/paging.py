"""Keyset paging: ``?limit=&cursor=`` in, ``{"items": […], "next": "…"}`` out; cursors are opaque."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flask
import orjson

from shared.http.problems import BadInput
from shared.http.state import state
from shared.sealing import SealingError
from shared.text import Text

LIMIT = 20
MOST = 100

_BAD_CURSOR = Text(
    "cursor 无效；请使用上一页答复中的 next，或省略它从第一页开始。",
    "Not a cursor of this list; use next of the page before, or leave it out to begin at the first.",
)
_BAD_LIMIT = Text("limit 应为 1 至 {most} 的整数。", "limit must be a whole number from 1 to {most}.").format(
    most=MOST
)


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for: at most ``limit`` rows, those ``after`` this key (None: from the start)."""

    limit: int
    after: tuple[Any, ...] | None = None


def page_args(request: flask.Request, *, limit: int = LIMIT) -> Page:
    """Read ``limit`` and ``cursor`` of a list's query.

    Raises:
        BadInput: 422 naming ``limit`` or ``cursor``.
    """
    return page_of(request.args.get("limit"), request.args.get("cursor"), default=limit)


def page_of(limit: str | int | None, cursor: str | None, *, default: int = LIMIT) -> Page:
    """Make the page from values a schema has already taken out of the query; raises as ``page_args``."""
    try:
        rows = default if limit in {None, ""} else int(limit or 0)
    except ValueError:
        rows = 0
    if not 1 <= rows <= MOST:
        raise BadInput.of("limit", _BAD_LIMIT)
    return Page(rows, _open(cursor) if cursor else None)


def cursor(after: tuple[Any, ...]) -> str:
    """Make the opaque cursor that continues after this key; good only for the path it was made at.

    The key's parts are ``str``, ``int``, ``bool``, None, dates or aware moments.
    """
    plain = orjson.dumps([_pack(part) for part in after]).decode()
    sealed = state().keyring.fields.encrypt("paging", "cursor", flask.request.path, plain)
    return base64.urlsafe_b64encode(sealed or b"").rstrip(b"=").decode()


def answer(items: list[Any], page: Page, key: Callable[[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """Make the answer from up to ``limit + 1`` rows: the surplus row only tells that there is a next page."""
    shown = items[: page.limit]
    return {"items": shown, "next": cursor(key(shown[-1])) if len(items) > page.limit else None}


def _open(given: str) -> tuple[Any, ...]:
    try:
        sealed = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        plain = state().keyring.fields.decrypt("paging", "cursor", flask.request.path, sealed)
        return tuple(_unpack(part) for part in orjson.loads(plain or ""))
    except (SealingError, binascii.Error, ValueError, TypeError, KeyError) as error:
        raise BadInput.of("cursor", _BAD_CURSOR) from error


_TAGS: Mapping[str, Callable[[str], Any]] = {"date": dt.date.fromisoformat, "time": dt.datetime.fromisoformat}


def _pack(part: object) -> object:
    if isinstance(part, dt.datetime):
        return {"time": part.isoformat()}
    if isinstance(part, dt.date):
        return {"date": part.isoformat()}
    return part


def _unpack(part: object) -> object:
    if isinstance(part, Mapping):
        ((tag, value),) = part.items()
        return _TAGS[tag](value)
    return part
