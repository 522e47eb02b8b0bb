"""Flask's JSON through orjson: fast, strict UTF-8, moments as in events: RFC 3339, UTC, milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import flask
import orjson
from flask.json.provider import JSONProvider

from shared.events import timestamp

# Left to itself orjson drops the fraction of a whole second, and then the order of texts is not that of moments.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def dumps(value: object) -> bytes:
    """Write JSON as UTF-8 bytes; mappings that are no ``dict`` are written as objects."""
    return orjson.dumps(value, _plain, _OPTIONS)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> flask.Response:
    """Make a JSON answer at once, without a schema: for hot paths whose shape a test holds to the documented one."""
    return flask.Response(dumps(value), status, headers, mimetype="application/json")


class OrjsonProvider(JSONProvider):
    """What ``flask.jsonify`` and ``request.json`` use."""

    def dumps(self, obj: Any, **_: Any) -> str:  # noqa: ANN401 - as the base
        """Write JSON as text."""
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - as the base
        """Read JSON."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:  # noqa: ANN401 - as the base
        """Make the response of ``jsonify`` and of views that return a dict or list."""
        return flask.Response(dumps(self._prepare_response_obj(args, kwargs)), mimetype="application/json")
