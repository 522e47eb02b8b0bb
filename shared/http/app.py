"""The application factory of every service's web: one place where guards, errors and documentation are put together."""

from __future__ import annotations

import flask

from shared.http.spec import AppSpec, Check

__all__ = ["AppSpec", "Check", "create_app"]


def create_app(spec: AppSpec) -> flask.Flask:
    """Make the Flask application of one service. Connects to nothing and reads no environment.

    Raises:
        UncoveredRoute: a view carries neither ``@permit`` nor ``@public``.
    """
    raise NotImplementedError
