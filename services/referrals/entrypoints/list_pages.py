"""What the pages of lists share: their query, their place, and the address of the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import flask

from shared.http import paging
from shared.http.blueprint import load
from shared.http.schema import Schema


def query_of(schema: Schema) -> Mapping[str, Any]:
    """Load what the address asks for."""
    # A form of the method GET sends its empty fields too.
    query: Mapping[str, Any] = load(
        schema, {name: value for name, value in flask.request.args.items() if value}
    )
    return query


def address(path: str, query: Mapping[str, object]) -> str:
    """Make the address of a list, with what was given of its query."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def place_of(page: paging.Page) -> tuple[int, str] | None:
    """Give the place in a list ordered by rank at which a page begins."""
    return None if page.after is None else (int(page.after[0]), str(page.after[1]))
