"""The table of paths as a WSGI application, for the embedded run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from deploy.front.paths import PATHS, owner_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def dispatcher(apps: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """Join applications into one: ``apps`` maps each name of the table of paths to its application.

    Paths are passed on whole, as nginx does: every service knows its own prefix.

    Raises:
        LookupError: the table names an application that was not given.
    """
    if missing := set(PATHS.values()) - set(apps):
        message = f"no application for {', '.join(sorted(missing))}"
        raise LookupError(message)

    def dispatch(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return apps[owner_of(environ.get("PATH_INFO") or "/")](environ, start_response)

    return dispatch
