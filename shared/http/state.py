"""What the running application keeps for its views: the spec it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import flask

if TYPE_CHECKING:
    from shared.http.spec import AppSpec

KEY = "aid"


def state() -> AppSpec:
    """Give the spec of the application that serves the present request."""
    return cast("AppSpec", flask.current_app.extensions[KEY])
